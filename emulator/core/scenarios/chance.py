"""Chance that is none: the same seed gives the same numbers, on every machine and with every version of Python."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import chain
from typing import TypeVar

T = TypeVar("T")
H = TypeVar("H", bound=Hashable)


class Chance:
    """A stream of numbers of its own for each seed, of which a purpose may be a part: `Chance(7, "status")`."""

    __slots__ = ("_next",)

    def __init__(self, *seed: object) -> None:
        digest = hashlib.blake2b(" ".join(map(str, seed)).encode(), digest_size=8).digest()
        stream = random.Random(int.from_bytes(digest, "big"))  # noqa: S311 - nothing is secret here
        # Of all that a stream has, only random() is promised to stay as it is in later versions of Python.
        self._next = stream.random

    def below(self, end: int) -> int:
        """A number from 0 to `end` - 1."""
        return int(self._next() * end)

    def number(self, first: int, last: int) -> int:
        """A number from `first` to `last`."""
        return first + int(self._next() * (last - first + 1))

    def pick(self, values: Sequence[T]) -> T:
        return values[int(self._next() * len(values))]

    def instants(self, count: int, first: int, end: int) -> list[int]:
        """So many POSIX seconds from `first` to before `end`, ascending."""
        return sorted(first + self.below(end - first) for _ in range(count))

    def spread(self, count: int, values: Sequence[T]) -> list[T]:
        """A value for each of so many, all values equally often, as far as the number allows."""
        return self._shuffled([values[position % len(values)] for position in range(count)])

    def shares(self, count: int, percents: Mapping[H, float], rest: H) -> list[H]:
        """A value for each of so many: exactly these percentages of the values, rounded, and `rest` for the others."""
        values: list[H] = []
        total = 0.0
        for value, percent in percents.items():
            total += percent
            values += [value] * (int(count * min(total, 100) / 100 + 0.5) - len(values))
        return self._shuffled(values + [rest] * (count - len(values)))

    def some(self, count: int, percent: float) -> list[bool]:
        """True for exactly this percentage of so many, rounded."""
        return self.shares(count, {True: percent}, rest=False)

    def memberships(self, count: int, shares: Mapping[H, float | None]) -> list[tuple[H, ...]]:
        """What each of so many belongs to: everybody to one of those without a percentage, all equally often, and
        this percentage to each of the others.
        """
        equal = [value for value, percent in shares.items() if percent is None]
        columns: list[Iterable[tuple[H, ...]]] = []
        if equal:
            columns.append(Chance(self._next(), "equal").spread(count, [(value,) for value in equal]))
        for value, percent in shares.items():
            if percent is not None:
                columns.append(Chance(self._next(), value).shares(count, {(value,): percent}, rest=()))
        # One object for all that belong to the same.
        known: dict[tuple[H, ...], tuple[H, ...]] = {}
        rows = zip(*columns, strict=True) if columns else [()] * count
        return [known.setdefault(row, row) for row in (tuple(chain.from_iterable(row)) for row in rows)]

    def _shuffled(self, values: list[T]) -> list[T]:
        following = self._next
        for last in range(len(values) - 1, 0, -1):
            other = int(following() * (last + 1))
            values[last], values[other] = values[other], values[last]
        return values
