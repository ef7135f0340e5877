"""What makes jobs and deliveries go on: a task in the background of each world that has some, and every touch of the
world where no such task can live, as in a test that has an event loop for each request.
"""

from __future__ import annotations

import asyncio

from emulator.core.clock import stopwatch
from emulator.core.jobs import NEVER
from emulator.core.slices import TURN, run_slices
from emulator.core.world import World

_SHORTEST_SLEEP = 0.005  # seconds; so that a running job does not proceed unit by unit
_LONGEST_SLEEP = 0.25  # seconds; the world's clock may be moved meanwhile


def touch(world: World) -> None:
    """Make sure that what is due proceeds; takes one turn at most. Call it in an event loop, when the world is busy."""
    world.outbox.dispatch(world.clock.now())
    driver = world.driver
    # One whose loop has ended will never go on; one in the loop of another thread does.
    if driver is not None and not driver.done() and driver.get_loop().is_running():
        return
    if _wait(world) != NEVER:
        _turn(world)
        world.driver = asyncio.create_task(_drive(world))


async def catch_up(world: World) -> None:
    """Do all that is due now, and see to it that the rest goes on."""
    await run_slices(world.jobs.catch_up(world.clock.now()))
    if world.busy:
        touch(world)


async def flush(world: World, seconds: float) -> None:
    """Do all that is due now and send what is due to be sent; wait no longer than so many seconds of real time."""
    end = stopwatch() + seconds
    await run_slices(world.jobs.catch_up(world.clock.now()))
    while not world.outbox.idle(now := world.clock.now()) and stopwatch() < end:
        world.outbox.dispatch(now)
        await asyncio.sleep(_SHORTEST_SLEEP)
    if world.busy:
        touch(world)


async def _drive(world: World) -> None:
    """Proceed until nothing more happens by itself; the next touch of the world starts this anew."""
    # A reset brings other jobs, a dropped world has none.
    this = asyncio.current_task()
    while world.driver is this and (wait := _wait(world)) != NEVER:
        if wait > 0:
            if world.clock.mode == "frozen":
                return
            await asyncio.sleep(min(max(wait, _SHORTEST_SLEEP), _LONGEST_SLEEP))
        else:
            _turn(world)
            await asyncio.sleep(0)


def _turn(world: World) -> None:
    """Do what is due, for no longer than one turn of the event loop."""
    end = stopwatch() + TURN
    for _ in world.jobs.catch_up(world.clock.now()):
        if stopwatch() > end:
            break
    if world.file is not None:
        world.file.begin()
    world.outbox.dispatch(world.clock.now())


def _wait(world: World) -> float:
    """Seconds until something is to be done."""
    now = world.clock.now()
    return min(world.jobs.wait(now), world.outbox.wait(now))
