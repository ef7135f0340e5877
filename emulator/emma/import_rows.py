"""The rows of an import that are still to be done: first all are read, then those that count are saved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

NumberedRow = tuple[int, msgspec.Raw | None]
"""The number of a row among those received, from 1, and the row as it came."""

BAD_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Addressed(Struct, gc=False):
    """What is read of a row before its turn to be saved."""

    email: object = None


class Waiting(Struct, gc=False):
    """A row that is still to be saved, as it came."""

    address: str
    email: str
    number: int
    raw: msgspec.Raw


class Taken(NamedTuple):
    """What was found while rows were read."""

    duplicates: int
    without_address: list[int]
    """Their numbers."""


_decode_address = msgspec.json.Decoder(Addressed).decode


class ImportRows:
    """Of rows with the same address the last one counts, in the place of the first.

    `identity` is what gives the form of an address under which a member is known.
    """

    __slots__ = ("_done", "_identity", "_places", "_read", "_received", "_rows")

    def __init__(self, rows: Sequence[msgspec.Raw], identity: Callable[[str], str]) -> None:
        self._identity = identity
        self._received: list[msgspec.Raw | None] = list(rows)
        self._read = 0
        self._places: dict[str, int] = {}
        """While rows are read: where in `_rows` an address is."""
        self._rows: list[Waiting | None] = []
        self._done = 0

    @classmethod
    def resumed(cls, rows: Sequence[NumberedRow], unread: int, identity: Callable[[str], str]) -> ImportRows:
        """What `numbered` gave, of which so many at the end were not read."""
        resumed = cls((), identity)
        read = len(rows) - unread
        resumed._take(rows[:read])
        if unread:
            resumed._read = rows[read][0] - 1
            resumed._received += [None] * resumed._read
            resumed._received += [raw for _, raw in rows[read:]]
        return resumed

    @property
    def unread(self) -> int:
        return len(self._received) - self._read

    @property
    def left(self) -> int:
        """How many of those read are to be saved."""
        return len(self._rows) - self._done

    def read(self, most: int) -> Taken:
        """Read the next ones."""
        start, stop = self._read, self._read + most
        rows = self._received[start:stop]
        self._received[start:stop] = [None] * len(rows)
        self._read += len(rows)
        return self._take(enumerate(rows, start + 1))

    def next(self, most: int) -> list[Waiting]:
        """Those that are to be saved now, once all are read; they are done then."""
        if self._received:
            self._received, self._places, self._read = [], {}, 0
        start, stop = self._done, min(self._done + most, len(self._rows))
        rows = [waiting for waiting in self._rows[start:stop] if waiting is not None]
        # Given back piece by piece, because freeing all of them at the end would take a long turn.
        self._rows[start:stop] = [None] * (stop - start)
        self._done = stop
        return rows

    def forget(self, texts: Collection[str]) -> int:
        """Drop those of these addresses; how many they are. All must be read."""
        addresses = {self._identity(text) for text in texts}
        left = [waiting for waiting in self._rows[self._done :] if waiting and waiting.address not in addresses]
        gone = self.left - len(left)
        self._rows, self._done = [*left], 0
        self._received, self._places, self._read = [], {}, 0
        return gone

    def skip_to(self, unread: int, left: int) -> None:
        """Be where this many are not read and not saved. Raises ValueError when that can not be."""
        self.read(max(self.unread - unread, 0))
        saved = self.left - left
        if saved < 0 or (saved and unread) or self.unread != unread:
            raise ValueError("an import has not as many rows as its progress says")
        if saved:
            self.next(saved)

    def numbered(self) -> Callable[[], Iterable[NumberedRow]]:
        """What gives the rows of now in any thread, those to save before those to read."""
        rows, received, read = self._rows[self._done :], self._received[self._read :], self._read

        def give() -> Iterable[NumberedRow]:
            yield from ((waiting.number, waiting.raw) for waiting in rows if waiting is not None)
            yield from enumerate(received, read + 1)

        return give

    def copy(self) -> ImportRows:
        twin = ImportRows((), self._identity)
        twin._received, twin._read = self._received.copy(), self._read
        twin._places = self._places.copy()
        twin._rows, twin._done = self._rows.copy(), self._done
        return twin

    def _take(self, rows: Iterable[NumberedRow]) -> Taken:
        identity = self._identity
        duplicates, without_address = 0, []
        for number, raw in rows:
            email = _email(raw)
            if raw is None or email is None:
                without_address.append(number)
                continue
            address = identity(email)
            waiting = Waiting(address, email, number, raw)
            place = self._places.setdefault(address, len(self._rows))
            if place < len(self._rows):
                duplicates += 1
                self._rows[place] = waiting
            else:
                self._rows.append(waiting)
        return Taken(duplicates, without_address)


def _email(raw: msgspec.Raw | None) -> str | None:
    """The address of a row; None if it has none."""
    if raw is None:
        return None
    try:
        email = _decode_address(raw).email
    except BAD_JSON:
        return None
    return email if isinstance(email, str) and email.strip() else None
