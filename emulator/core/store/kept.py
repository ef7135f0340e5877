"""What a durable store asks of something that holds rows, beside the port that rules use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol


class Changes(NamedTuple):
    """What happened since the last time, without its order: first `dropped` keys go, then `put` rows come."""

    dropped: Sequence[Any]
    put: Sequence[Any]


class Kept(Protocol):
    """Rows that can be written down whole, or by what changes from now on."""

    @property
    def recording(self) -> bool: ...

    def record(self) -> None:
        """Remember what changes from now on."""

    def drain(self) -> Changes:
        """What changed since recording began or since the last drain."""

    def rows(self) -> Iterator[Any]:
        """All rows of now, whenever and in whatever thread they are read."""

    def shared(self, rows: Sequence[Any]) -> Sequence[Any]:
        """The rows, with one of here in the place of each that is equal to it."""

    def put_many(self, rows: Sequence[Any]) -> None: ...

    def delete_many(self, keys: Iterable[Any]) -> int: ...
