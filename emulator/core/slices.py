"""Work that takes too long for one turn of the event loop.

A rule that may have much to do is a generator: it yields where other requests may be served, and returns its result.
What it found before a yield may have changed after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any, TypeVar

from emulator.core.clock import stopwatch
from emulator.core.journal import Entry, Journal

T = TypeVar("T")

Slices = Generator[None, None, T]

TURN = 0.002  # seconds that work may go on before others are served


async def run_slices(slices: Slices[Any], journal: Journal | None = None, entry: Entry | None = None) -> Any:
    """The result of work in slices; remarks go to the entry, if it is done for a request."""
    while True:
        end = stopwatch() + TURN
        if journal is not None:
            journal.current = entry
        try:
            while stopwatch() < end:
                next(slices)
        except StopIteration as stop:
            return stop.value
        finally:
            if journal is not None:
                journal.current = None
        await asyncio.sleep(0)
