"""The table in memory against a dictionary that does the same the slow way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from msgspec import Struct

from emulator.core.store.memory import MemoryTable
from emulator.core.store.table import Clash, Column, Ordered, Scan, Unique

COLOURS = ("blue", "green", "red")
KEYS = st.integers(min_value=0, max_value=30)


class Row(Struct, frozen=True, gc=False):
    key: int
    name: str
    colours: tuple[str, ...] = ()
    size: int = 0


ROWS = st.builds(
    Row,
    key=KEYS,
    name=st.sampled_from([f"name{number}" for number in range(12)]),
    colours=st.lists(st.sampled_from(COLOURS), unique=True).map(tuple),
    size=st.integers(min_value=0, max_value=2),
)


NAMES: Column[Row] = Column("name", lambda rows: [row.name for row in rows])
EVERYTHING: Scan[Row] = Scan((), list)


def scanned(made: MemoryTable[int, Row], scan: Scan[Row]) -> list[Row]:
    return [row for piece in made.scan(scan) for row in piece]


def containing(*needles: str, all_of_them: bool) -> Scan[Row]:
    """The rows whose name has all or some of these in it."""
    holds = all if all_of_them else any

    def pick(rows: list[Row], names: list[str]) -> list[Row]:
        return [row for row, name in zip(rows, names, strict=True) if holds(needle in name for needle in needles)]

    return Scan((NAMES,), pick, [(0, needle) for needle in needles], needs_all=all_of_them)


def table(*rows: Row) -> MemoryTable[int, Row]:
    made: MemoryTable[int, Row] = MemoryTable(
        lambda row: row.key,
        Unique("name", lambda row: row.name),
        Ordered("colour", lambda row: row.colours),
        Ordered("size", lambda row: (row.size,)),
    )
    made.put_many(rows)
    return made


class Model:
    """The same promises, kept by counting everything anew."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.rows = {row.key: row for row in rows}

    def clashes(self, rows: list[Row]) -> bool:
        holders = {row.name: row.key for row in self.rows.values()}
        return any(holders.setdefault(row.name, row.key) != row.key for row in rows)

    def put_many(self, rows: list[Row]) -> None:
        self.rows.update((row.key, row) for row in rows)

    def delete_many(self, keys: list[int]) -> int:
        return sum(self.rows.pop(key, None) is not None for key in keys)

    def listed(self) -> list[Row]:
        return [self.rows[key] for key in sorted(self.rows)]


class MemoryAgainstModel(RuleBasedStateMachine):
    """Any sequence of calls, on any number of copies, answers as the model does."""

    tables: Bundle[tuple[MemoryTable[int, Row], Model]] = Bundle("tables")

    def __init__(self) -> None:
        super().__init__()
        self.all: list[tuple[MemoryTable[int, Row], Model]] = []

    def _keep(self, made: MemoryTable[int, Row], model: Model) -> tuple[MemoryTable[int, Row], Model]:
        self.all.append((made, model))
        return made, model

    @initialize(target=tables)
    def empty(self) -> tuple[MemoryTable[int, Row], Model]:
        return self._keep(table(), Model())

    @rule(pair=tables, rows=st.lists(ROWS, max_size=6))
    def put_many(self, pair: tuple[MemoryTable[int, Row], Model], rows: list[Row]) -> None:
        made, model = pair
        if model.clashes(rows):
            with pytest.raises(Clash):
                made.put_many(rows)
        else:
            made.put_many(rows)
            model.put_many(rows)

    @rule(pair=tables, row=ROWS)
    def put(self, pair: tuple[MemoryTable[int, Row], Model], row: Row) -> None:
        made, model = pair
        if model.clashes([row]):
            with pytest.raises(Clash):
                made.put(row)
        else:
            made.put(row)
            model.put_many([row])

    @rule(pair=tables, key=KEYS)
    def delete(self, pair: tuple[MemoryTable[int, Row], Model], key: int) -> None:
        made, model = pair
        assert made.delete(key) is (model.delete_many([key]) == 1)

    @rule(pair=tables, keys=st.lists(KEYS, max_size=10))
    def delete_many(self, pair: tuple[MemoryTable[int, Row], Model], keys: list[int]) -> None:
        made, model = pair
        assert made.delete_many(keys) == model.delete_many(keys)

    @rule(target=tables, pair=tables)
    def copy(self, pair: tuple[MemoryTable[int, Row], Model]) -> tuple[MemoryTable[int, Row], Model]:
        made, model = pair
        return self._keep(made.copy(), Model(model.rows.values()))

    @rule(pair=tables, size=st.integers(min_value=1, max_value=7))
    def pages_partition_the_table(self, pair: tuple[MemoryTable[int, Row], Model], size: int) -> None:
        made, model = pair
        pages = [made.page(start, start + size) for start in range(0, len(made) + size, size)]
        assert all(len(page) == size for page in pages[:-2])
        assert [row for page in pages for row in page] == model.listed()

    @rule(pair=tables, keys=st.lists(KEYS))
    def get_many_keeps_the_order_asked_for(self, pair: tuple[MemoryTable[int, Row], Model], keys: list[int]) -> None:
        made, model = pair
        assert made.get_many(keys) == [model.rows[key] for key in keys if key in model.rows]

    @rule(
        pair=tables,
        colours=st.lists(st.sampled_from([*COLOURS, "unseen"]), max_size=3),
        size=st.none() | st.integers(min_value=0, max_value=3),
        start=st.integers(min_value=0, max_value=5),
        length=st.integers(min_value=0, max_value=5),
    )
    def select_and_count_agree_with_a_recount(
        self,
        pair: tuple[MemoryTable[int, Row], Model],
        colours: list[str],
        size: int | None,
        start: int,
        length: int,
    ) -> None:
        made, model = pair
        where: list[tuple[str, Any]] = [("colour", colour) for colour in colours]
        if size is not None:
            where.append(("size", size))
        expected = [
            row for row in model.listed() if set(colours) <= {*row.colours} and (size is None or row.size == size)
        ]
        note(f"where {where}")
        assert made.count(where) == len(expected)
        assert made.select(where, start, start + length) == expected[start : start + length]

    @rule(pair=tables, needles=st.lists(st.sampled_from(["1", "name2", "5", "x"]), min_size=1), every=st.booleans())
    def a_scan_agrees_with_a_look_at_every_row(
        self, pair: tuple[MemoryTable[int, Row], Model], needles: list[str], every: bool
    ) -> None:
        made, model = pair
        holds = all if every else any
        expected = [row for row in model.listed() if holds(needle in row.name for needle in needles)]
        assert scanned(made, containing(*needles, all_of_them=every)) == expected

    @invariant()
    def every_table_holds_its_rows_in_key_order(self) -> None:
        for made, model in self.all:
            assert len(made) == len(model.rows)
            assert scanned(made, EVERYTHING) == model.listed()
            names = {row.name: row for row in model.rows.values()}
            assert made.find_many("name", [f"name{number}" for number in range(12)]) == names


