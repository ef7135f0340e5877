"""Which members an import affected, and how; a few bytes each, because imports are large."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

ADDED, UNDELETED, UPDATED, SIGNED_UP = "a", "n", "u", "s"


class Change(NamedTuple):
    """`change_type` is one of the letters above; `enlisted` whether the import put the member into a group."""

    member_id: int
    change_type: str
    enlisted: bool


class Affected:
    """The changes of one import, in their order. It holds no addresses, so that a purge leaves nothing behind."""

    __slots__ = ("_changes", "_enlisted", "_ids")

    def __init__(self) -> None:
        self._ids = array("q")
        self._changes = bytearray()
        self._enlisted = bytearray()

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Change]:
        for member_id, letter, enlisted in zip(self._ids, self._changes, self._enlisted, strict=True):
            yield Change(member_id, chr(letter), bool(enlisted))

    def positions(self, change_types: Collection[str] | None, *, enlisted: bool) -> Sequence[int]:
        """Where changes of these types are, or of all; with `enlisted` those only that put somebody into a group."""
        if change_types is None and not enlisted:
            return range(len(self))
        letters = {ord(letter) for letter in change_types} if change_types is not None else set(self._changes)
        return [
            position
            for position, letter in enumerate(self._changes)
            if letter in letters and (self._enlisted[position] or not enlisted)
        ]

    def at(self, positions: Sequence[int]) -> list[Change]:
        """The changes at these positions."""
        ids, changes, enlisted = self._ids, self._changes, self._enlisted
        return [Change(ids[each], chr(changes[each]), bool(enlisted[each])) for each in positions]

    def add(self, member_id: int, change_type: str, *, enlisted: bool) -> None:
        self._ids.append(member_id)
        self._changes.append(ord(change_type))
        self._enlisted.append(enlisted)

    def forget(self, member_ids: Collection[int]) -> None:
        """Drop what happened to these members."""
        gone = set(member_ids)
        if gone.isdisjoint(self._ids):
            return
        kept = [position for position, member_id in enumerate(self._ids) if member_id not in gone]
        self._ids = array("q", [self._ids[position] for position in kept])
        self._changes = bytearray([self._changes[position] for position in kept])
        self._enlisted = bytearray([self._enlisted[position] for position in kept])

    def copy(self) -> Affected:
        twin = Affected()
        twin._ids = self._ids[:]
        twin._changes = self._changes[:]
        twin._enlisted = self._enlisted[:]
        return twin
