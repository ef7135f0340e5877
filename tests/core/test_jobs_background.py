"""Jobs that go on while nobody asks."""

from __future__ import annotations

import asyncio

import pytest
from anyio.from_thread import start_blocking_portal

from emulator.core.driver import touch
from emulator.core.jobs import Job, Pace
from emulator.core.worlds import Worlds
from tests.core.writing import start

NEVER_MIND = Pace("time", 3600, 1)


async def until(job: Job) -> None:
    async with asyncio.timeout(20):
        while not job.over:
            await asyncio.sleep(0.005)


def test_a_running_clock_finishes_a_job_that_nobody_touches_any_more(worlds: Worlds) -> None:
    world = worlds.get("default")
    job = start(world, total=3000, pace=Pace("time", 0.02, 100_000))

    async def go() -> None:
        touch(world)
        await until(job)

    asyncio.run(go())
    assert (job.state, len(world.jobs.pending())) == ("finished", 0)


def test_a_job_that_is_added_while_others_run_is_done_in_the_background_too(worlds: Worlds) -> None:
    world = worlds.get("default")
    start(world, pace=Pace("time", 0.02, 1000))

    async def go() -> None:
        touch(world)
        await until(world.jobs.get(1))
        second = start(world, pace=Pace("time", 0.02, 1000))
        touch(world)
        await until(second)

    asyncio.run(go())
    assert [job.state for job in world.jobs] == ["finished", "finished"]


def test_a_touch_in_a_new_event_loop_goes_on_with_what_the_old_one_left(worlds: Worlds) -> None:
    world = worlds.get("default")
    job = start(world, pace=Pace("time", 0.02, 1000))

    async def begin() -> None:
        touch(world)

    async def finish() -> None:
        touch(world)
        await until(job)

    asyncio.run(begin())
    asyncio.run(finish())
    assert job.state == "finished"


def test_under_a_clock_that_stands_still_nothing_happens_by_itself(worlds: Worlds) -> None:
    world = worlds.get("default")
    world.clock.set("frozen")
    job = start(world, pace=Pace("time", 0.01, 1000))

    async def go() -> None:
        touch(world)
        await asyncio.sleep(0.05)

    asyncio.run(go())
    assert job.state == "queued"


@pytest.mark.parametrize("end", ["reset", "drop"])
def test_nothing_goes_on_in_a_world_that_is_left(worlds: Worlds, end: str) -> None:
    world = worlds.get("left")
    job = start(world, pace=Pace("time", 0.02, 1000))

    async def go() -> None:
        touch(world)
        if end == "reset":
            world.restore(worlds.start, ["data"])
        else:
            worlds.drop("left")
        await asyncio.sleep(0.1)

    asyncio.run(go())
    assert job.state == "queued"


def drivers() -> int:
    """How many tasks of the running loop make jobs go on."""
    return sum(getattr(task.get_coro(), "__name__", "") == "_drive" for task in asyncio.all_tasks())


def test_event_loops_that_take_turns_share_one_driver(worlds: Worlds) -> None:
    world = worlds.get("default")
    start(world, pace=NEVER_MIND)

    async def count() -> int:
        touch(world)
        await asyncio.sleep(0)
        return drivers()

    with start_blocking_portal() as one, start_blocking_portal() as other:
        assert [portal.call(count) for _ in range(3) for portal in (one, other)] == [1, 0] * 3


def test_event_loops_that_stand_still_between_touches_gather_no_drivers(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emulator.core.driver._LONGEST_SLEEP", 0.01)
    world = worlds.get("default")
    start(world, pace=NEVER_MIND)

    async def go() -> None:
        touch(world)
        await asyncio.sleep(0)

    async def left() -> int:
        await asyncio.sleep(0.05)
        return drivers()

    with asyncio.Runner() as one, asyncio.Runner() as other:
        for runner in (one, other) * 3:
            runner.run(go())
        assert [runner.run(left()) for runner in (one, other)] == [0, 1]
