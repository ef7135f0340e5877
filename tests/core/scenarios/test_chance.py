"""Chance that is the same everywhere."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as some

from emulator.core.scenarios.chance import Chance

COUNTS = some.integers(0, 300)
SEEDS = some.integers()
PERCENTS = some.floats(0, 100)


def test_a_seed_gives_these_numbers_on_every_machine_and_every_python() -> None:
    chance = Chance(7, "names")
    assert [chance.below(1000) for _ in range(5)] == [319, 431, 654, 809, 257]
    assert Chance(7).spread(6, "abc") == ["c", "b", "a", "c", "b", "a"]
    assert Chance(7).memberships(4, {150: None, 151: 50.0}) == [(150,), (150,), (150, 151), (150, 151)]


def test_each_purpose_has_numbers_of_its_own() -> None:
    assert [Chance(7, "a").below(10**9)] != [Chance(7, "b").below(10**9)] != [Chance(8, "b").below(10**9)]


@given(SEEDS, some.integers(-5, 5), some.integers(0, 10))
def test_a_number_lies_between_its_ends(seed: int, first: int, more: int) -> None:
    assert first <= Chance(seed).number(first, first + more) <= first + more


@given(SEEDS, COUNTS, some.integers(0, 10**9), some.integers(1, 10**6))
def test_instants_ascend_within_their_span(seed: int, count: int, first: int, length: int) -> None:
    instants = Chance(seed).instants(count, first, first + length)
    assert instants == sorted(instants)
    assert len(instants) == count
    assert all(first <= each < first + length for each in instants)


@given(SEEDS, COUNTS, PERCENTS)
def test_a_share_is_exact(seed: int, count: int, percent: float) -> None:
    assert sum(Chance(seed).some(count, percent)) == int(count * percent / 100 + 0.5)


@given(SEEDS, COUNTS, some.dictionaries(some.sampled_from("abc"), PERCENTS))
def test_shares_give_everybody_one_value(seed: int, count: int, percents: dict[str, float]) -> None:
    values = Chance(seed).shares(count, percents, rest="-")
    assert len(values) == count
    assert set(values) <= {*percents, "-"}


@given(SEEDS, COUNTS)
def test_a_spread_is_even(seed: int, count: int) -> None:
    sizes = Counter(Chance(seed).spread(count, "abc"))
    assert sum(sizes.values()) == count
    assert max(sizes[each] for each in "abc") - min(sizes[each] for each in "abc") <= 1


def test_who_is_chosen_is_not_who_comes_first() -> None:
    chosen = Chance(7).some(1000, 10)
    assert 20 < sum(chosen[:500]) < 80


@given(SEEDS, COUNTS)
def test_memberships_are_one_of_the_equal_ones_and_the_percentages_of_the_others(seed: int, count: int) -> None:
    rows = Chance(seed).memberships(count, {"a": None, "b": None, "c": 50.0})
    assert len(rows) == count
    assert all(("a" in row) != ("b" in row) for row in rows)
    assert sum("c" in row for row in rows) == int(count / 2 + 0.5)


def test_without_shares_nobody_belongs_to_anything() -> None:
    assert Chance(7).memberships(3, {}) == [(), (), ()]
