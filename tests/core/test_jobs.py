"""Work that ends later, done for a vendor of nobody's."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from emulator.core.clock import Clock
from emulator.core.errors import Conflict, UnknownName
from emulator.core.jobs import NEVER, Job, Pace
from emulator.core.slices import run_slices
from emulator.core.world import World
from emulator.core.worlds import Worlds
from tests.core.acme import notes_of
from tests.core.writing import Broken, Writing, pass_time, start


@pytest.fixture
def world(worlds: Worlds) -> World:
    """A world that stands still at 1000."""
    worlds.start.clock = Clock.starting("frozen", 1000.0)
    return worlds.get("default")


def told(job: Job) -> list[tuple[Any, ...]]:
    assert isinstance(job.work, Writing)
    return job.work.told


def test_a_job_waits_in_the_queue_first(world: World) -> None:
    job = start(world)
    pass_time(world, 1.9)
    assert (job.state, notes_of(world)) == ("queued", {})


def test_a_job_does_so_many_units_a_second(world: World) -> None:
    job = start(world)
    pass_time(world, 2.5)
    assert (job.state, job.done, len(notes_of(world))) == ("running", 5, 5)
    pass_time(world, 0.3)
    assert (job.state, job.done, len(notes_of(world))) == ("running", 8, 8)


def test_a_job_is_finished_when_its_time_has_come(world: World) -> None:
    job = start(world)
    pass_time(world, 2.9)
    assert job.state == "running"
    pass_time(world, 0.2)
    assert (job.state, job.done, len(notes_of(world))) == ("finished", 10, 10)


def test_a_job_begins_and_ends_when_it_would_have_under_a_clock_that_leaps(world: World) -> None:
    job = start(world)
    pass_time(world, 3600)
    assert told(job) == [("begin", 1002.0), ("finish", 1003.0)]
    assert (job.begun, job.ended) == (1002.0, 1003.0)


def test_a_job_that_finds_nothing_to_do_is_finished_after_the_queue(world: World) -> None:
    job = start(world, total=0)
    pass_time(world, 2)
    assert (job.state, told(job)) == ("finished", [("begin", 1002.0), ("finish", 1002.0)])


def test_an_immediate_job_needs_no_time(world: World) -> None:
    job = start(world, total=600, pace=Pace("immediate", 2.0, 10.0))
    pass_time(world, 0)
    assert (job.state, job.done, job.ended) == ("finished", 600, 1000.0)


def test_a_manual_job_waits_until_it_is_told(world: World) -> None:
    job = start(world, pace=Pace("manual", 0, 1000))
    pass_time(world, 3600)
    assert job.state == "queued"
    asyncio.run(run_slices(job.run(world.clock.now())))
    assert (job.state, len(notes_of(world))) == ("finished", 10)


def test_a_held_job_does_nothing(world: World) -> None:
    job = start(world)
    pass_time(world, 2.5)
    job.held = True
    pass_time(world, 3600)
    assert (job.state, job.done) == ("running", 5)


def test_the_time_in_which_a_job_was_held_counts_when_it_goes_on(world: World) -> None:
    job = start(world)
    job.held = True
    pass_time(world, 2.5)
    job.held = False
    pass_time(world, 0)
    assert job.done == 5


def test_running_a_held_job_to_its_end_releases_it(world: World) -> None:
    job = start(world)
    job.held = True
    asyncio.run(run_slices(job.run(world.clock.now())))
    assert (job.state, job.held) == ("finished", False)


def test_a_failed_job_keeps_what_was_done_and_does_no_more(world: World) -> None:
    job = start(world)
    pass_time(world, 2.5)
    job.fail(world.clock.now(), "out of ink")
    pass_time(world, 3600)
    assert (job.state, job.message, job.ended, len(notes_of(world))) == ("failed", "out of ink", 1002.5, 5)
    assert told(job)[-1] == ("fail", 1002.5, "out of ink")


def test_a_bug_in_the_work_fails_the_job_and_not_its_neighbours(world: World, caplog: pytest.LogCaptureFixture) -> None:
    broken, sound = start(world, work=Broken), start(world)
    with caplog.at_level(logging.ERROR, "emulator"):
        pass_time(world, 3600)
    assert (broken.state, sound.state) == ("failed", "finished")
    assert "log" in str(broken.message)
    assert "RuntimeError: the pen broke" in caplog.text


def test_jobs_are_listed_oldest_first_and_count_from_one(world: World) -> None:
    jobs = [start(world) for _ in range(3)]
    pass_time(world, 3600)
    assert list(world.jobs) == jobs
    assert [job.id for job in jobs] == [1, 2, 3]


def test_a_job_that_does_not_exist_is_said(world: World) -> None:
    with pytest.raises(UnknownName, match=r"no job 1; GET /_emulator/jobs lists them"):
        world.jobs.unfinished(1)


def test_nothing_can_be_done_with_a_job_that_is_over(world: World) -> None:
    start(world)
    pass_time(world, 3600)
    with pytest.raises(Conflict, match="job 1 is finished already"):
        world.jobs.unfinished(1)


def test_remarks_of_the_work_go_to_the_request_that_made_the_job(world: World) -> None:
    journal = world.journal
    entry = journal.current = journal.open(1000.0, "POST", "/")
    start(world)
    journal.current = None
    pass_time(world, 2.5)
    assert entry.notes == ["wrote 5"]
    assert journal.current is None


@pytest.mark.parametrize("how", ["finish", "fail"])
def test_a_job_that_is_over_keeps_no_request(world: World, how: str) -> None:
    world.journal.current = world.journal.open(1000.0, "POST", "/")
    job = start(world)
    world.journal.current = None
    if how == "finish":
        pass_time(world, 3600)
    else:
        job.fail(1000.0, "enough")
    assert job.entry is None


def test_a_copy_of_the_world_goes_on_with_its_jobs_by_itself(world: World) -> None:
    start(world)
    pass_time(world, 2.5)
    twin = world.copy("twin")
    pass_time(twin, 1)
    assert ([job.state for job in twin.jobs], len(notes_of(twin))) == (["finished"], 10)
    assert ([job.state for job in world.jobs], len(notes_of(world))) == (["running"], 5)


def test_a_failed_job_of_a_copy_runs_on_in_the_original(world: World) -> None:
    job = start(world)
    world.copy("twin").jobs.get(1).fail(1000.0, "enough")
    pass_time(world, 3600)
    assert job.state == "finished"


def test_a_reset_forgets_jobs(worlds: Worlds, world: World) -> None:
    start(world)
    world.restore(worlds.start, ["data"])
    pass_time(world, 3600)
    assert list(world.jobs) == []
    assert notes_of(world) == {}


def test_a_reset_returns_to_the_unfinished_jobs_of_the_start(worlds: Worlds, world: World) -> None:
    start(worlds.start)
    for _ in range(2):
        world.restore(worlds.start, ["data"])
        pass_time(world, 3600)
        assert ([job.state for job in world.jobs], len(notes_of(world))) == (["finished"], 10)


def test_a_waiting_job_says_when_it_may_proceed(world: World) -> None:
    assert world.jobs.wait(1000.0) == NEVER
    start(world)
    assert world.jobs.wait(1000.5) == 1.5


def test_no_rate_is_too_high(world: World) -> None:
    job = start(world, total=300, pace=Pace("time", 2.0, 1e308))
    pass_time(world, 3600)
    assert (job.state, job.done, job.ended) == ("finished", 300, 1002.0)


def test_jobs_that_are_due_together_proceed_by_turns(world: World) -> None:
    jobs = [start(world, total=300, pace=Pace("immediate", 0, 1)) for _ in range(3)]
    work = world.jobs.catch_up(world.clock.now())
    seen = []
    for _ in range(4):
        next(work)
        seen.append([job.done for job in jobs])
    assert seen == [[100, 0, 0], [100, 100, 0], [100, 100, 100], [200, 100, 100]]


def test_a_job_that_is_held_before_its_turn_comes_does_nothing(world: World) -> None:
    first, second = (start(world, pace=Pace("immediate", 0, 1)) for _ in range(2))
    work = world.jobs.catch_up(world.clock.now())
    next(work)
    second.held = True
    assert list(work) == []
    assert (first.state, second.state) == ("finished", "queued")
