"""Waiting until something happens in a world; nobody looks at the clock meanwhile."""

from __future__ import annotations

import asyncio

from emulator.core.errors import Conflict
from emulator.core.journal import Entry, Journal
from emulator.core.proof.criteria import Criteria
from emulator.core.slices import Slices

MOST = 100
"""Those who may wait at a time in one world."""


class Watch:
    """Counts the requests that meet some criteria, from now on and, with `look_back`, those in the journal; `changed`
    is set when there are enough or all is over.

    Requests may be served in the event loop of another thread.
    """

    def __init__(self, journal: Journal, criteria: Criteria, count: int) -> None:
        if len(journal.watches) >= MOST:
            raise Conflict(f"{MOST} are waiting in this world already, the limit")
        self._criteria = criteria
        self._count = count
        self._loop = asyncio.get_running_loop()
        self._journal = journal
        self._watches = journal.watches
        self._seen: set[int] = set()
        self.changed = asyncio.Event()
        self.stopped = False
        if self.enough:
            self.changed.set()
        self._watches.append(self)

    @property
    def seen(self) -> list[int]:
        return sorted(self._seen)

    @property
    def enough(self) -> bool:
        return len(self._seen) >= self._count

    def look_back(self) -> Slices[None]:
        """Count those that are in the journal. One that ends meanwhile is counted once."""
        for entry in (yield from self._journal.closed()):
            self(entry)
            yield

    def __call__(self, entry: Entry) -> None:
        if self._criteria.match(entry):
            self._seen.add(entry.id)
            if self.enough:
                self._wake()

    def stop(self) -> None:
        """The emulator ends."""
        self.stopped = True
        self._wake()

    def close(self) -> None:
        self._watches.remove(self)

    def _wake(self) -> None:
        self._loop.call_soon_threadsafe(self.changed.set)
