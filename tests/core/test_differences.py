"""Comparing two states of a world, whatever vendor it is of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.core import differences as module
from emulator.core.clock import Clock
from emulator.core.differences import Difference, changed_keys, changed_rows, differences, shown, went
from emulator.core.store.memory import MemoryTable
from emulator.core.world import World
from emulator.core.worlds import Worlds
from tests.core.acme import AcmeAccount, Note, make_worlds


class Row(NamedTuple):
    key: int
    value: int


tables = st.dictionaries(st.integers(0, 30), st.integers(0, 2), max_size=30)


def table(rows: dict[int, int]) -> MemoryTable[int, Row]:
    made: MemoryTable[int, Row] = MemoryTable(lambda row: row.key)
    made.put_many([Row(*pair) for pair in rows.items()])
    return made


@pytest.fixture
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 3)


@pytest.mark.usefixtures("_small_pieces")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400, deadline=None)
@given(before=tables, after=tables)
def test_rows_that_changed_are_found_once_in_the_order_of_keys(before: dict[int, int], after: dict[int, int]) -> None:
    found = [pair for pair in changed_rows(table(before), table(after), lambda row: row.key) if pair is not None]
    wanted = [
        (Row(key, before[key]) if key in before else None, Row(key, after[key]) if key in after else None)
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    ]
    assert found == wanted


def test_rows_that_are_shared_are_not_looked_at() -> None:
    class Proud(Row):
        def __eq__(self, other: object) -> bool:
            raise AssertionError("looked at")

        __hash__ = Row.__hash__

    old: MemoryTable[int, Row] = MemoryTable(lambda row: row.key)
    old.put_many([Proud(number, 0) for number in range(2500)])
    new = old.copy()
    assert [pair for pair in changed_rows(old, new, lambda row: row.key) if pair] == []


def test_others_are_served_between_the_pieces() -> None:
    old = table(dict.fromkeys(range(2500), 0))
    assert list(changed_rows(old, old.copy(), lambda row: row.key)) == [None, None, None]


@pytest.fixture
def worlds() -> Worlds:
    return make_worlds()


def found(worlds: Worlds, before: World, after: World) -> list[Difference]:
    return [each for each in differences(before, after, worlds.vendors) if each is not None]


def write(world: World, text: str, account_id: str = "ann") -> None:
    account = world.accounts["acme"].get(account_id)
    assert isinstance(account, AcmeAccount)
    account.notes.put(Note("a", text))


def test_nothing_changed_in_a_copy(worlds: Worlds) -> None:
    world = worlds.get("one")
    write(world, "x")
    assert found(worlds, world, world.copy("other")) == []


def test_an_account_that_is_new_or_gone_is_said_to_be_and_its_rows_are_too(worlds: Worlds) -> None:
    world = worlds.get("one")
    write(world, "x")
    news, gone = found(worlds, worlds.start, world), found(worlds, world, worlds.start)
    assert [(each.kind, each.change, each.text) for each in news] == [
        ("account", "added", "account ann is new"),
        ("note", "changed", "note a is another one"),
    ]
    assert [each.text for each in gone] == ["account ann is gone", "note a is another one"]
    assert worlds.start.accounts["acme"].known("ann") is None


def test_what_a_vendor_finds_is_said_with_vendor_and_account(worlds: Worlds) -> None:
    world = worlds.get("one")
    write(world, "x")
    before = world.copy("before")
    write(world, "y")
    assert [each.describe() for each in found(worlds, before, world)] == [
        {
            "kind": "note",
            "id": "a",
            "change": "changed",
            "text": "note a is another one",
            "vendor": "acme",
            "account": "ann",
        }
    ]


def test_behaviours_are_compared(worlds: Worlds) -> None:
    world = worlds.get("one")
    world.behaviours.set({"acme.colour": "blue"})
    (each,) = found(worlds, worlds.start, world)
    assert each.text == "behaviour acme.colour: red -> blue"
    assert (each.key, each.before, each.after) == ("acme.colour", "red", "blue")


def clocks() -> Iterator[tuple[Clock, Clock, str | None]]:
    frozen = Clock.starting("frozen", 0)
    later = frozen.copy()
    later.advance(0.5)
    yield frozen, frozen.copy(), None
    yield frozen, later, "clock: 1970-01-01T00:00:00Z frozen -> 1970-01-01T00:00:00.500000Z frozen"
    yield Clock(), Clock(), None
    shifted = Clock.starting("shifted", 10**9)
    yield shifted, shifted.copy(), None
    yield shifted, Clock.starting("shifted", 2 * 10**9), "clock: 2001-09-09T0"
    yield Clock.starting("shifted", 10**9), Clock.starting("frozen", 10**9), "clock: 2001-09-09T0"


@pytest.mark.parametrize(("before", "after", "said"), list(clocks()))
def test_clocks_are_compared_as_they_run(worlds: Worlds, before: Clock, after: Clock, said: str | None) -> None:
    world = worlds.get("one")
    other = world.copy("other")
    world.clock, other.clock = before, after
    texts = [each.text for each in found(worlds, world, other)]
    assert texts == [] if said is None else len(texts) == 1 and texts[0].startswith(said)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, "Ann", "name set to Ann"),
        ("Ann", None, "name cleared, was Ann"),
        ("Ann", "Anna", "name: Ann -> Anna"),
        (0, 1, "name: 0 -> 1"),
        (True, False, "name: true -> false"),
        ("", "a\nb", "name: '' -> a b"),
        (("a",), ("a", "b"), "name: a -> a, b"),
    ],
)
def test_a_change_is_said_as_people_say_it(before: object, after: object, said: str) -> None:
    assert went("name", before, after) == said


def test_a_long_value_is_cut_in_a_sentence() -> None:
    assert shown("x" * 1000) == "x" * 200 + "..."


def test_keys_are_compared_in_their_order() -> None:
    assert list(changed_keys({"a": 1, "b": 2, "c": 3}, {"c": 4, "b": 2, "d": 5})) == [
        ("a", 1, None),
        ("c", 3, 4),
        ("d", None, 5),
    ]
