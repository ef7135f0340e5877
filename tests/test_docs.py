"""The documents' generated tables are those of the code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from scripts.docs import FILES, SCHEMA, SECTIONS, current, schema

FIXTURES = sorted(SCHEMA.parent.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_generated_tables_are_current(file: Path) -> None:
    assert file.read_text() == current(file.read_text()), "run python scripts/docs.py"


def test_every_table_is_in_a_document() -> None:
    texts = "".join(file.read_text() for file in FILES)
    assert all(f"<!-- generated: {name} -->" in texts for name in SECTIONS)


def test_the_schema_of_scenarios_is_current() -> None:
    assert SCHEMA.read_text() == schema(), "run python scripts/docs.py"


@pytest.mark.parametrize("file", FIXTURES, ids=lambda file: file.stem)
def test_a_scenario_that_comes_along_fits_the_schema_that_it_names(file: Path) -> None:
    text = file.read_text()
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    document = json.loads(json.dumps(yaml.safe_load(text) or {}, default=str))  # editors read dates as texts
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))


TWO_TIMES = {"member_id": "6565c12a3b4e0d83d3f58ea0", "create_time": "2023-11-28T18:30:02+0800"}


@pytest.mark.parametrize(
    "scenario",
    [
        {"accme": {}},
        {"clock": {"mode": "stopped"}},
        {"behaviours": {"emma.paging_end": "never"}},
        {"behaviours": {"emma.job_queue_seconds": -1}},
        {"emma": {"accounts": [{"account_id": 100, "membres": []}]}},
        {"emma": {"accounts": [{"account_id": "shop"}]}},
        {"emma": {"accounts": [{"account_id": 100, "members": [{"email": "a@b.test", "member_status_id": "x"}]}]}},
        {"engagelab": {"accounts": [{"api_user": "shop", "members": [{"email": "a@b.test", **TWO_TIMES}]}]}},
        {"faults": [{"stauts": 500}]},
        {"faults": [{"status": 500, "match": {"bdy": "x"}}]},
        {"faults": [{"delay": [1, 2, 3]}]},
        {"faults": [{"delay": 1, "probability": 2}]},
        {"faults": {"status": 500}},
        {"limits": {"emma": {"calls": 0}}},
        {"limits": {"engagelab": True}},
    ],
    ids=str,
)
def test_an_editor_sees_what_is_wrong(scenario: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(scenario, json.loads(SCHEMA.read_text()))


def test_an_editor_takes_faults_and_limits() -> None:
    match = {"query": {"count": "true"}, "body": {"members": [{"email": "a@b.test"}]}, "path": "members"}
    faults = [
        {"operation": "emma.*", "account": 100, "status": 500, "message": "no", "nth": 2, "match": match},
        {"id": "slow", "delay": [0.5, 2], "answer": "slow", "seconds": 3, "probability": 0.5, "when": "after"},
    ]
    scenario = {"faults": faults, "limits": {"emma": {"calls": 5}}}
    jsonschema.validate(scenario, json.loads(SCHEMA.read_text()))
    jsonschema.validate({"limits": {"emma": True}}, json.loads(SCHEMA.read_text()))


def test_choices_may_be_written_as_yaml_reads_them() -> None:
    choices = {"engagelab.not_found_status": 404, "emma.restored_is_added": True, "emma.job_queue_seconds": 3}
    jsonschema.validate({"behaviours": choices}, json.loads(SCHEMA.read_text()))
