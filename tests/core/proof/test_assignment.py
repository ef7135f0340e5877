"""Who stands for what, against all ways to deal it out, and with very many."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.core.proof.assignment import Mark, assignment

LAW = settings(max_examples=300, deadline=None, derandomize=True)


def assign(marks: Sequence[Mark], rooms: Sequence[int]) -> list[list[int]]:
    work = assignment(marks, rooms)
    while True:
        try:
            next(work)
        except StopIteration as stop:
            placed: list[list[int]] = stop.value
            return placed


def most(marks: Sequence[Mark], rooms: Sequence[int]) -> int:
    """The greatest number that can be placed, by trying everything."""
    best = 0
    for choice in product(*([None, *mark] for mark in marks)):
        if all(choice.count(index) <= room for index, room in enumerate(rooms)):
            best = max(best, sum(index is not None for index in choice))
    return best


@LAW
@given(
    st.lists(st.frozensets(st.integers(0, 3)), max_size=6),
    st.lists(st.integers(0, 3), min_size=4, max_size=4),
)
def test_as_many_as_possible_are_placed_and_each_where_it_may_be(marks: list[Mark], rooms: list[int]) -> None:
    placed = assign(marks, rooms)
    positions = [at for each in placed for at in each]
    assert len(positions) == len(set(positions)) == most(marks, rooms)
    for index, each in enumerate(placed):
        assert len(each) <= rooms[index]
        assert all(index in marks[at] for at in each)


def test_ten_thousand_requests_of_alike_marks_take_a_moment() -> None:
    marks = [frozenset({0, 1})] * 6000 + [frozenset({0})] * 4000
    began = time.perf_counter()
    placed = assign(marks, [4000, 6000])
    assert [len(each) for each in placed] == [4000, 6000]
    assert time.perf_counter() - began < 1.0


def test_ten_thousand_requests_of_all_kinds_of_marks_are_placed_in_short_slices() -> None:
    # Each kind fits where an earlier one already is, so that much must be moved; and some find no room at all.
    marks = [frozenset({at % 50, (at * 7 + 1) % 100, (at * at) % 100}) for at in range(10_000)]
    rooms = [90] * 100
    work = assignment(marks, rooms)
    began, longest, placed = time.perf_counter(), 0.0, None
    while placed is None:
        before = time.perf_counter()
        try:
            next(work)
        except StopIteration as stop:
            placed = stop.value
        longest = max(longest, time.perf_counter() - before)
    assert all(len(each) <= 90 for each in placed)
    assert longest < 0.1
    assert time.perf_counter() - began < 5.0
