"""Rate limits: the documented ones, or others, on or off."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from emulator.control.exchange import json_object, reply, world_of, worlds_of
from emulator.core.errors import Invalid, UserError
from emulator.core.limits import RateLimit, read_limits
from emulator.core.vendor import Vendor
from emulator.core.world import World


async def limits(request: Request) -> Response:
    """GET lists them; PUT takes `{VENDOR: true | false | {"calls": N, "seconds": S}}` and answers with the list."""
    world, vendors = world_of(request), worlds_of(request).vendors
    if request.method == "PUT":
        try:
            changes = read_limits(await json_object(request), vendors)
        except Invalid as problem:
            raise UserError(str(problem)) from None
        world.limits.set(changes)
    return reply({"limits": [_describe(vendor, world) for vendor in vendors if vendor.rate_limit is not None]})


def _describe(vendor: Vendor, world: World) -> dict[str, Any]:
    limit = world.limits[vendor.id]
    return {
        "vendor": vendor.id,
        "on": limit is not None,
        **_numbers(limit or vendor.rate_limit),
        "documented": _numbers(vendor.rate_limit),
        "callers": [
            {"caller": caller, "refused": window.refused, "early": window.early}
            for caller, window in world.limits.windows(vendor.id)
        ],
    }


def _numbers(limit: RateLimit | None) -> dict[str, float]:
    assert limit is not None
    return limit._asdict()
