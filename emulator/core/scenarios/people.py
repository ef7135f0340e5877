"""People who do not exist, with realistic names and addresses where no mail can arrive.

Names, towns and the like come from the library Faker, an optional dependency. They are drawn once, as pools, and a
seeded chance picks from them: that is quicker than asking the library for each person, and leaves to the library only
how people are called, not how many there are of which kind.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from emulator.core.scenarios.chance import Chance

DEFAULT_LOCALE = "en_US"
DOMAINS = ("example.com", "example.org", "example.net")
"""Reserved for examples (RFC 2606); no mail arrives there."""
YOUNGEST, OLDEST = date(2005, 12, 31), date(1940, 1, 1)

_POOL = 700
_NO_LIBRARY = "needs the library Faker; install it with: pip install 'audience-emulator[generate]'"
_SIGNS = re.compile(r"[^a-z0-9]+")
_AREA_CODES = ("202", "303", "404", "512", "615", "718", "808", "917")
_FOODS = ("bread", "cheese", "pasta", "rice", "soup", "tacos", "sushi", "apples", "chocolate", "pancakes", "salad")
_GENDERS = ("female", "male")
# What the library calls the things that fields are often named after, in lower case and without signs.
_DRAWN: Mapping[str, str] = {
    **dict.fromkeys(("city", "town"), "city"),
    **dict.fromkeys(("company", "companyname", "organisation", "organization", "employer"), "company"),
    **dict.fromkeys(("job", "jobtitle", "profession", "occupation"), "job"),
    **dict.fromkeys(("address", "address1", "street", "streetaddress"), "street_address"),
    **dict.fromkeys(("zip", "zipcode", "postcode", "postalcode"), "postcode"),
    "country": "country",
    "state": "state",
}
_OWN = {
    **dict.fromkeys(("food", "favoritefood", "favouritefood"), _FOODS),
    **dict.fromkeys(("gender", "sex"), _GENDERS),
}
_FIRST = frozenset({"firstname", "fname", "givenname", "forename"})
_LAST = frozenset({"lastname", "lname", "surname", "familyname"})
_FULL = frozenset({"name", "fullname"})
_PHONE = frozenset({"phone", "phonenumber", "mobile", "mobilenumber", "telephone", "cell", "cellphone"})


class Unfit(Exception):
    """People of this kind can not be made: the end of a sentence, and the key that it is about, if it is about one."""

    def __init__(self, text: str, *keys: str) -> None:
        super().__init__(text)
        self.keys = keys


class Person(NamedTuple):
    """How somebody is called, and an address of nobody's."""

    first_name: str
    last_name: str
    email: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


class People:
    """Endless people; the same seed and locale give the same. Nobody gets an address that is `taken`, in lower case.

    Raises Unfit for a locale that the library does not have.
    """

    def __init__(self, seed: int, locale: str, taken: set[str]) -> None:
        self._seed = seed
        self._locale = locale
        self._taken = taken
        self._names = Chance(seed, "names")
        self._first = [(name, _ascii(name)) for name in _pool(locale, "first_name")]
        self._last = [(name, _ascii(name)) for name in _pool(locale, "last_name")]
        self._namesakes: dict[str, int] = {}

    def __iter__(self) -> Iterator[Person]:
        pick = self._names.pick
        while True:
            first, first_ascii = pick(self._first)
            last, last_ascii = pick(self._last)
            yield Person(first, last, self._address(f"{first_ascii}.{last_ascii}", pick(DOMAINS)))

    def texts(self, field: str) -> Callable[[Person], str]:
        """What makes the values of a text field of this name."""
        meant = _SIGNS.sub("", field.lower())
        for names, attribute in ((_FIRST, "first_name"), (_LAST, "last_name"), (_FULL, "name")):
            if meant in names:
                return lambda person: str(getattr(person, attribute))
        chance = self.chance(field)
        if meant in _PHONE:
            return lambda person: phone_number(chance)
        pool = _OWN.get(meant) or _pool(self._locale, _DRAWN.get(meant, "word"))
        return lambda person: chance.pick(pool)

    def chance(self, field: str) -> Chance:
        """The chance that fills a field: what one field holds depends on no other."""
        return Chance(self._seed, "field", field)

    def _address(self, local: str, domain: str) -> str:
        number = self._namesakes.get(local, 0)
        address = ""
        while not address or address in self._taken:
            number += 1
            address = f"{local}{number}@{domain}" if number > 1 else f"{local}@{domain}"
        self._namesakes[local] = number
        self._taken.add(address)
        return address


def phone_number(chance: Chance) -> str:
    """One of the North American numbers that are kept free for fiction, `+16155550142`."""
    return f"+1{chance.pick(_AREA_CODES)}55501{chance.below(100):02d}"


def number_of(field: str, chance: Chance) -> int:
    """A value of a number field of this name; small ones are more frequent."""
    if _SIGNS.sub("", field.lower()) == "age":
        return chance.number(18, 90)
    return min(chance.below(100), chance.below(100))


def birthday(chance: Chance) -> date:
    return date.fromordinal(chance.number(OLDEST.toordinal(), YOUNGEST.toordinal()))


def is_birthday(field: str) -> bool:
    """Whether a date field of this name holds the day of somebody's birth."""
    meant = _SIGNS.sub("", field.lower())
    return "birth" in meant or meant in ("dob", "born")


def _ascii(name: str) -> str:
    """A name as it may stand in an address; a script without Latin letters gives none, so there is a stopgap."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return _SIGNS.sub("", plain) or "member"


@lru_cache(maxsize=64)
def _pool(locale: str, kind: str) -> tuple[str, ...]:
    """What the library says when it is asked for this many times, frequent names more often. Raises Unfit."""
    # Imported here because only generated members need it, and because it may be missing.
    try:
        from faker import Faker
        from faker.config import AVAILABLE_LOCALES
    except ModuleNotFoundError:
        raise Unfit(_NO_LIBRARY) from None
    if locale not in AVAILABLE_LOCALES:
        raise Unfit(f"must be a locale that Faker knows, such as en_US, de_DE or ja_JP, not {locale!r}", "locale")
    # A library of its own for each pool, because threads may draw at the same time.
    library = Faker(locale)
    library.seed_instance(0)
    draw = getattr(library, kind, library.word)
    return tuple(" ".join(draw().split()) for _ in range(_POOL))
