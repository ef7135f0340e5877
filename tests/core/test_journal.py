from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from emulator.core.journal import BODY_KEPT, Entry, Journal, add_note
from emulator.core.slices import Slices, run_slices


def closed(journal: Journal, *, request: bytes = b"", path: str = "/x") -> Entry:
    entry = journal.open(0.0, "GET", path)
    entry.request = request
    journal.close(entry)
    return entry


def result(slices: Slices[list[Entry]]) -> list[Entry]:
    """What comes out when it is done without a pause."""
    found: list[Entry] = asyncio.run(run_slices(slices))
    return found


def ids(journal: Journal) -> list[int]:
    return [entry.id for entry in journal]


def test_ids_count_from_one() -> None:
    journal = Journal(10, 10**6)
    assert [closed(journal).id, closed(journal).id] == [1, 2]


def test_the_oldest_entries_make_room_for_new_ones() -> None:
    journal = Journal(2, 10**6)
    for _ in range(4):
        closed(journal)
    assert ids(journal) == [3, 4]


def test_large_bodies_crowd_out_old_entries() -> None:
    journal = Journal(100, 25_000)
    for _ in range(5):
        closed(journal, request=b"x" * 10_000)
    assert ids(journal) == [4, 5]


def test_large_headers_crowd_out_old_entries() -> None:
    journal = Journal(100, 25_000)
    for _ in range(5):
        entry = journal.open(0.0, "GET", "/x")
        entry.headers = [(b"x-large", b"x" * 10_000)]
        journal.close(entry)
    assert ids(journal) == [4, 5]


def test_one_entry_over_the_cap_of_bytes_is_kept() -> None:
    journal = Journal(100, 2000)
    closed(journal)
    closed(journal, request=b"x" * 5000)
    assert ids(journal) == [2]


def test_a_long_body_is_cut_in_the_journal() -> None:
    journal = Journal(10, 10**6)
    entry = journal.open(0.0, "POST", "/x")
    entry.request, entry.response = b"a" * (BODY_KEPT + 1), b"b" * (BODY_KEPT + 1)
    journal.close(entry)
    assert (len(entry.request), len(entry.response)) == (BODY_KEPT, BODY_KEPT)
    assert (entry.request_cut, entry.response_cut) == (BODY_KEPT + 1, BODY_KEPT + 1)


def test_a_body_that_just_fits_is_not_cut() -> None:
    journal = Journal(10, 10**6)
    assert closed(journal, request=b"a" * BODY_KEPT).request_cut == 0


def test_an_entry_that_was_cleared_while_under_way_does_not_come_back() -> None:
    journal = Journal(10, 10**6)
    under_way = journal.open(0.0, "GET", "/slow")
    journal.clear()
    journal.close(under_way)
    assert ids(journal) == []
    newer = closed(journal)
    journal.close(under_way)
    assert ids(journal) == [newer.id]


def test_clearing_says_how_many_entries_there_were() -> None:
    journal = Journal(10, 10**6)
    closed(journal)
    closed(journal)
    assert (journal.clear(), len(journal)) == (2, 0)


def test_an_id_is_not_used_again_after_clearing() -> None:
    journal = Journal(10, 10**6)
    closed(journal)
    journal.clear()
    assert closed(journal).id == 2


def test_a_note_belongs_to_the_request_whose_rule_is_running() -> None:
    journal = Journal(10, 10**6)
    entry = journal.open(0.0, "GET", "/x")
    journal.current = entry
    journal.note("first")
    journal.note("second")
    journal.current = None
    journal.note("nobody's")
    assert entry.notes == ["first", "second"]


def test_notes_crowd_out_old_entries_too() -> None:
    journal = Journal(100, 25_000)
    for _ in range(5):
        entry = journal.open(0.0, "GET", "/x")
        add_note(entry, "x" * 10_000)
        journal.close(entry)
    assert ids(journal) == [4, 5]


def test_a_request_can_not_add_notes_without_end() -> None:
    entry = Journal(10, 10**6).open(0.0, "GET", "/x")
    for _ in range(50):
        add_note(entry, "again")
    assert entry.notes == ["again"] * 20 + ["and more"]


def test_the_newest_matching_entries_are_listed_oldest_first() -> None:
    journal = Journal(10, 10**6)
    for path in ("/a", "/a", "/b", "/a"):
        closed(journal, path=path)
    assert [entry.id for entry in result(journal.select(lambda entry: entry.path == "/a", 2))] == [2, 4]


def test_a_limit_above_what_matches_lists_all_that_match() -> None:
    journal = Journal(10, 10**6)
    closed(journal)
    assert [entry.id for entry in result(journal.select(lambda entry: True, 5))] == [1]


def test_what_comes_or_goes_while_entries_are_looked_for_changes_nothing() -> None:
    journal = Journal(3, 10**6)
    for _ in range(3):
        closed(journal)
    under_way = [journal.select(lambda entry: True), journal.closed()]
    for slices in under_way:
        next(slices)
    journal.clear()
    for _ in range(5):
        closed(journal)
    assert [[entry.id for entry in result(slices)] for slices in under_way] == [[1, 2, 3], [1, 2, 3]]


STEPS = st.one_of(
    st.tuples(st.just("open"), st.integers(min_value=0, max_value=6000)),
    st.tuples(st.just("close"), st.integers(min_value=0, max_value=5)),
    st.tuples(st.just("clear"), st.just(0)),
)


@given(st.lists(STEPS, max_size=40), st.integers(min_value=1, max_value=4), st.integers(min_value=1, max_value=9000))
def test_a_journal_stays_within_its_caps_and_never_repeats_an_id(
    steps: list[tuple[str, int]], max_entries: int, max_bytes: int
) -> None:
    journal = Journal(max_entries, max_bytes)
    under_way: list[Entry] = []
    seen: list[int] = []
    for step, number in steps:
        if step == "open":
            under_way.append(journal.open(0.0, "POST", "/"))
            under_way[-1].request = b"x" * number
            seen.append(under_way[-1].id)
        elif step == "clear":
            journal.clear()
        elif under_way:
            entry = under_way.pop(number % len(under_way))
            was_kept = entry in list(journal)
            journal.close(entry)
            assert len(journal) <= max_entries or not was_kept
    for entry in under_way:
        journal.close(entry)
    kept = list(journal)
    assert len(kept) <= max_entries
    assert len(kept) <= 1 or sum(entry.size for entry in kept) <= max_bytes
    assert journal._bytes == sum(entry.size for entry in kept)
    assert seen == sorted(set(seen))
    assert ids(journal) == sorted(ids(journal))
