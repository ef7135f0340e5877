"""Counting what is in the journal and what comes."""

from __future__ import annotations

import asyncio

from emulator.core.journal import Journal
from emulator.core.proof.criteria import Criteria
from emulator.core.proof.watching import Watch


def test_a_request_that_ends_while_the_journal_is_looked_through_is_counted_once() -> None:
    async def watch() -> list[int]:
        journal = Journal(10, 10**6)
        first, second = journal.open(0.0, "GET", "/"), journal.open(0.0, "GET", "/")
        journal.close(first)
        watching = Watch(journal, Criteria(()), 2)
        looking = watching.look_back()
        next(looking)
        journal.close(second)
        for _ in looking:
            pass
        await asyncio.wait_for(watching.changed.wait(), 1)
        watching.close()
        return watching.seen

    assert asyncio.run(watch()) == [1, 2]
