"""What was asked, what was answered, and why: a ring of entries per world."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct, field

# A longer body is cut in the journal, never on the wire.
BODY_KEPT = 64 * 1024
HEADER_KEPT = 1024  # bytes of a header's value
_MOST_NOTES = 20
_OVERHEAD = 1000  # bytes an entry takes beside its texts


class Entry(Struct, gc=False):
    """One request; `status` is None when its client went away.

    `at` is the world's time in POSIX seconds, `duration` wall time in seconds. `headers` are the request's, credentials
    masked; bodies are cut after BODY_KEPT bytes.
    """

    id: int
    at: float
    method: str
    path: str
    query: bytes = b""
    headers: Sequence[tuple[bytes, bytes]] = ()
    request: bytes = b""
    vendor: str | None = None
    operation: str | None = None
    account: str | None = None
    status: int | None = None
    response: bytes = b""
    duration: float = 0.0
    hint: str | None = None
    notes: list[str] = field(default_factory=list)
    size: int = _OVERHEAD


def add_note(entry: Entry, text: str) -> None:
    """Add a remark; one request can not add them without end."""
    if len(entry.notes) < _MOST_NOTES:
        entry.notes.append(text)
    elif len(entry.notes) == _MOST_NOTES:
        entry.notes.append("and more")


class Journal:
    """The newest entries, within a count and a number of bytes; ids count from 1 and are never used twice."""

    __slots__ = ("_bytes", "_entries", "_last", "current", "max_bytes", "max_entries")

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._last = 0
        self.current: Entry | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def open(self, at: float, method: str, path: str) -> Entry:
        self._last += 1
        entry = Entry(self._last, at, method, path)
        self._entries.append(entry)
        self._bytes += _OVERHEAD
        return entry

    def close(self, entry: Entry) -> None:
        """Take the final size into account and drop the oldest entries over the limits."""
        entry.request = entry.request[:BODY_KEPT]
        entry.response = entry.response[:BODY_KEPT]
        entries = self._entries
        if not entries or entries[0].id > entry.id:
            return  # it was cleared or crowded out while the request was under way
        size = len(entry.path) + len(entry.query) + len(entry.request) + len(entry.response)
        for name, value in entry.headers:
            size += len(name) + len(value)
        for note in entry.notes:
            size += len(note)
        entry.size += size
        self._bytes += size
        while len(entries) > self.max_entries or (self._bytes > self.max_bytes and len(entries) > 1):
            self._bytes -= entries.popleft().size

    def note(self, text: str) -> None:
        """Add a remark to the request whose rule is running, if one is."""
        if self.current is not None:
            add_note(self.current, text)

    def select(self, keep: Callable[[Entry], bool], limit: int) -> list[Entry]:
        """The newest entries that match, oldest first."""
        found: list[Entry] = []
        for entry in reversed(self._entries):
            if len(found) == limit:
                break
            if keep(entry):
                found.append(entry)
        return found[::-1]

    def clear(self) -> int:
        """Forget every entry; how many there were."""
        count = len(self._entries)
        self._entries.clear()
        self._bytes = 0
        return count
