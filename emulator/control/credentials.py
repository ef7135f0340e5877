"""What clients of the vendors are told, so that nobody has to copy it from documents."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from emulator.control.exchange import query_of, reply, world_of, worlds_of
from emulator.core.access import describe
from emulator.core.world import World
from emulator.core.worlds import DEFAULT


async def credentials(request: Request) -> Response:
    """Base URL, account and credentials for clients of each vendor or, with `?vendor=ID`, of one; null where no account
    has any.
    """
    vendors = worlds_of(request).vendors
    wanted = query_of(request, vendor=[vendor.id for vendor in vendors]).get("vendor")
    world = world_of(request)
    root = _root(request, world)
    return reply({"vendors": [describe(each, world, root) for each in vendors if wanted in (None, each.id)]})


def _root(request: Request, world: World) -> str:
    """The address of the world, as whoever asks knows the emulator."""
    home = f"{request.url.scheme}://{request.url.netloc}"
    return home if world.name == DEFAULT else f"{home}/_world/{world.name}"
