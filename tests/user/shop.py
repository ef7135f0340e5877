"""What a suite of somebody's looks like to a type checker; it is only read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from emulator import Emulator, create_app, intercept
from emulator.client import AsyncClient, Client, NotVerified, Refused, TimedOut, Unreachable
from emulator.client.results import Entry, Job
from emulator.testing.handles import EmmaHandle, EngageLabHandle


@pytest.fixture
def shop(emma_account: EmmaHandle) -> str:
    emma_account.seed(members=[{"email": "ann@shop.test", "member_since": datetime(2024, 5, 1, tzinfo=UTC)}])
    return emma_account.base_url


@pytest.mark.emulator(clock="frozen:2024-05-01T12:00:00Z", faults=[{"operation": "*", "status": 500}])
def test_it(
    shop: str,
    emulator: Emulator,
    emulator_world: Client,
    emulator_intercepted: Client,
    engagelab_account: EngageLabHandle,
) -> None:
    entries: list[Entry] = emulator_world.journal.entries(operation="emma.members.add")
    jobs: list[Job] = emulator_world.jobs.all()
    user, key = engagelab_account.auth
    mode: str = emulator.mode
    print(entries, jobs, user, key, mode, emulator.ca, emulator.transport)


def test_blocks() -> None:
    people = {"emma": {"accounts": [{"account_id": 100}]}}
    chosen = {"emma.paging_end": "inclusive"}
    with Emulator(scenario=["newsletter", people], clock="frozen", behaviours=chosen) as one, one.world() as world:
        world.seed(people, clock=datetime(2024, 5, 1, tzinfo=UTC))
        world.add(people)
    with intercept(scenario="newsletter") as client:
        client.verify(operation="emma.members.add", count=0)
    with pytest.raises((NotVerified, Refused, TimedOut, Unreachable)):
        client.wait()
    started: Emulator = Emulator(mode="in-process").start()
    started.close()
    print(create_app())


async def test_async() -> None:
    async with Emulator.at("http://127.0.0.1:8025") as emulator, emulator.async_world() as world:
        client: AsyncClient = world
        await client.seed("newsletter")
        count: int = await client.webhooks.flush()
        print(count)


@intercept()
def test_decorated(emulator_world: Client) -> int:
    return emulator_world.journal.clear()


@intercept()
async def test_decorated_async() -> None:
    pass
