"""Verdicts on what happened, against a plain model of what the words mean."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.core.journal import Entry, Journal
from emulator.core.proof.criteria import Criteria, read_criteria
from emulator.core.proof.verification import Expectation, Verdict, Verification, verify

ANY = Criteria(())
# Criteria that overlap: what one finds, another may find too.
PATHS = ["/a", "/ab", "/abc"]
SEARCHES = ["a", "b", "c", "/a"]
LAW = settings(max_examples=300, deadline=None, derandomize=True)

Wanted = Sequence[tuple[str, int]]


def entries_of(paths: Sequence[str], method: str = "GET") -> list[Entry]:
    journal = Journal(1000, 10**6)
    found = []
    for path in paths:
        entry = journal.open(0.0, method, path)
        entry.status = 200
        journal.close(entry)
        found.append(entry)
    return found


def verdict(entries: Sequence[Entry], asked: Verification) -> Verdict:
    work = verify(entries, asked)
    while True:
        try:
            next(work)
        except StopIteration as stop:
            result: Verdict = stop.value
            return result


def ask(entries: Sequence[Entry], wanted: Wanted, *, in_order: bool = False, exactly: bool = False) -> Verdict:
    expected = [Expectation(read_criteria([("path", search)]), count, count) for search, count in wanted]
    return verdict(entries, Verification(expected, ANY, in_order, exactly))


def slots(wanted: Wanted) -> list[str]:
    """One text for each single request that is expected."""
    return [search for search, count in wanted for _ in range(count)]


def fits(paths: Sequence[str], searches: Sequence[str]) -> bool:
    return len(paths) == len(searches) and all(search in path for path, search in zip(paths, searches, strict=True))


paths = st.lists(st.sampled_from(PATHS), max_size=5)
some = st.lists(st.tuples(st.sampled_from(SEARCHES), st.integers(0, 2)), max_size=3)


@LAW
@given(paths, some)
def test_a_count_is_the_number_of_requests_that_meet_the_criteria(paths: list[str], wanted: Wanted) -> None:
    model = all(sum(search in path for path in paths) == count for search, count in wanted)
    assert ask(entries_of(paths), wanted).ok == model


@LAW
@given(paths, st.sampled_from(SEARCHES), st.integers(0, 3), st.none() | st.integers(0, 4))
def test_at_least_and_at_most_bound_the_number(paths: list[str], search: str, least: int, most: int | None) -> None:
    expected = Expectation(read_criteria([("path", search)]), least, most)
    seen = sum(search in path for path in paths)
    model = seen >= least and (most is None or seen <= most)
    assert verdict(entries_of(paths), Verification([expected], ANY)).ok == model


@LAW
@given(paths, some)
def test_in_order_means_that_some_of_the_requests_are_these_in_this_order(paths: list[str], wanted: Wanted) -> None:
    searches = slots(wanted)
    model = any(fits(chosen, searches) for chosen in combinations(paths, len(searches)))
    assert ask(entries_of(paths), wanted, in_order=True).ok == model


@LAW
@given(paths, some)
def test_exactly_means_that_the_requests_are_these_in_some_order(paths: list[str], wanted: Wanted) -> None:
    searches = slots(wanted)
    model = len(paths) == len(searches) and any(fits(order, searches) for order in permutations(paths))
    assert ask(entries_of(paths), wanted, exactly=True).ok == model


@LAW
@given(paths, some)
def test_exactly_and_in_order_means_that_the_requests_are_these_one_by_one(paths: list[str], wanted: Wanted) -> None:
    assert ask(entries_of(paths), wanted, exactly=True, in_order=True).ok == fits(paths, slots(wanted))


@LAW
@given(paths, some, st.booleans(), st.booleans())
def test_a_verdict_that_is_not_ok_says_something_and_one_that_is_says_nothing(
    paths: list[str], wanted: Wanted, in_order: bool, exactly: bool
) -> None:
    answer = ask(entries_of(paths), wanted, in_order=in_order, exactly=exactly)
    assert answer.ok == (not answer.said)


def test_only_what_meets_where_is_looked_at() -> None:
    entries = entries_of(["/a", "/b", "/a"])
    asked = Verification([Expectation(read_criteria([("path", "/a")]), 1, 1)], read_criteria([("after", 1)]))
    assert verdict(entries, asked).ok
    assert verdict(entries, asked).matched == [[3]]


def test_what_is_missing_names_the_nearest_misses() -> None:
    entries = entries_of(["/a", "/b"])
    criteria = read_criteria([("path", "/a"), ("method", "PUT"), ("status", 200)])
    said = verdict(entries, Verification([Expectation(criteria, 1, None)], ANY)).said
    assert said == [
        "path=/a, method=PUT, status=200: expected at least 1, saw none",
        "  near: entry 1 (GET /a, 200): method is GET, not PUT",
        "  near: entry 2 (GET /b, 200): path is /b, not /a; method is GET, not PUT",
    ]


def test_what_is_too_much_is_named() -> None:
    said = verdict(
        entries_of(["/a", "/b", "/a"]), Verification([Expectation(read_criteria([("path", "/a")]), 0, 1)], ANY)
    ).said
    assert said == ["path=/a: expected at most 1, saw 2", "  entry 1 (GET /a, 200)", "  entry 3 (GET /a, 200)"]


def test_what_came_in_another_order_is_named() -> None:
    said = ask(entries_of(["/b", "/a"]), [("a", 1), ("b", 1)], in_order=True).said
    assert said == ["path=b: expected 1 in this order, saw none", "  out of order: entry 1 (GET /b, 200)"]


def test_what_nobody_expected_is_named() -> None:
    said = ask(entries_of(["/a", *["/b"] * 5]), [("a", 1)], exactly=True).said
    assert said == [f"not expected: entry {number} (GET /b, 200)" for number in (2, 3, 4)] + ["not expected: 2 more"]


@pytest.mark.parametrize(
    ("least", "most", "text"), [(2, 2, "exactly 2"), (2, None, "at least 2"), (0, 2, "at most 2"), (1, 3, "1 to 3")]
)
def test_an_expectation_says_what_it_wants(least: int, most: int | None, text: str) -> None:
    assert Expectation(ANY, least, most).wanted == text


def test_a_thousand_requests_are_assigned_in_no_time() -> None:
    answer = ask(entries_of(["/a", "/ab", "/abc", "/ab"] * 250), [("a", 500), ("b", 400), ("c", 100)], exactly=True)
    assert answer.ok


def test_a_call_of_the_kind_that_is_meant_is_nearer_than_another_that_went_well() -> None:
    entries = entries_of(["/add", "/list", "/list", "/list"])
    entries[0].status = 500
    criteria = read_criteria([("path", "/add"), ("status", 200)])
    said = verdict(entries, Verification([Expectation(criteria, 1, 1)], ANY)).said
    assert said[1] == "  near: entry 1 (GET /add, 500): status is 500, not 200"


def test_in_order_more_may_follow_so_no_exact_number_is_said_to_be_missed() -> None:
    (first, *_) = ask(entries_of(["/b"]), [("a", 1)], in_order=True).said
    assert first == "path=a: expected 1 in this order, saw none"
