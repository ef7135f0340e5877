"""Is it alive, is it ready, what is it?"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from emulator import __version__
from emulator.control.exchange import reply


async def livez(request: Request) -> Response:
    """200 as long as it runs."""
    return reply({"status": "ok"})


async def readyz(request: Request) -> Response:
    """503 until the start-up scenario is in."""
    ready = request.app.state.worlds.ready
    return reply({"status": "ok"} if ready else {"status": "loading"}, 200 if ready else 503)


async def version(request: Request) -> Response:
    """Name, version and emulated vendors."""
    vendors = [vendor.id for vendor in request.app.state.worlds.vendors]
    return reply({"name": "audience-emulator", "version": __version__, "vendors": vendors})
