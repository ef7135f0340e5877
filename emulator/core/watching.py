"""Waiting until something happens in a world; nobody looks at the clock meanwhile."""

from __future__ import annotations

import asyncio

from emulator.core.criteria import Criteria
from emulator.core.errors import Conflict
from emulator.core.journal import Entry, Journal

MOST = 100
"""Those who may wait at a time in one world."""


class Watch:
    """Counts the requests that meet some criteria, from now on; `changed` is set when there are enough or all is over.

    Requests may be served in the event loop of another thread.
    """

    def __init__(self, journal: Journal, criteria: Criteria, count: int) -> None:
        if len(journal.watches) >= MOST:
            raise Conflict(f"{MOST} are waiting in this world already, the limit")
        self._criteria = criteria
        self._count = count
        self._loop = asyncio.get_running_loop()
        self._watches = journal.watches
        self.changed = asyncio.Event()
        self.stopped = False
        self.seen = [entry.id for entry in journal if entry.over and criteria.match(entry)]
        if self.enough:
            self.changed.set()
        self._watches.append(self)

    @property
    def enough(self) -> bool:
        return len(self.seen) >= self._count

    def __call__(self, entry: Entry) -> None:
        if self._criteria.match(entry):
            self.seen.append(entry.id)
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
