"""Deterministic identifiers: the same calls in the same world at the same time give the same ids."""

from __future__ import annotations

import hashlib
import random
import uuid
from dataclasses import dataclass

COUNTER_SPACE = 1 << 24


@dataclass(slots=True)
class ObjectIds:
    """MongoDB-style ids of 24 hexadecimal digits: 4 bytes creation second, 5 bytes origin, 3 bytes counter.

    `origin` is ten hexadecimal digits, the same for all ids of one account; `next` is the next id's counter.
    """

    origin: str
    next: int = 0
    _second: int = -1
    _prefix: str = ""

    @classmethod
    def of(cls, name: str) -> ObjectIds:
        return cls(hashlib.blake2b(name.encode(), digest_size=5).hexdigest())

    def new(self, second: int) -> str:
        """The next id, created at this POSIX second."""
        if second != self._second:
            self._second = second
            self._prefix = f"{second:08x}{self.origin}"
        counter = self.next
        self.next = (counter + 1) % COUNTER_SPACE
        return f"{self._prefix}{counter:06x}"

    def skip(self, known: str) -> None:
        """Never hand out `known`, an id that a scenario brought along."""
        if known[8:18] == self.origin:
            self.next = max(self.next, int(known[18:], 16) + 1) % COUNTER_SPACE

    def go_on(self, counter: int) -> None:
        """Hand out no id before this counter."""
        self.next = max(self.next, counter)

    def copy(self) -> ObjectIds:
        return ObjectIds(self.origin, self.next)


@dataclass(slots=True)
class Counter:
    """Whole numbers, one after the other."""

    next: int

    def new(self) -> int:
        number = self.next
        self.next += 1
        return number

    def skip(self, known: int) -> None:
        """Never hand out `known` or what lies before it."""
        self.next = max(self.next, known + 1)

    def copy(self) -> Counter:
        return Counter(self.next)


def seeded_chance(seed: str) -> random.Random:
    """Chance that is the same for the same seed, in every run."""
    return random.Random(seed)  # noqa: S311 - no secret depends on it


def stable_number(name: str, digits: int) -> int:
    """A number of at most `digits` digits that always belongs to this name, at least 1."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    largest: int = 10**digits - 1
    return int.from_bytes(digest, "big") % largest + 1


def unique_name() -> str:
    """A name that nobody has, anywhere; not for what a world shows."""
    return uuid.uuid4().hex
