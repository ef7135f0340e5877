"""The client with an event loop and the one without: the same methods, made of the same text."""

from __future__ import annotations

import asyncio
import inspect
import re
from pathlib import Path

import httpx2
import pytest

from emulator import Emulator
from emulator.client import AsyncClient, Client, NotVerified, TimedOut
from scripts import synchronous

PARTS = ["clock", "jobs", "faults", "limits", "behaviours", "snapshots", "worlds", "journal", "webhooks"]


def test_the_one_without_an_event_loop_is_current() -> None:
    assert synchronous.outdated() == {}


def methods(thing: object) -> set[str]:
    return {name for name, _ in inspect.getmembers(thing, callable) if not name.startswith("_")}


def test_both_have_the_same_methods() -> None:
    one, other = Client(), AsyncClient()
    assert methods(one) == methods(other)
    for part in PARTS:
        assert methods(getattr(one, part)) == methods(getattr(other, part)) != set()


def test_the_page_about_it_has_all_its_methods() -> None:
    page = (Path(__file__).parents[2] / "docs" / "python.md").read_text()
    listed: dict[str, set[str]] = {}
    for parts, names in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ((?:`\w+`(?:, )?)+) \|$", page, re.MULTILINE):
        for part in re.findall(r"\w+", parts):
            listed[part] = set(re.findall(r"\w+", names))
    client = Client()
    assert listed == {"client": methods(client) - {"of"}} | {part: methods(getattr(client, part)) for part in PARTS}


def test_the_one_for_an_event_loop_does_the_same_and_does_not_block_it(running: Emulator) -> None:
    async def go() -> None:
        client = running.async_client.elsewhere("async")
        transport = running.transport if running.mode == "in-process" else None
        async with httpx2.AsyncClient(transport=transport, auth=("a", "b"), trust_env=False) as emma:
            waiting = asyncio.create_task(client.wait(operation="emma.members.list", timeout=20))
            await asyncio.sleep(0.05)
            assert not waiting.done()
            assert (await emma.get(f"{client.url}/100/members")).status_code == 200
            assert (await waiting).entries == [1]
        await client.seed({"emma": {"accounts": [{"account_id": 100}]}})
        assert (await client.verify(operation="emma.members.list", count=1)).ok
        with pytest.raises(NotVerified):
            await client.verify(operation="emma.members.list", count=0)
        with pytest.raises(TimedOut):
            await client.wait(5, timeout=0.05)
        assert (await client.clock.get()).mode == "frozen"
        await client.worlds.drop("async")

    asyncio.run(go())
