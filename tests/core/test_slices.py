"""Work that others are served in between."""

from __future__ import annotations

import asyncio

import pytest

from emulator.core.clock import stopwatch
from emulator.core.journal import Journal
from emulator.core.slices import Slices, run_slices


def test_others_are_served_before_long_work_ends() -> None:
    events: list[str] = []
    journal = Journal(10, 10_000)
    entry = journal.open(0.0, "GET", "/")

    def work() -> Slices[str]:
        end = stopwatch() + 0.05
        while stopwatch() < end:
            yield
        journal.note("done")
        events.append("work")
        return "result"

    async def other() -> None:
        events.append("other")

    async def both() -> str:
        long_work = asyncio.ensure_future(run_slices(work(), journal, entry))
        await asyncio.sleep(0)
        await other()
        result: str = await long_work
        return result

    assert asyncio.run(both()) == "result"
    assert events == ["other", "work"]
    assert entry.notes == ["done"]
    assert journal.current is None


def test_an_error_in_the_work_is_the_callers() -> None:
    journal = Journal(10, 10_000)
    entry = journal.open(0.0, "GET", "/")

    def work() -> Slices[str]:
        yield
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(run_slices(work(), journal, entry))
    assert journal.current is None
