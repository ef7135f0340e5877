"""People who do not exist."""

from __future__ import annotations

import re
import sys
from itertools import islice

import pytest

from emulator.core.scenarios.chance import Chance
from emulator.core.scenarios.people import (
    OLDEST,
    YOUNGEST,
    People,
    Person,
    Unfit,
    birthday,
    is_birthday,
    number_of,
    phone_number,
)

RESERVED = re.compile(r"[a-z0-9]+\.[a-z0-9]+@example\.(com|org|net)")


def people(count: int, seed: int = 7, locale: str = "en_US", taken: set[str] | None = None) -> list[Person]:
    return list(islice(People(seed, locale, set() if taken is None else taken), count))


def test_the_same_seed_makes_the_same_people() -> None:
    assert people(500) == people(500)
    assert people(500) != people(500, seed=8)


def test_addresses_are_unique_and_reserved() -> None:
    addresses = [person.email for person in people(20_000)]
    assert len(set(addresses)) == len(addresses)
    assert all(RESERVED.fullmatch(address) for address in addresses)


def test_nobody_gets_an_address_that_is_taken() -> None:
    first = people(50)
    taken = {person.email for person in first}
    assert not taken & {person.email for person in people(50, taken=set(taken))}


def test_names_are_those_of_the_locale() -> None:
    assert people(200, locale="de_DE") != people(200)
    japanese = people(5, locale="ja_JP")
    assert not any(person.first_name.isascii() for person in japanese)
    assert all(RESERVED.fullmatch(person.email) for person in japanese)


def test_an_unknown_locale_is_named() -> None:
    with pytest.raises(Unfit, match=r"must be a locale that Faker knows, .* not 'xx_XX'") as refused:
        people(1, locale="xx_XX")
    assert refused.value.keys == ("locale",)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faker", None)
    with pytest.raises(Unfit, match=r"needs the library Faker; install it with: pip install 'audience-emulator"):
        people(1, locale="fr_CH")


@pytest.mark.parametrize(
    ("field", "attribute"),
    [("First Name", "first_name"), ("first_name", "first_name"), ("Surname", "last_name"), ("fullName", "name")],
)
def test_a_field_named_like_a_part_of_the_name_holds_it(field: str, attribute: str) -> None:
    person = people(1)[0]
    assert People(7, "en_US", set()).texts(field)(person) == getattr(person, attribute)


@pytest.mark.parametrize(
    ("field", "pattern"),
    [
        ("phone", r"\+1[0-9]{3}55501[0-9]{2}"),
        ("ZIP code", r"[0-9]{5}(-[0-9]{4})?"),
        ("gender", "female|male"),
        ("favorite_food", "[a-z]+"),
        ("City", r"[A-Z][\w ]+"),
        ("whatever", r"\w+"),
    ],
)
def test_a_text_fits_the_name_of_its_field(field: str, pattern: str) -> None:
    make = People(7, "en_US", set()).texts(field)
    values = [make(person) for person in people(50)]
    assert all(re.fullmatch(pattern, value) for value in values)
    assert len(set(values)) > 1


def test_phone_numbers_are_those_kept_free_for_fiction() -> None:
    chance = Chance(7)
    assert all(re.fullmatch(r"\+1[0-9]{3}55501[0-9]{2}", phone_number(chance)) for _ in range(50))


def test_birthdays_are_those_of_grown_up_people() -> None:
    chance = Chance(7)
    assert all(OLDEST <= birthday(chance) <= YOUNGEST for _ in range(500))
    assert [is_birthday(name) for name in ("birthday", "Date of Birth", "DOB", "signup")] == [True, True, True, False]


def test_ages_are_those_of_grown_up_people() -> None:
    chance = Chance(7)
    assert all(18 <= number_of("Age", chance) <= 90 for _ in range(500))
    assert all(0 <= number_of("orders", chance) < 100 for _ in range(500))
