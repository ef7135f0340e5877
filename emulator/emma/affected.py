"""Which members imports affected, and how; a few bytes each, because imports are large."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from emulator.core.store.kept import Changes

ADDED, UNDELETED, UPDATED, SIGNED_UP = "a", "n", "u", "s"


class Change(NamedTuple):
    """`change_type` is one of the letters above; `enlisted` whether the import put the member into a group."""

    member_id: int
    change_type: str
    enlisted: bool


class Affected:
    """The changes of one import, in their order. It holds no addresses, so that a purge leaves nothing behind."""

    __slots__ = ("_changes", "_enlisted", "_ids", "kept")

    def __init__(self) -> None:
        self.kept: int | None = 0
        """How many of them, from the first on, a store has; None when it has others."""
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
        self.kept = None
        self._ids = array("q", [self._ids[position] for position in kept])
        self._changes = bytearray([self._changes[position] for position in kept])
        self._enlisted = bytearray([self._enlisted[position] for position in kept])

    def parts(self, import_id: int, start: int) -> Iterator[Part]:
        """The changes from a position on, to be stored."""
        for first in range(start, len(self), _PART):
            last = first + _PART
            enlisted = self._enlisted[first:last].replace(b"\0", b"0").replace(b"\1", b"1").decode()
            yield Part(import_id, tuple(self._ids[first:last]), self._changes[first:last].decode(), enlisted)

    def extend(self, part: Part) -> None:
        """Add what was stored. Raises ValueError when its sides do not fit each other."""
        if not len(part.member_ids) == len(part.change_types) == len(part.enlisted):
            raise ValueError("an import's members, changes and enlistments differ in number")
        self._ids.extend(part.member_ids)
        self._changes += part.change_types.encode()
        self._enlisted += bytes(mark == "1" for mark in part.enlisted)

    def copy(self) -> Affected:
        twin = Affected()
        twin._ids = self._ids[:]
        twin._changes = self._changes[:]
        twin._enlisted = self._enlisted[:]
        return twin


class Part(Struct, frozen=True):
    """Neighbouring changes of one import, as they are stored: `enlisted` has a 1 or a 0 for each."""

    import_id: int
    member_ids: tuple[int, ...]
    change_types: str
    enlisted: str


_PART = 1000  # changes that are stored together


class Effects:
    """What each import of an account did, by import ids."""

    __slots__ = ("_by_import", "recording")

    def __init__(self) -> None:
        self._by_import: dict[int, Affected] = {}
        self.recording = False

    def __getitem__(self, import_id: int) -> Affected:
        affected = self._by_import.get(import_id)
        if affected is None:
            affected = self._by_import[import_id] = Affected()
        return affected

    def __iter__(self) -> Iterator[Affected]:
        return iter(self._by_import.values())

    def record(self) -> None:
        self.recording = True
        for affected in self:
            affected.kept = len(affected)

    def drain(self) -> Changes:
        put: list[Part] = []
        dropped: list[int] = []
        for import_id, affected in self._by_import.items():
            if affected.kept is None:
                dropped.append(import_id)
            if affected.kept != len(affected):
                put += affected.parts(import_id, affected.kept or 0)
            affected.kept = len(affected)
        return Changes(dropped, put)

    def rows(self) -> Iterator[Part]:
        twins = [(import_id, affected.copy()) for import_id, affected in self._by_import.items()]
        return (part for import_id, affected in twins for part in affected.parts(import_id, 0))

    def shared(self, rows: Sequence[Part]) -> Sequence[Part]:
        return rows

    def put_many(self, rows: Sequence[Part]) -> None:
        for part in rows:
            self[part.import_id].extend(part)

    def delete_many(self, keys: Iterable[int]) -> int:
        return sum(self._by_import.pop(import_id, None) is not None for import_id in list(keys))

    def copy(self) -> Effects:
        twin = Effects()
        twin._by_import = {import_id: affected.copy() for import_id, affected in self._by_import.items()}
        return twin
