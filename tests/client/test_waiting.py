"""The client with an event loop, beside others and when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import httpx2
import pytest

from emulator import Emulator
from emulator.client import AsyncClient
from emulator.core.errors import UserError

LONG = 30  # seconds; far more than any of these tests takes


def test_a_wait_that_is_cancelled_holds_up_neither_the_loop_nor_the_end(running: Emulator) -> None:
    async def go() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(running.async_client.wait(count=1000, timeout=LONG), 0.2)

    began = time.monotonic()
    asyncio.run(go())
    assert time.monotonic() - began < LONG / 3


def test_many_waits_do_not_delay_other_calls(running: Emulator) -> None:
    async def go() -> float:
        client = running.async_client
        waits = [asyncio.create_task(client.wait(count=1000, timeout=LONG)) for _ in range(40)]
        await asyncio.sleep(0.2)
        began = time.monotonic()
        await client.clock.get()
        took = time.monotonic() - began
        for each in waits:
            each.cancel()
        ended = await asyncio.gather(*waits, return_exceptions=True)
        assert {type(each) for each in ended} == {asyncio.CancelledError}
        return took

    assert asyncio.run(go()) < LONG / 3


def test_the_emulator_sees_that_a_cancelled_client_is_gone(running: Emulator) -> None:
    world = running.client.elsewhere("gone")
    world.faults.add(operation="*", delay=LONG)
    target = f"/_world/{world.name}/100/members"

    async def go() -> None:
        from emulator.client.exchange import Request

        request = Request("GET", target, [("Authorization", "Basic YTpi")], None, LONG)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(world.control.exchange.send_async(request), 0.3)

    asyncio.run(go())
    seen = world.wait(timeout=10)
    assert world.journal.entry(seen.entries[0]).status is None
    world.worlds.drop(world.name)


def failure(work: Coroutine[Any, Any, object]) -> BaseException:
    """What it meets where no loop of asyncio runs, as under trio."""
    with pytest.raises(Exception, match="asyncio") as error:
        work.send(None)
    work.close()
    return error.value


def test_another_kind_of_event_loop_is_refused_in_one_line(running: Emulator) -> None:
    client: AsyncClient = running.async_client
    assert isinstance(failure(client.clock.get()), UserError)
    if running.mode == "in-process":
        request = httpx2.Request("GET", f"{running.url}/100/members")
        assert isinstance(failure(running.transport.handle_async_request(request)), UserError)
