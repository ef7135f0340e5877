"""What all vendors' `generate:` blocks share: how many people, from which seed, and which part of them is what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from emulator.core.errors import Invalid, Location
from emulator.core.scenarios.people import DEFAULT_LOCALE, People, Unfit

MOST_MEMBERS = 1_000_000

Percent = Annotated[float, Field(ge=0, le=100)]
NonEmpty = Annotated[str, Field(min_length=1)]


def listed(value: object) -> object:
    """A list as an object without percentages."""
    if isinstance(value, list) and all(isinstance(each, str | int) for each in value):
        return dict.fromkeys(value)
    if isinstance(value, Mapping) and None in value.values():
        raise ValueError("must give every entry a percentage, or be a list")
    return value


NamedShares = Annotated[
    dict[NonEmpty, Percent | None],
    BeforeValidator(listed, json_schema_input_type=list[NonEmpty] | dict[NonEmpty, Percent]),
]
"""Names with percentages, or a list of names."""


def two(entries: list[str]) -> list[str]:
    """The ends of a period. Raises ValueError for another number of entries."""
    if len(entries) != 2:
        raise ValueError("must be a list of two, from and to")
    return entries


class Percentages(BaseModel):
    """Parts of the generated members that exclude each other; those in none of them are as members usually are."""

    model_config = ConfigDict(strict=True, extra="forbid")

    @model_validator(mode="after")
    def _fit(self) -> Percentages:
        total = sum(self.shares().values())
        if total > 100.000001:  # such as three times 33.33333334
            raise ValueError(f"add up to {total:g}, more than 100")
        return self

    def shares(self) -> dict[str, float]:
        """The parts by name."""
        return self.model_dump()


class Generate(BaseModel):
    """A block of `generate:`; a vendor adds its own keys."""

    model_config = ConfigDict(strict=True, extra="forbid")

    members: Annotated[int, Field(ge=1, le=MOST_MEMBERS)]
    seed: int = 1
    locale: NonEmpty = DEFAULT_LOCALE
    fields: NamedShares | None = None
    """Without this key, a value in every field for everybody."""
    PERIOD: ClassVar[tuple[str, str]] = ("2021-01-01", "2024-01-01")
    """When they became members, unless the block says so: fixed, so that it depends on no clock."""

    def people(self, taken: set[str], location: Location) -> People:
        """Whom it makes. Raises Invalid."""
        try:
            return People(self.seed, self.locale, taken)
        except Unfit as problem:
            raise Invalid((*location, *problem.keys), str(problem)) from None

    def period(
        self, given: list[Any] | None, read: Callable[[str, Location], int], location: Location
    ) -> tuple[int, int]:
        """The half-open span of POSIX seconds in which they became members. Raises Invalid."""
        first, end = (read(text, location) for text in given or self.PERIOD)
        if end <= first:
            raise Invalid(location, "must end after it begins")
        return first, end

    def check(self, name: str, shares: Mapping[Any, object], known: Callable[[Any], bool], location: Location) -> None:
        """Raise Invalid for something under the key `name` that the account does not have."""
        for each in shares:
            if not known(each):
                raise Invalid((*location, name, str(each)), f"is none of this account; declare it under {name}")
