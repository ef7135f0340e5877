"""Jobs: what ends later, and the hand of a tester in it."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from emulator.control.exchange import json_object, reply, world_of
from emulator.core.clock import isoformat
from emulator.core.driver import catch_up, touch
from emulator.core.errors import UnknownName, UserError
from emulator.core.jobs import Job
from emulator.core.slices import run_slices


async def list_jobs(request: Request) -> Response:
    """All jobs, oldest first."""
    return reply({"jobs": [_describe(job) for job in world_of(request).jobs]})


async def finish(request: Request) -> Response:
    """Do the rest of a job now, whatever its pace."""
    job = _unfinished(request)
    world = job.account.world
    await run_slices(job.run(world.clock.now()))
    touch(world)
    return reply(_describe(job))


async def fail(request: Request) -> Response:
    """End a job here, with `{"message": TEXT}`; what was done stays done."""
    message = (await json_object(request, "message")).get("message", "failed by a tester")
    if not isinstance(message, str):
        raise UserError('write {"message": "..."}')
    job = _unfinished(request)
    world = job.account.world
    job.fail(world.clock.now(), message)
    touch(world)
    return reply(_describe(job))


async def hold(request: Request) -> Response:
    """Let a job stay as it is until it is released, finished or failed."""
    job = _unfinished(request)
    job.held = True
    return reply(_describe(job))


async def release(request: Request) -> Response:
    """Let a held job go on; time that has passed meanwhile counts. Answers when what is due is done."""
    job = _unfinished(request)
    job.held = False
    await catch_up(job.account.world)
    return reply(_describe(job))


def _unfinished(request: Request) -> Job:
    text = request.path_params["job"]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UnknownName(f"there is no job {text!r}; GET /_emulator/jobs lists them")
    return world_of(request).jobs.unfinished(int(text))


def _describe(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "vendor": job.account.vendor,
        "account": job.account.id,
        "kind": job.kind,
        "subject": job.subject,
        "state": job.state,
        "held": job.held,
        "done": job.done,
        "total": job.work.total,
        "progress": job.pace.progress,
        "queue_seconds": job.pace.queue,
        "units_per_second": job.pace.rate,
        "created": isoformat(job.created),
        "begun": None if job.begun is None else isoformat(job.begun),
        "ended": None if job.ended is None else isoformat(job.ended),
        "message": job.message,
    }