TestMemoryAgainstModel = MemoryAgainstModel.TestCase


def test_rows_that_arrive_out_of_key_order_are_listed_in_order() -> None:
    made = table(Row(3, "c"), Row(1, "a"), Row(2, "b"))
    assert [row.key for row in made.page(0, 10)] == [1, 2, 3]


def test_a_row_put_again_keeps_its_place_and_loses_its_old_values() -> None:
    made = table(Row(1, "a", ("red",)), Row(2, "b"))
    made.put(Row(1, "z", ("blue",)))
    assert [row.name for row in made.page(0, 10)] == ["z", "b"]
    assert made.find("name", "a") is None
    assert made.count([("colour", "red")]) == 0


def test_a_clash_with_another_row_changes_nothing() -> None:
    made = table(Row(1, "a", ("red",)))
    with pytest.raises(Clash):
        made.put_many([Row(2, "b", ("red",)), Row(3, "a", ("red",))])
    assert scanned(made, EVERYTHING) == [Row(1, "a", ("red",))]
    assert made.count([("colour", "red")]) == 1


def test_two_new_rows_with_one_unique_value_clash() -> None:
    made = table()
    with pytest.raises(Clash, match="'a' is given to 1 and 2"):
        made.put_many([Row(1, "a"), Row(2, "a")])
    assert len(made) == 0


def test_a_copy_does_not_see_later_changes_of_the_original() -> None:
    made = table(Row(1, "a", ("red",)), Row(2, "b", ("red",)))
    twin = made.copy()
    made.delete(1)
    made.put(Row(2, "c"))
    assert scanned(twin, EVERYTHING) == [Row(1, "a", ("red",)), Row(2, "b", ("red",))]
    assert twin.count([("colour", "red")]) == 2


def test_the_original_does_not_see_changes_of_its_copy() -> None:
    made = table(Row(1, "a", ("red",)))
    twin = made.copy()
    twin.put(Row(2, "b", ("red",)))
    assert made.find("name", "b") is None
    assert made.count([("colour", "red")]) == 1


def test_a_copy_shares_the_rows_themselves() -> None:
    made = table(Row(1, "a"))
    assert made.copy().get(1) is made.get(1)


@pytest.mark.parametrize("kept", [0, 3])
def test_nothing_is_lost_when_many_deletions_compact_the_table(kept: int) -> None:
    rows = [Row(number, f"n{number}", ("red",)) for number in range(3000)]
    made = table(*rows)
    assert made.delete_many(range(kept, 3000)) == 3000 - kept
    assert len(made._rows) == kept
    assert scanned(made, EVERYTHING) == rows[:kept]
    assert made.count([("colour", "red")]) == kept
    made.put(Row(5000, "late"))
    assert made.find("name", "late") == Row(5000, "late")


@given(st.permutations(range(8)), st.integers(min_value=0, max_value=8))
def test_the_order_of_arrival_does_not_show(order: list[int], cut: int) -> None:
    made = table()
    made.put_many([Row(key, f"n{key}", ("red",)) for key in order[:cut]])
    made.page(0, 1)
    made.put_many([Row(key, f"n{key}", ("red",)) for key in order[cut:]])
    assert [row.key for row in made.select([("colour", "red")], 0, 8)] == list(range(8))


def test_a_row_that_gives_an_indexed_value_twice_can_be_deleted() -> None:
    made = table(Row(1, "a", ("red", "red")))
    assert made.delete(1)


def test_a_scan_over_many_rows_sees_what_changed_since_the_last_one() -> None:
    rows = [Row(number, f"n{number}") for number in range(10_000)]
    made = table(*rows)
    scan = containing("new", all_of_them=True)
    assert scanned(made, scan) == []
    twin = made.copy()
    made.put(Row(5_000, "new"))
    made.put(Row(20_000, "newer"))
    assert [row.key for row in scanned(made, scan)] == [5_000, 20_000]
    made.delete(5_000)
    assert [row.key for row in scanned(made, scan)] == [20_000]
    assert scanned(twin, scan) == []


def test_a_scan_keeps_to_the_state_in_which_it_began() -> None:
    made = table(*(Row(number, f"n{number}") for number in range(10_000)))
    pieces = made.scan(EVERYTHING)
    next(pieces)
    made.delete_many(range(10_000))
    assert sum(map(len, pieces)) == 10_000 - 4096
