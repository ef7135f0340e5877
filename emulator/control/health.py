"""Is it alive, is it ready, what is it?"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from emulator import __version__
from emulator.control.exchange import reply
from emulator.core.worlds import Worlds


async def livez(request: Request) -> Response:
    """200 as long as it runs."""
    return reply({"status": "ok"})


async def readyz(request: Request) -> Response:
    """503 until the start-up scenario is in; meanwhile how many rows are, and of how many if that is known."""
    worlds: Worlds = request.app.state.worlds
    if worlds.ready:
        return reply({"status": "ok"})
    return reply({"status": "loading", **worlds.start.progress.told()}, 503)


async def version(request: Request) -> Response:
    """Name, version and emulated vendors."""
    vendors = [vendor.id for vendor in request.app.state.worlds.vendors]
    return reply({"name": "audience-emulator", "version": __version__, "vendors": vendors})
