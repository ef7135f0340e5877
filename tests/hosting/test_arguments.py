"""Settings as code gives them, and as the command takes them."""

from __future__ import annotations

import pytest

from emulator.core.errors import UserError
from emulator.hosting.arguments import arguments_of, settings_of
from emulator.settings import Settings, read_settings
from emulator.verbs import start
from emulator.verbs.options import Parser, Verbs

EVERYTHING = {
    "host": "::1",
    "port": 0,
    "scenario": ["newsletter", "-odd name.yaml"],
    "store": "tinydb:some where",
    "behaviour": {"emma.paging_end": "inclusive", "emma.job_units_per_second": 50},
    "clock": "frozen:2024-05-01T12:00:00Z",
    "max_body": 1000,
    "webhooks_anywhere": True,
    "allowed_host": ("one", "two"),
    "access_log": False,
}


def test_what_the_command_is_told_is_what_code_said() -> None:
    settings = settings_of(EVERYTHING)
    assert settings.scenario == ("newsletter", "-odd name.yaml")
    parser = Parser()
    start.add_verbs(Verbs(parser))
    given = parser.parse_args(["start", *arguments_of(settings)])
    assert read_settings(vars(given), {}) == settings


def test_defaults_are_not_told() -> None:
    assert arguments_of(Settings()) == []


def test_secrets_are_not_told_because_others_see_command_lines() -> None:
    settings = settings_of({"control_token": "correct-horse-battery"})
    assert settings.control_token == "correct-horse-battery"
    assert arguments_of(settings) == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"prot": 1}, "prot: is no setting; did you mean port[?]"),
        ({"port": "many"}, "--port: 'many' is not valid"),
        ({"behaviour": {"": "x"}}, "write it as ID=CHOICE"),
    ],
)
def test_what_is_wrong_is_one_line(values: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        settings_of(values)
