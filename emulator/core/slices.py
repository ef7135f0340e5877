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

_TURN = 0.004  # seconds that a rule may go on before others are served


async def run_slices(slices: Slices[Any], journal: Journal, entry: Entry) -> Any:
    """The result of a rule in slices; remarks go to the rule's own journal entry."""
    while True:
        end = stopwatch() + _TURN
        journal.current = entry
        try:
            while stopwatch() < end:
                next(slices)
        except StopIteration as stop:
            return stop.value
        finally:
            journal.current = None
        await asyncio.sleep(0)
