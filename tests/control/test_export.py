"""A world as a scenario, whatever is in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from starlette.testclient import TestClient

from emulator import create_app
from emulator.core.scenarios import scenario_writer
from emulator.core.scenarios.scenario_file import built_in
from emulator.core.scenarios.scenario_writer import write_json
from emulator.core.scenarios.scenario_yaml import write_yaml
from emulator.settings import Settings
from scripts.docs import SCHEMA
from tests.conftest import ClientFactory
from tests.emma.support import AUTH
from tests.round_trip import STATE, check_round_trip, exported, load

LARGE = "large"
SCENARIOS = sorted(built_in().keys() - {LARGE})


@pytest.fixture(autouse=True)
def _as_emma(client: TestClient) -> None:
    client.headers["Authorization"] = AUTH


def refused(client: TestClient, query: str) -> tuple[int, str]:
    answer = client.get(f"{STATE}?{query}")
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize("query", ["credentials=include", "credentials=omit"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_that_comes_along_goes_out_and_comes_back(
    make_client: ClientFactory, name: str, query: str
) -> None:
    check_round_trip(make_client(scenario=(name,)), make_client(), query)


def test_a_large_scenario_goes_out_and_comes_back() -> None:
    clients = [TestClient(create_app(Settings(scenario=scenario, max_body=10**9))) for scenario in ((LARGE,), ())]
    scenario = exported(clients[0])
    load(clients[1], scenario)
    assert exported(clients[1]) == scenario


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_an_export_fits_the_schema_of_scenarios(make_client: ClientFactory, name: str, form: str) -> None:
    text = exported(make_client(scenario=(name,)), f"credentials=include&format={form}")
    document = json.loads(text) if form == "json" else yaml.safe_load(text)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))


def test_json_and_yaml_say_the_same(make_client: ClientFactory) -> None:
    client = make_client(scenario=("messy-list",))
    answers = [client.get(f"{STATE}?format={form}") for form in ("json", "yaml")]
    assert json.loads(answers[0].content) == yaml.safe_load(answers[1].content)
    assert [answer.headers["content-type"] for answer in answers] == ["application/json", "application/yaml"]


def test_a_row_has_a_line_of_its_own(make_client: ClientFactory) -> None:
    lines = exported(make_client(scenario=("newsletter",))).decode().splitlines()
    assert sum('"email":"ann.baker@mail.test"' in line and "member_id" in line for line in lines) == 2
    assert lines[-1] == "}"


def test_the_way_out_takes_a_large_world_a_part_at_a_time() -> None:
    rows = ({"member_id": number, "email": f"m{number}@shop.test"} for number in range(10_000))
    parts = list(write_json({"members": rows}))
    assert len(parts) > 10_000 // scenario_writer._AT_ONCE
    assert max(map(len, parts)) < 16_384
    assert len(json.loads(b"".join(parts))["members"]) == 10_000


@pytest.mark.parametrize(("write", "read"), [(write_json, json.loads), (write_yaml, yaml.safe_load)])
def test_nothing_is_written_as_such(write: Callable[[Any], Iterator[bytes]], read: Callable[[bytes], object]) -> None:
    document = {"a": {}, "b": iter(()), "c": {"d": iter(()), "e": []}, "f": iter([{"g": iter(()), "h": 1}])}
    assert read(b"".join(write(document))) == {"a": {}, "b": [], "c": {"d": [], "e": []}, "f": [{"g": [], "h": 1}]}


@pytest.mark.parametrize(
    "text",
    [
        "a\nb",
        "\x85\u2028\ufeff",
        "'",
        '"',
        "- a",
        "a: b",
        "#",
        "null",
        "1e3",
        "2010-11-12",
        "x" * 2000,
        "\U0001f642",
        " a ",
    ],
)
def test_yaml_has_each_row_on_one_line_whatever_is_in_it(text: str) -> None:
    document = {"rows": iter([{text: text, "list": [text]}]), "text": text}
    written = b"".join(write_yaml(document)).decode()
    assert written.count("\n") == 3
    assert yaml.safe_load(written) == {"rows": [{text: text, "list": [text]}], "text": text}


def test_all_behaviours_are_in_it_as_they_are_chosen(client: TestClient) -> None:
    chosen = {"emma.paging_end": "inclusive", "emma.job_units_per_second": 2.5, "emma.job_queue_seconds": "1e1"}
    client.put("/_emulator/behaviours", json=chosen)
    behaviours = json.loads(exported(client))["behaviours"]
    assert behaviours.keys() == {row["id"] for row in client.get("/_emulator/behaviours").json()["behaviours"]}
    assert behaviours | chosen == behaviours
    assert behaviours["engagelab.email_case"] == "insensitive"


@pytest.mark.parametrize(
    ("clock", "wanted"),
    [
        ({"mode": "frozen", "at": "2024-05-01T12:00:00.250Z"}, {"mode": "frozen", "at": "2024-05-01T12:00:00.250000Z"}),
        ({"mode": "real"}, {"mode": "real"}),
    ],
)
def test_the_clock_is_in_it(client: TestClient, clock: dict[str, str], wanted: dict[str, str]) -> None:
    client.post("/_emulator/reset", json={"clock": clock})
    assert json.loads(exported(client))["clock"] == wanted


def test_a_clock_that_was_shifted_goes_on_from_now(client: TestClient) -> None:
    client.put("/_emulator/clock", json={"mode": "shifted", "at": "2030-01-01T00:00:00Z"})
    clock = json.loads(exported(client))["clock"]
    assert (clock["mode"], clock["at"][:10]) == ("shifted", "2030-01-01")


def test_a_snapshot_goes_out_as_it_was_kept(client: TestClient) -> None:
    client.post("/100/members/add", json={"email": "ann@shop.test"})
    before = exported(client)
    client.put("/_emulator/snapshots/before")
    client.post("/100/members/add", json={"email": "bob@shop.test"})
    assert exported(client, "credentials=include&snapshot=before") == before
    assert exported(client) != before
    assert refused(client, "snapshot=after")[0] == 404


def test_other_worlds_are_not_in_it(client: TestClient) -> None:
    client.post("/_world/other/100/members/add", json={"email": "ann@shop.test"})
    assert "emma" not in json.loads(exported(client))
    assert "emma" in json.loads(exported(client, world="other"))


def test_it_says_what_is_not_in_it(client: TestClient) -> None:
    remarks = json.loads(exported(client, ""))["remarks"]
    assert "journal, snapshots and jobs that are over are not in it" in remarks[0]
    assert remarks[1].startswith("Keys and tokens are left out")
    assert len(json.loads(exported(client))["remarks"]) == 1


def test_faults_and_limits_are_in_it(client: TestClient, make_client: ClientFactory) -> None:
    fault = {"operation": "emma.members.add", "status": 500, "nth": 3, "id": "third", "match": {"body": "ann"}}
    client.post("/_emulator/faults", json=fault)
    client.put("/_emulator/limits", json={"emma": {"calls": 7, "seconds": 60}})
    document = json.loads(exported(client))
    assert document["faults"] == [fault]
    assert document["limits"] == {"emma": {"calls": 7, "seconds": 60}}
    check_round_trip(client, make_client())


def test_a_fault_whose_account_is_gone_is_not_in_it(client: TestClient, make_client: ClientFactory) -> None:
    closed = make_client(accounts="closed")
    load(closed, b"emma: {accounts: [{account_id: 100}, {account_id: 101}]}")
    for account in ("100", "101"):
        fault = {"operation": "emma.members.add", "status": 500, "account": account, "id": f"of-{account}"}
        assert closed.post("/_emulator/faults", json=fault).status_code == 201
    load(closed, b"emma: {accounts: [{account_id: 101}]}")
    document = json.loads(exported(closed))
    assert [fault["id"] for fault in document["faults"]] == ["of-101"]
    check_round_trip(closed, client)


def test_faults_and_limits_are_not_in_that_of_a_snapshot(client: TestClient) -> None:
    client.post("/_emulator/faults", json={"operation": "emma.members.add", "status": 500})
    client.put("/_emulator/limits", json={"emma": True})
    client.put("/_emulator/snapshots/before")
    assert json.loads(exported(client, "snapshot=before")).keys().isdisjoint({"faults", "limits"})


def test_remarks_change_nothing(client: TestClient) -> None:
    load(client, b"remarks: [made by hand]")
    assert "made by hand" not in exported(client).decode()


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("format=xml", "format: 'xml' is no choice; choose json or yaml"),
        ("credentials=yes", "credentials: 'yes' is no choice; choose omit or include"),
        ("unfinished=", "unfinished: '' is no choice; choose refuse or fail"),
        ("sparse=1", "unknown parameter 'sparse'; allowed are format, credentials, unfinished, snapshot"),
    ],
)
def test_what_it_does_not_know_is_refused(client: TestClient, query: str, error: str) -> None:
    assert refused(client, query) == (400, error)


def test_a_file_of_it_can_be_started_with(client: TestClient, make_client: ClientFactory, tmp_path: Path) -> None:
    client.post("/100/members/add", json={"email": "ann@shop.test", "fields": {"x" * 1200: "y"}})
    file = tmp_path / "state.json"
    file.write_bytes(exported(client))
    started: Any = make_client(scenario=(str(file),))
    assert started.get("/100/members", headers={"Authorization": AUTH}).text == client.get("/100/members").text
