"""Flags, environment and their twins."""

from __future__ import annotations

from dataclasses import fields

import pytest

from emulator.core.errors import UserError
from emulator.settings import TABLE, Settings, flag, read_settings, variable


def test_without_anything_the_defaults_hold() -> None:
    assert read_settings({}, {}) == Settings()


def test_every_setting_has_a_flag_and_an_environment_twin() -> None:
    assert list(TABLE) == [field.name for field in fields(Settings)]
    assert (flag("max_worlds"), variable("max_worlds")) == ("--max-worlds", "EMULATOR_MAX_WORLDS")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("host", "0.0.0.0", "0.0.0.0"),
        ("port", "0", 0),
        ("accounts", "closed", "closed"),
        ("clock", "frozen", {"mode": "frozen"}),
        ("clock", "shifted:2024-05-01T12:00:00Z", {"mode": "shifted", "at": "2024-05-01T12:00:00Z"}),
        ("max_worlds", "5", 5),
        ("max_body", "100", 100),
        ("journal_entries", "7", 7),
        ("journal_bytes", "70", 70),
        ("ready_file", "ready", "ready"),
    ],
)
def test_a_flag_and_its_twin_mean_the_same(name: str, text: str, value: object) -> None:
    assert getattr(read_settings({name: text}, {}), name) == value
    assert getattr(read_settings({}, {variable(name): text}), name) == value


def test_what_may_be_repeated_is_separated_by_commas_in_the_environment() -> None:
    settings = read_settings({}, {"EMULATOR_SCENARIO": "empty, a.yaml", "EMULATOR_BEHAVIOUR": "a=b,c=d"})
    assert settings.scenario == ("empty", "a.yaml")
    assert settings.behaviour == (("a", "b"), ("c", "d"))
    assert read_settings({}, {"EMULATOR_SCENARIO": "empty,"}).scenario == ("empty",)


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert read_settings({}, {variable(name): "" for name in TABLE}) == Settings()


def test_a_flag_wins_over_its_twin() -> None:
    assert read_settings({"port": "1"}, {"EMULATOR_PORT": "2"}).port == 1


@pytest.mark.parametrize(("text", "value"), [("1", True), ("true", True), ("YES", True), ("0", False), ("", False)])
def test_a_switch_in_the_environment(text: str, value: bool) -> None:
    assert read_settings({}, {"EMULATOR_ACCESS_LOG": text}).access_log is value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("port", "many"),
        ("port", "65536"),
        ("port", "-1"),
        ("accounts", "ajar"),
        ("clock", "fast"),
        ("clock", "real:2024-05-01"),
        ("clock", "frozen:noon"),
        ("max_worlds", "0"),
        ("behaviour", "no-choice"),
        ("access_log", "perhaps"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_it_was_given_under(name: str, text: str) -> None:
    with pytest.raises(UserError) as caught:
        read_settings({}, {variable(name): text})
    assert str(caught.value).startswith(variable(name))
    given = [text] if TABLE[name].many else text
    with pytest.raises(UserError) as caught:
        read_settings({name: given}, {})
    assert str(caught.value).startswith(flag(name))


def test_a_token_is_not_shown_with_the_settings() -> None:
    assert "correct-horse-battery" not in repr(read_settings({"control_token": "correct-horse-battery"}, {}))


def test_allowed_hosts_are_read_in_lower_case() -> None:
    assert read_settings({}, {"EMULATOR_ALLOWED_HOST": "Emulator, emulator.test"}).allowed_host == (
        "emulator",
        "emulator.test",
    )


@pytest.mark.parametrize("host", ["emulator:8025", "http://emulator", "a b", "-x"])
def test_a_host_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(UserError, match="a host name without port"):
        read_settings({"allowed_host": [host]}, {})
