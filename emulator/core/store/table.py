"""The port between rules and stores: rows by key, with declared indexes.

It is narrow and set-oriented, so that a database can stand behind it without touching a rule. Every listing is in
ascending order of the key; positions count from 0; windows are half-open.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")

Where = Sequence[tuple[str, Hashable]]
"""Ordered indexes and the value each must have; all of them hold."""


@dataclass(frozen=True, slots=True)
class Unique(Generic[R]):
    """At most one row has a value; `find` looks it up."""

    name: str
    value: Callable[[R], Hashable]


@dataclass(frozen=True, slots=True)
class Ordered(Generic[R]):
    """Rows by any number of values each; `select` and `count` read it by position."""

    name: str
    values: Callable[[R], Iterable[Hashable]]


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """Something that conditions read from rows; a store may keep what `read` gave until one of the rows changes."""

    key: Hashable
    read: Callable[[Sequence[R]], list[Any]]


@dataclass(frozen=True, slots=True)
class Scan(Generic[R]):
    """A compiled condition: `pick(rows, *columns)` gives the rows that match, in the order given.

    `needles` are texts by the number of their column. Where none of them (`needs_all`: where not all of them) occurs
    somewhere in its column, no row can match; without needles every row may.
    """

    columns: Sequence[Column[R]]
    pick: Callable[..., list[R]]
    needles: Sequence[tuple[int, str]] = ()
    needs_all: bool = True


class Clash(ValueError):
    """A row would have the unique value of another row; a bug of the rule that put it."""


class Table(Protocol[K, R]):
    """Immutable rows of one kind."""

    def __len__(self) -> int: ...

    def get(self, key: K) -> R | None: ...

    def get_many(self, keys: Iterable[K]) -> list[R]:
        """The rows that exist, in the order of the keys."""

    def find(self, index: str, value: Hashable) -> R | None: ...

    def find_many(self, index: str, values: Iterable[Hashable]) -> dict[Any, R]:
        """The rows that exist, by value."""

    def page(self, start: int, stop: int) -> list[R]: ...

    def select(self, where: Where, start: int, stop: int) -> list[R]: ...

    def count(self, where: Where) -> int: ...

    def scan(self, scan: Scan[R]) -> Iterator[list[R]]:
        """The rows that match in the state of now, piece by piece, so that a large table does not hold up others."""

    def put(self, row: R) -> None: ...

    def put_many(self, rows: Sequence[R]) -> None:
        """Insert or replace; all or, on a Clash, none."""

    def delete(self, key: K) -> bool:
        """Whether there was such a row."""

    def delete_many(self, keys: Iterable[K]) -> int:
        """How many of them there were."""

    def copy(self) -> Table[K, R]:
        """An independent table with the same rows, shared because they are immutable."""


_AT_ONCE = 1000


def rows(table: Table[Any, R]) -> Iterator[R]:
    """All rows of a table that nobody changes meanwhile, read some at a time."""
    for start in range(0, len(table), _AT_ONCE):
        yield from table.page(start, start + _AT_ONCE)
