"""Scenarios in JSON, where that is more than YAML."""

from __future__ import annotations

import json

import pytest

from emulator.core.errors import UserError
from emulator.core.scenarios.scenario_file import ScenarioFile
from emulator.core.scenarios.scenario_json import read_json


def document(text: str) -> dict[str, object]:
    return ScenarioFile("it", text.encode()).document


@pytest.mark.parametrize("value", [1e16, 1e-7, -0.0, "\x7f\u2028\x85", "\U0001f642", "é", 2**70, None, True, []])
def test_json_is_read_as_it_was_written(value: object) -> None:
    for text in (json.dumps({"a": value}), json.dumps({"a": value}, ensure_ascii=False)):
        assert document(text) == {"a": value}
        assert str(document(text)["a"]) == str(value)


def test_a_key_may_be_longer_than_yaml_allows() -> None:
    assert document(json.dumps({"x" * 2000: 1})) == {"x" * 2000: 1}


@pytest.mark.parametrize(
    "text",
    [
        "a: 1",
        "[1]",
        "{",
        '{"a": NaN}',
        '{"a": 1, "a": 2}',
        '{"a": "\\ud800"}',
        "{a: 1}",
        "\ufeff{}",
        '{"a":' * 100_000,
        '{"a": %s}' % ("9" * 5000),
    ],
    ids=lambda text: text[:16],
)
def test_what_is_not_plain_json_is_left_to_the_other_reader(text: str) -> None:
    assert read_json(text.encode()) is None


def test_bytes_that_are_no_text_are_left_to_the_other_reader() -> None:
    assert read_json(b'{"a": "\xff"}') is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1,\n "a": 2}', "it, line 2: not readable as YAML or JSON: the key 'a' is given twice"),
        ('{"a": [1,\n 2}', "it, line 2: not readable as YAML or JSON"),
        ('{"a": "\\ud800"}', "it, line 1: not readable as YAML or JSON"),
    ],
)
def test_what_is_wrong_with_json_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        document(text)
    assert str(caught.value).startswith(said)


def test_an_error_in_json_that_is_no_yaml_has_no_line() -> None:
    file = ScenarioFile("it", json.dumps({"a" * 2000: 1, "b": 2}).encode())
    assert str(file.error(("b",), "is wrong")) == "it: is wrong"
