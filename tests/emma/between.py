"""Calls that come while another one, which takes many turns, is under way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from emulator.core.journal import Entry, Journal
from emulator.core.slices import Slices, run_slices
from tests.emma.importing import people
from tests.emma.support import add, group

IDS = list(range(1024, 1029))
FIVE = [row["email"] for row in people(5)]
FOUR = FIVE[:-1]
LAST, LAST_EMAIL = IDS[-1], FIVE[-1]  # of the last turn


def add_five(client: TestClient) -> None:
    """Members m0 to m4, all in groups 1024 and 1025; group 1026 is empty."""
    groups = [group(client, name) for name in ("One", "Two", "Empty")]
    for email in FIVE:
        add(client, email, fields={"first_name": "Old"}, group_ids=groups[:2])


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object], turns: int = 1) -> None:
    """Make something happen when the next call that takes turns, now short ones, has had so many; it must need more."""

    async def run(work: Slices[Any], journal: Journal, entry: Entry) -> Any:
        monkeypatch.setattr("emulator.core.pipeline.run_slices", run_slices)
        journal.current = entry
        for _ in range(turns):
            next(work)
        journal.current = None
        happens()
        return await run_slices(work, journal, entry)

    monkeypatch.setattr("emulator.core.pipeline.run_slices", run)
    monkeypatch.setattr("emulator.emma.audience.AT_ONCE", 2)
    monkeypatch.setattr("emulator.emma.importing._READ_AT_ONCE", 2)
    monkeypatch.setattr("emulator.emma.members.MOST_PER_PAGE", 2)
