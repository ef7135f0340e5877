from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.ids import Counter, ObjectIds, stable_number

SECONDS = st.integers(min_value=0, max_value=2**32 - 1)


@given(SECONDS, st.integers(min_value=1, max_value=300))
def test_ids_of_one_second_are_unique_and_ascending(second: int, count: int) -> None:
    ids = ObjectIds.of("ann")
    made = [ids.new(second) for _ in range(count)]
    assert made == sorted(set(made))


@given(SECONDS)
def test_an_id_begins_with_its_second_of_creation(second: int) -> None:
    made = ObjectIds.of("ann").new(second)
    assert (len(made), int(made[:8], 16)) == (24, second)


def test_an_id_is_lower_case_hexadecimal() -> None:
    assert set(ObjectIds.of("ann").new(2**32 - 1)) <= set("0123456789abcdef")


def test_the_same_calls_give_the_same_ids() -> None:
    first, second = ObjectIds.of("ann"), ObjectIds.of("ann")
    assert [first.new(7), first.new(8)] == [second.new(7), second.new(8)]


def test_two_accounts_never_share_an_id() -> None:
    assert ObjectIds.of("ann").new(7) != ObjectIds.of("bob").new(7)


@given(st.lists(st.integers(min_value=0, max_value=40), max_size=10))
def test_an_id_that_a_scenario_brought_is_never_handed_out(counters: list[int]) -> None:
    ids = ObjectIds.of("ann")
    known = {f"{7:08x}{ids.origin}{counter:06x}" for counter in counters}
    for each in known:
        ids.skip(each)
    assert known.isdisjoint({ids.new(7) for _ in range(60)})


def test_an_id_from_elsewhere_does_not_move_the_counter() -> None:
    ids = ObjectIds.of("ann")
    ids.skip("00000007" + "ab" * 5 + "ffff00")
    assert ids.new(7).endswith("000000")


def test_the_counter_starts_over_after_three_bytes() -> None:
    ids = ObjectIds("00" * 5, 2**24 - 1)
    assert [ids.new(7)[18:], ids.new(7)[18:]] == ["ffffff", "000000"]


def test_a_copy_counts_on_by_itself() -> None:
    ids = ObjectIds.of("ann")
    ids.new(7)
    twin = ids.copy()
    assert twin.new(7) == ids.new(7)


def test_a_counter_counts_on_from_where_it_starts() -> None:
    numbers = Counter(1024)
    assert [numbers.new(), numbers.new()] == [1024, 1025]


@pytest.mark.parametrize(("known", "following"), [(7, 10), (9, 10), (10, 11), (50, 51)])
def test_a_counter_hands_out_no_number_up_to_a_known_one(known: int, following: int) -> None:
    numbers = Counter(10)
    numbers.skip(known)
    assert numbers.new() == following


def test_a_copied_counter_counts_on_by_itself() -> None:
    numbers = Counter(10)
    twin = numbers.copy()
    assert [twin.new(), twin.new(), numbers.new()] == [10, 11, 10]


@given(st.text(), st.integers(min_value=1, max_value=12))
def test_a_stable_number_has_at_most_its_digits(name: str, digits: int) -> None:
    assert 1 <= stable_number(name, digits) < 10**digits


@pytest.mark.parametrize(("name", "number"), [("list of api_user", 644997), ("user api_user", 793985)])
def test_a_stable_number_always_belongs_to_its_name(name: str, number: int) -> None:
    assert stable_number(name, 6) == number
