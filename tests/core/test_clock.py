from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.clock import (
    LATEST,
    Clock,
    Mode,
    isoformat,
    parse_duration,
    parse_instant,
    read_setting,
)
from emulator.core.errors import Conflict, UserError

NOON = parse_instant("2024-05-01T12:00:00Z")
MODES: tuple[Mode, ...] = ("real", "frozen", "shifted")


def test_a_real_clock_shows_the_machines_time() -> None:
    before = time.time()
    assert before <= Clock().now() <= time.time()


def test_a_frozen_clock_stands_still() -> None:
    clock = Clock.starting("frozen", NOON)
    assert [clock.now(), clock.now()] == [NOON, NOON]


def test_a_shifted_clock_runs_on_from_its_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1000.0)
    clock = Clock.starting("shifted", NOON)
    monkeypatch.setattr(time, "time", lambda: 1007.0)
    assert clock.now() == NOON + 7


@pytest.mark.parametrize("mode", ["real", "shifted"])
def test_a_world_does_not_follow_a_machine_whose_clock_is_set_back(mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 5000.0)
    clock = Clock.starting(mode)
    seen = clock.now()
    monkeypatch.setattr(time, "time", lambda: 4000.0)
    assert clock.now() == seen


def test_no_world_outlives_the_32_bits_of_an_object_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1000.0)
    clock = Clock.starting("shifted", LATEST - 1)
    monkeypatch.setattr(time, "time", lambda: 2000.0)
    assert clock.now() == LATEST


def test_advancing_a_frozen_clock_leaves_it_frozen() -> None:
    clock = Clock.starting("frozen", NOON)
    clock.advance(0.5)
    assert (clock.mode, clock.now()) == ("frozen", NOON + 0.5)


def test_advancing_a_real_clock_makes_it_a_shifted_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1000.0)
    clock = Clock()
    clock.advance(60)
    assert (clock.mode, clock.now()) == ("shifted", 1060.0)


def test_a_negative_advance_is_refused() -> None:
    clock = Clock.starting("frozen", NOON)
    with pytest.raises(UserError, match="forward only"):
        clock.advance(-1)
    assert clock.now() == NOON


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), LATEST])
def test_an_advance_beyond_the_last_instant_is_refused_and_changes_nothing(seconds: float) -> None:
    clock = Clock.starting("frozen", NOON)
    with pytest.raises(UserError, match="must lie between 1970-01-01T00:00:00Z and 2106-02-07T06:28:15Z"):
        clock.advance(seconds)
    assert (clock.mode, clock.now()) == ("frozen", NOON)


def test_a_running_world_is_not_set_back() -> None:
    clock = Clock.starting("frozen", NOON)
    with pytest.raises(Conflict, match="2024-05-01T11:59:59Z is before 2024-05-01T12:00:00Z"):
        clock.set("frozen", NOON - 1)
    assert clock.now() == NOON


def test_a_clock_ahead_of_the_machine_does_not_become_real() -> None:
    clock = Clock.starting("frozen", LATEST)
    with pytest.raises(Conflict):
        clock.set("real")
    assert clock.mode == "frozen"


def test_a_running_world_takes_no_instant_for_real_time() -> None:
    with pytest.raises(UserError, match="a real clock takes no instant"):
        Clock().set("real", LATEST)


def test_a_clock_that_became_real_shows_the_machines_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock.starting("frozen", 1000.0)
    monkeypatch.setattr(time, "time", lambda: 5000.0)
    clock.set("real")
    monkeypatch.setattr(time, "time", lambda: 5010.0)
    assert clock.now() == 5010.0


def test_a_frozen_clock_thaws_where_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock.starting("frozen", NOON)
    monkeypatch.setattr(time, "time", lambda: 5000.0)
    clock.set("shifted")
    assert clock.now() == NOON


@pytest.mark.parametrize("mode", MODES)
def test_a_running_clock_is_set_without_an_instant(mode: Mode) -> None:
    for _ in range(200):
        Clock().set(mode)


def test_an_instant_before_the_first_year_is_a_clear_error() -> None:
    clock = Clock.starting("frozen", NOON)
    with pytest.raises(UserError):
        clock.set("frozen", parse_instant("0001-01-01T00:00:00+14:00"))


def test_a_copy_of_a_clock_goes_its_own_way() -> None:
    clock = Clock.starting("frozen", NOON)
    twin = clock.copy()
    clock.advance(10)
    assert (twin.mode, twin.now()) == ("frozen", NOON)


