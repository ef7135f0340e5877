"""Tables in memory.

A row sits in a slot; slots ascend with the keys, so "by position" is a question to a bitmap of slots: a page at the end
costs what a page at the start costs (measured in benchmarks/), and an intersection of indexes is one of bitmaps.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import reduce
from operator import and_
from typing import Any, Generic

from pyroaring import BitMap

from emulator.core.store.chunk import Chunk
from emulator.core.store.kept import Changes
from emulator.core.store.table import Clash, K, Ordered, R, Scan, Unique, Where

# Renumber the slots when deleted rows outnumber the living by this much.
_SLACK = 1024
# Slots whose rows are scanned together; a write makes the columns of so many rows stale.
_CHUNK = 4096


class MemoryTable(Generic[K, R]):
    """A Table whose rows are shared with every copy of it."""

    __slots__ = (
        "_changed",
        "_chunks",
        "_indexes",
        "_key",
        "_last",
        "_live",
        "_ordered",
        "_rows",
        "_slots",
        "_sorted",
        "_unique",
    )

    def __init__(self, key: Callable[[R], K], *indexes: Unique[R] | Ordered[R]) -> None:
        self._key = key
        self._indexes = indexes
        self._rows: list[R | None] = []
        self._slots: dict[K, int] = {}
        self._live = BitMap()
        self._chunks: list[Chunk[R] | None] = []
        self._last: Any = None
        self._sorted = True
        self._changed: dict[K, None] | None = None  # keys, while somebody keeps the rows elsewhere
        self._unique: dict[str, tuple[Callable[[R], Hashable], dict[Hashable, int]]] = {
            index.name: (index.value, {}) for index in indexes if isinstance(index, Unique)
        }
        self._ordered: dict[str, tuple[Callable[[R], Iterable[Hashable]], dict[Hashable, BitMap]]] = {
            index.name: (index.values, {}) for index in indexes if isinstance(index, Ordered)
        }

    def __len__(self) -> int:
        return len(self._slots)

    def get(self, key: K) -> R | None:
        slot = self._slots.get(key)
        return None if slot is None else self._rows[slot]

    def get_many(self, keys: Iterable[K]) -> list[R]:
        return [row for key in keys if (row := self.get(key)) is not None]

    def find(self, index: str, value: Hashable) -> R | None:
        slot = self._unique[index][1].get(value)
        return None if slot is None else self._rows[slot]

    def find_many(self, index: str, values: Iterable[Hashable]) -> dict[Any, R]:
        slots, rows = self._unique[index][1], self._rows
        return {value: rows[slots[value]] for value in values if value in slots}  # type: ignore[misc]

    def page(self, start: int, stop: int) -> list[R]:
        self._sort()
        return self._read(self._live, start, stop)

    def select(self, where: Where, start: int, stop: int) -> list[R]:
        self._sort()
        return self._read(self._matching(where), start, stop)

    def count(self, where: Where) -> int:
        if not where:
            return len(self._slots)
        return self._matching(where[:-1]).intersection_cardinality(self._bitmap(*where[-1]))

    def scan(self, scan: Scan[R]) -> Iterator[list[R]]:
        self._sort()
        self._chunks += [None] * (len(self._rows) // _CHUNK + 1 - len(self._chunks))
        for number, chunk in enumerate(self._chunks):
            if chunk is None:
                rows = self._rows[number * _CHUNK : (number + 1) * _CHUNK]
                self._chunks[number] = Chunk([row for row in rows if row is not None])
        # Chunks never change, so this is the state of now, however long the caller takes.
        return (chunk.scan(scan) for chunk in list(self._chunks) if chunk is not None)

    def put(self, row: R) -> None:
        self.put_many((row,))

    def put_many(self, rows: Sequence[R]) -> None:
        keyed = [(self._key(row), row) for row in rows]
        for value, slots in self._unique.values():
            self._refuse_clash(keyed, value, slots)
        if self._changed is not None:
            self._changed.update((key, None) for key, _ in keyed)
        for key, row in keyed:
            slot = self._slots.get(key)
            if slot is None:
                self._insert(key, row)
            else:
                self._unindex((slot,))
                self._rows[slot] = row
                self._index(slot, row)

    def delete(self, key: K) -> bool:
        return self.delete_many((key,)) == 1

    def delete_many(self, keys: Iterable[K]) -> int:
        keys = list(keys)
        if self._changed is not None:
            self._changed.update((key, None) for key in keys)
        gone = [slot for key in keys if (slot := self._slots.pop(key, None)) is not None]
        self._unindex(gone)
        for slot in gone:
            self._rows[slot] = None
        self._live -= BitMap(gone)
        if len(self._rows) > 2 * len(self._slots) + _SLACK:
            self._renumber()
        return len(gone)

    def copy(self) -> MemoryTable[K, R]:
        twin: MemoryTable[K, R] = MemoryTable(self._key, *self._indexes)
        twin._rows = self._rows.copy()
        twin._slots = self._slots.copy()
        twin._live = self._live.copy()
        twin._chunks = self._chunks.copy()
        twin._last = self._last
        twin._sorted = self._sorted
        for name, (value, slots) in self._unique.items():
            twin._unique[name] = (value, slots.copy())
        for name, (values, bitmaps) in self._ordered.items():
            twin._ordered[name] = (values, {each: bitmap.copy() for each, bitmap in bitmaps.items()})
        return twin

    @property
    def recording(self) -> bool:
        return self._changed is not None

    def record(self) -> None:
        self._changed = {}

    def drain(self) -> Changes:
        changed, self._changed = self._changed or (), {}
        return Changes([key for key in changed if key not in self._slots], self.get_many(changed))

    def rows(self) -> Iterator[R]:
        rows = self._rows.copy()
        return (row for row in rows if row is not None)

    def shared(self, rows: Sequence[R]) -> Sequence[R]:
        return [known if (known := self.get(self._key(row))) == row and known is not None else row for row in rows]

    def _insert(self, key: K, row: R) -> None:
        slot = len(self._rows)
        self._rows.append(row)
        self._slots[key] = slot
        self._live.add(slot)
        if self._last is None or key > self._last:
            self._last = key
        else:
            self._sorted = False
        self._index(slot, row)

    def _index(self, slot: int, row: R) -> None:
        self._forget_chunk(slot)
        for value, slots in self._unique.values():
            slots[value(row)] = slot
        for values, bitmaps in self._ordered.values():
            for each in set(values(row)):
                bitmap = bitmaps.get(each)
                if bitmap is None:
                    bitmap = bitmaps[each] = BitMap()
                bitmap.add(slot)

    def _unindex(self, slots: Sequence[int]) -> None:
        rows: list[Any] = self._rows
        for value, slot_of in self._unique.values():
            for slot in slots:
                del slot_of[value(rows[slot])]
        for values, bitmaps in self._ordered.values():
            for slot in slots:
                for each in set(values(rows[slot])):
                    bitmap = bitmaps[each]
                    bitmap.discard(slot)
                    if not bitmap:
                        del bitmaps[each]
        for slot in slots:
            self._forget_chunk(slot)

    def _forget_chunk(self, slot: int) -> None:
        number = slot // _CHUNK
        if number < len(self._chunks):
            self._chunks[number] = None

    def _refuse_clash(
        self, keyed: list[tuple[K, R]], value: Callable[[R], Hashable], slots: dict[Hashable, int]
    ) -> None:
        taken: dict[Hashable, K] = {}
        for key, row in keyed:
            each = value(row)
            if each in slots and self._slots.get(key) != slots[each]:
                raise Clash(f"{each!r} belongs to another row than {key!r}")
            if taken.setdefault(each, key) != key:
                raise Clash(f"{each!r} is given to {taken[each]!r} and {key!r}")

    def _bitmap(self, index: str, value: Hashable) -> BitMap:
        return self._ordered[index][1].get(value) or BitMap()

    def _matching(self, where: Where) -> BitMap:
        """The slots that meet all of these; not to be changed, because it may be an index itself."""
        return reduce(and_, [self._bitmap(index, value) for index, value in where]) if where else self._live

    def _read(self, slots: BitMap, start: int, stop: int) -> list[R]:
        stop = min(stop, len(slots))
        if start >= stop:
            return []
        return [self._rows[slot] for slot in slots[start:stop]]  # type: ignore[misc]

    def _sort(self) -> None:
        # Keys mostly ascend. They do not when a scenario or an earlier clock brings them; then the next listing pays.
        if not self._sorted:
            self._renumber()

    def _renumber(self) -> None:
        rows: list[R] = sorted((row for row in self._rows if row is not None), key=self._key)  # type: ignore[arg-type]
        self._rows = list(rows)
        self._slots = {self._key(row): slot for slot, row in enumerate(rows)}
        self._live = BitMap(range(len(rows)))
        self._last = self._key(rows[-1]) if rows else None
        self._sorted = True
        self._chunks = []
        for _, slots in self._unique.values():
            slots.clear()
        for _, bitmaps in self._ordered.values():
            bitmaps.clear()
        for slot, row in enumerate(rows):
            self._index(slot, row)
