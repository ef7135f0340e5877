"""Whoever asks a long journal something holds up nobody else."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from msgspec import json
from starlette.testclient import TestClient

from tests.control.test_proof import SAVE
from tests.support import MEMBERS, world_of

ENTRIES = 4000
FRAGMENT = "members[*].email=nobody@shop.test"


@pytest.fixture
def long(client: TestClient) -> TestClient:
    """A client of a world whose journal is full of long bodies."""
    journal = world_of(client).journal
    members = [{"email": f"p{number}@shop.test", "fields": {"Age": number}} for number in range(60)]
    for number in range(ENTRIES):
        entry = journal.open(0.0, "POST", f"{MEMBERS}/{number}")
        entry.request = json.encode({"api_key": number, "members": members})
        entry.status, entry.vendor = 404, "engagelab"
        journal.close(entry)
    return client


async def _turns_of_others(client: TestClient, method: str, path: str, **more: Any) -> int:
    """How often somebody else had a turn until the answer came."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    task = asyncio.create_task(others())
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(client.app), base_url="http://emulator") as caller:
        answer = await caller.request(method, f"/_emulator/journal{path}", **more)
    task.cancel()
    assert answer.status_code in (200, 408), answer.text
    return turns


@pytest.mark.parametrize(
    ("method", "path", "document"),
    [
        ("GET", f"?body={FRAGMENT}", None),
        ("GET", "/2", None),
        ("GET", "/unmatched", None),
        ("GET", f"/wait?body={FRAGMENT}&timeout=0", None),
        ("POST", "/verify", {"body": FRAGMENT, "count": 0}),
        ("POST", "/verify", {"expect": [{"operation": SAVE}], "where": {"body": FRAGMENT}, "exactly": True}),
    ],
    ids=str,
)
def test_others_are_served_meanwhile(long: TestClient, method: str, path: str, document: dict[str, Any] | None) -> None:
    assert asyncio.run(_turns_of_others(long, method, path, json=document)) > 20
