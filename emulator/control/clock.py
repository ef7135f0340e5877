"""The time in a world."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from emulator.control.exchange import json_object, reply, world_of
from emulator.core.clock import Clock, isoformat, parse_duration, parse_instant, read_setting
from emulator.core.driver import catch_up
from emulator.core.errors import Conflict, UserError


async def clock(request: Request) -> Response:
    """GET shows it; PUT takes `{"mode": "real" | "frozen" | "shifted", "at": INSTANT}`."""
    world = world_of(request)
    if request.method == "PUT":
        world.clock.set(*read_setting(await json_object(request, "mode", "at")))
        await catch_up(world)
    return _show(world.clock)


async def advance(request: Request) -> Response:
    """Move forward `{"by": DURATION}` (seconds, or a text such as 1h30m) or `{"to": INSTANT}`.

    Answers when all jobs are done that it made due.
    """
    world = world_of(request)
    wanted = await json_object(request, "by", "to")
    match wanted:
        case {"by": int() | float() | str() as by} if len(wanted) == 1 and not isinstance(by, bool):
            world.clock.advance(parse_duration(str(by)))
        case {"to": str() as to} if len(wanted) == 1:
            seconds = parse_instant(to) - world.clock.now()
            if seconds < 0:
                raise Conflict(f"the clock moves forward only: it is {isoformat(world.clock.now())} already")
            world.clock.advance(seconds)
        case _:
            raise UserError('write {"by": "1h30m"} or {"to": "2024-05-01T12:00:00Z"}')
    await catch_up(world)
    return _show(world.clock)


def _show(clock: Clock) -> Response:
    return reply({"mode": clock.mode, "now": isoformat(clock.now())})
