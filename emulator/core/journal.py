"""What was asked, what was answered, and why: a ring of entries per world."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from emulator.core.masking import masked_headers, masked_query, without_credentials

# A longer body is cut in the journal, never on the wire.
BODY_KEPT = 64 * 1024
HEADER_KEPT = 1024  # bytes of a header's value
_MOST_NOTES = 20
_OVERHEAD = 1000  # bytes an entry takes beside its texts


class Refusal(Struct, gc=False):
    """Why a request was refused: the kind of problem, its text, and the function that raised it, if one did."""

    kind: str
    text: str
    module: str | None
    function: str | None


class Entry(Struct, gc=False):
    """One request; `status` is None when its client went away.

    `at` is the world's time in POSIX seconds, `began` and `duration` are seconds of a stopwatch. `headers` are the
    request's, credentials masked; bodies are cut after BODY_KEPT bytes, and then `request_cut` and `response_cut` are
    how many there were, else 0. `refusal` is why it was refused, `choices` are the behaviours that were looked up for
    it. `over` is whether it has been dealt with; before that, only those who serve it may see its query and body.
    """

    id: int
    at: float
    method: str
    path: str
    query: bytes = b""
    headers: Sequence[tuple[bytes, bytes]] = ()
    request: bytes = b""
    request_cut: int = 0
    vendor: str | None = None
    operation: str | None = None
    account: str | None = None
    status: int | None = None
    response: bytes = b""
    response_cut: int = 0
    began: float = 0.0
    duration: float = 0.0
    hint: str | None = None
    refusal: Refusal | None = None
    choices: dict[str, str] | None = None
    notes: list[str] = field(default_factory=list)
    size: int = _OVERHEAD
    over: bool = False
    masked: bool = False


def add_note(entry: Entry, text: str) -> None:
    """Add a remark; one request can not add them without end."""
    if len(entry.notes) < _MOST_NOTES:
        entry.notes.append(text)
    elif len(entry.notes) == _MOST_NOTES:
        entry.notes.append("and more")


class Observer(Protocol):
    """Somebody who is told of entries that are over, and of the end."""

    def __call__(self, entry: Entry) -> None: ...

    def stop(self) -> None: ...


def _masked(entry: Entry) -> Entry:
    """The entry without credentials; done when somebody looks at it, so that requests pay nothing."""
    if not entry.masked and entry.over:
        entry.query, entry.headers = masked_query(entry.query), masked_headers(entry.headers)
        entry.request, entry.response = without_credentials(entry.request), without_credentials(entry.response)
        entry.masked = True
    return entry


def visible(entry: Entry) -> Entry:
    """The entry as anybody may see it, also before it is over."""
    if entry.over:
        return _masked(entry)
    return replace(
        entry,
        query=masked_query(entry.query),
        headers=masked_headers(entry.headers),
        request=without_credentials(entry.request[:BODY_KEPT]),
    )


class Journal:
    """The newest entries, within a count and a number of bytes; ids count from 1 and are never used twice."""

    __slots__ = ("_bytes", "_entries", "_last", "crowded_out", "current", "max_bytes", "max_entries", "watches")

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._last = 0
        self.current: Entry | None = None
        self.crowded_out = 0
        """How many entries made room for newer ones since it was empty."""
        self.watches: list[Observer] = []
        """Each is told of every entry that is over."""

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return map(_masked, self._entries)

    def open(self, at: float, method: str, path: str) -> Entry:
        self._last += 1
        entry = Entry(self._last, at, method, path)
        self._entries.append(entry)
        self._bytes += _OVERHEAD
        return entry

    def close(self, entry: Entry) -> None:
        """Take the final size into account and drop the oldest entries over the limits."""
        if len(entry.request) > BODY_KEPT:
            entry.request, entry.request_cut = entry.request[:BODY_KEPT], len(entry.request)
        if len(entry.response) > BODY_KEPT:
            entry.response, entry.response_cut = entry.response[:BODY_KEPT], len(entry.response)
        entry.over = True
        if self.watches:
            for watch in tuple(self.watches):
                watch(_masked(entry))
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
            self.crowded_out += 1

    def note(self, text: str) -> None:
        """Add a remark to the request whose rule is running, if one is."""
        if self.current is not None:
            add_note(self.current, text)

    def select(self, keep: Callable[[Entry], bool], limit: int | None = None) -> Generator[None, None, list[Entry]]:
        """In slices: the newest entries that match, oldest first, of those that there are when it begins."""
        found: list[Entry] = []
        for entry in reversed(tuple(self._entries)):
            if len(found) == limit:
                break
            if keep(_masked(entry)):
                found.append(entry)
            yield
        return found[::-1]

    def closed(self) -> Generator[None, None, list[Entry]]:
        """In slices: the entries that are over when it begins, oldest first."""
        # At once, because another thread may be adding to them.
        found = [entry for entry in tuple(self._entries) if entry.over]
        for entry in found:
            _masked(entry)
            yield
        return found

    def clear(self) -> int:
        """Forget every entry; how many there were."""
        count = len(self._entries)
        self._entries.clear()
        self._bytes = self.crowded_out = 0
        return count

    def renewed(self) -> Journal:
        """An empty journal in place of this one, for those who watch it, too."""
        journal = Journal(self.max_entries, self.max_bytes)
        journal.watches = self.watches
        return journal

    def stop_watches(self) -> None:
        """Tell those who wait that nothing more will come."""
        for watch in tuple(self.watches):
            watch.stop()

    def has_all_after(self, entry_id: int) -> bool:
        """Whether no entry with a greater number was crowded out."""
        return not self.crowded_out or (bool(self._entries) and self._entries[0].id <= entry_id + 1)