def test_a_copy_of_a_shifted_clock_shows_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 5000.0)
    clock = Clock.starting("shifted", NOON)
    assert clock.copy().now() == NOON


def test_a_new_clock_may_start_in_the_past() -> None:
    assert Clock.starting("frozen", 0.0).now() == 0.0


def test_a_new_frozen_clock_without_an_instant_starts_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 5000.0)
    assert Clock.starting("frozen").now() == 5000.0


def test_a_real_clock_takes_no_instant() -> None:
    with pytest.raises(UserError, match="use mode frozen or shifted"):
        Clock.starting("real", NOON)


OPERATIONS = st.one_of(
    st.tuples(st.just("machine"), st.floats(min_value=-1e6, max_value=1e6)),
    st.tuples(st.just("advance"), st.floats(min_value=-10, max_value=1e9)),
    st.tuples(st.sampled_from(MODES), st.none() | st.floats(min_value=-1e9, max_value=1e10)),
)


@given(st.lists(OPERATIONS, max_size=20))
def test_no_sequence_of_operations_sets_a_clock_back(operations: list[tuple[str, float | None]]) -> None:
    machine = NOON
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: machine)
        clock = Clock()
        latest = clock.now()
        for name, number in operations:
            try:
                if name == "machine":
                    machine += number or 0.0
                elif name == "advance":
                    clock.advance(number or 0.0)
                else:
                    clock.set(name, number)  # type: ignore[arg-type]
            except UserError:
                pass
            assert latest <= clock.now() <= LATEST
            latest = clock.now()


@given(st.floats(min_value=0, max_value=LATEST))
def test_a_printed_instant_reads_back_to_the_microsecond(instant: float) -> None:
    assert parse_instant(isoformat(instant)) == pytest.approx(instant, abs=1e-6)


def test_instants_are_printed_in_utc() -> None:
    assert isoformat(NOON) == "2024-05-01T12:00:00Z"


@pytest.mark.parametrize("text", ["2024-05-01T12:00:00", "2024-05-01T12:00:00Z", "2024-05-01T20:00:00+08:00"])
def test_an_instant_without_a_zone_is_utc(text: str) -> None:
    assert parse_instant(text) == NOON


@pytest.mark.parametrize("text", ["", "noon", "2024-13-01", "1714564800"])
def test_what_is_no_instant_is_a_clear_error(text: str) -> None:
    with pytest.raises(UserError, match="write it like 2024-05-01T12:00:00Z"):
        parse_instant(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("90", 90), ("0.5", 0.5), ("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86400), ("1.5h", 5400)],
)
def test_a_duration_has_a_unit_or_is_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@given(*[st.integers(min_value=0, max_value=1000)] * 4)
def test_a_duration_is_the_sum_of_its_parts(days: int, hours: int, minutes: int, seconds: int) -> None:
    text = f"{days}d{hours}h{minutes}m{seconds}s"
    assert parse_duration(text) == days * 86400 + hours * 3600 + minutes * 60 + seconds


@pytest.mark.parametrize("text", ["", "soon", "1w", "30m2h", "2h 30m", "nan", "inf", "1e400"])
def test_what_is_no_duration_is_a_clear_error(text: str) -> None:
    with pytest.raises(UserError, match="write it like 90s, 15m, 2h, 1d or 1d2h30m"):
        parse_duration(text)


@pytest.mark.parametrize("at", ["2024-05-01T12:00:00Z", datetime(2024, 5, 1, 12, tzinfo=UTC)])
def test_a_setting_takes_an_instant_as_text_or_as_yaml_reads_it(at: object) -> None:
    assert read_setting({"mode": "frozen", "at": at}) == ("frozen", NOON)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, 'write {"mode"'),
        ("frozen", 'write {"mode"'),
        ({"mode": "frozen", "zone": "UTC"}, 'write {"mode"'),
        ({}, "mode None is unknown"),
        ({"mode": "stopped"}, "mode 'stopped' is unknown; use real, frozen or shifted"),
        ({"mode": "frozen", "at": 17}, "17 is no instant"),
        ({"mode": "frozen", "at": date(2024, 5, 1)}, "is no instant"),
    ],
)
def test_a_bad_clock_setting_says_how_to_write_it(value: object, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_setting(value)
