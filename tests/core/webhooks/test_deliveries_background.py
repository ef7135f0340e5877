"""Deliveries that go out while nobody asks, or as soon as somebody does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from emulator.core.driver import flush, touch
from emulator.core.webhooks.courier import Courier, Outcome, Parcel
from emulator.core.webhooks.delivery import Lane, Pace
from emulator.core.webhooks.outbox import Outbox
from emulator.core.world import World
from emulator.core.worlds import Worlds


class Counting(Courier):
    """Counts what it is given, and is done with it at once or never."""

    def __init__(self, *, works: bool = True) -> None:
        super().__init__()
        self.works = works
        self.given = 0

    def submit(self, task: Callable[[], None], owner: str = "") -> None:
        self.given += 1
        if self.works:
            asyncio.get_running_loop().call_soon(task)

    def send(self, parcel: Parcel) -> Outcome:
        return Outcome(200, b"", None, 0.0)


def with_courier(worlds: Worlds, courier: Courier) -> World:
    world = worlds.get("default")
    world.outbox = Outbox(courier)
    return world


def put(world: World, webhook: int = 1, delay: float = 0.0) -> None:
    parcel = Parcel("POST", "http://localhost/")
    world.outbox.put(Lane("acme", "ann", webhook), "moved", parcel, world.clock.now(), Pace(delay))


def test_what_is_due_goes_out_with_the_touch_although_the_driver_sleeps(worlds: Worlds) -> None:
    courier = Counting()
    world = with_courier(worlds, courier)

    async def go() -> int:
        put(world, delay=3600)
        touch(world)
        await asyncio.sleep(0)
        put(world)
        touch(world)
        return courier.given

    assert asyncio.run(go()) == 1


def test_what_becomes_due_goes_out_while_nobody_asks(worlds: Worlds) -> None:
    courier = Counting()
    world = with_courier(worlds, courier)

    async def go() -> None:
        put(world, delay=0.05)
        touch(world)
        async with asyncio.timeout(20):
            while world.outbox.pending:
                await asyncio.sleep(0.005)

    asyncio.run(go())
    assert courier.given == 1


def test_under_a_frozen_clock_nobody_waits_for_what_is_not_due(worlds: Worlds) -> None:
    world = with_courier(worlds, Counting())
    world.clock.set("frozen")

    async def go() -> bool:
        put(world, delay=1)
        touch(world)
        await asyncio.sleep(0)
        assert world.driver is not None
        await world.driver
        return world.busy

    assert asyncio.run(go())


def test_a_flush_waits_for_what_is_due_and_for_nothing_else(worlds: Worlds) -> None:
    world = with_courier(worlds, Counting())
    for webhook in range(9):
        put(world, webhook)
    put(world, delay=3600)
    asyncio.run(flush(world, 20.0))
    assert world.outbox.pending == 1


def test_a_flush_gives_up_when_its_time_is_over(worlds: Worlds) -> None:
    world = with_courier(worlds, Counting(works=False))
    put(world)
    asyncio.run(flush(world, 0.05))
    assert world.outbox.pending == 1
