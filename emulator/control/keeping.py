"""What a control request changed is on disk before its answer leaves, where worlds are kept."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emulator.control.exchange import reply
from emulator.core.call import WORLD
from emulator.core.errors import NotStored
from emulator.core.worlds import Worlds


class Keeping:
    """Pure ASGI, around the control plane."""

    def __init__(self, app: ASGIApp, worlds: Worlds) -> None:
        self._app = app
        self._worlds = worlds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._worlds.directory is None or scope.get("method") in (None, "GET", "HEAD"):
            await self._app(scope, receive, send)
            return

        async def send_when_kept(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._flush(scope[WORLD])
            await send(message)

        try:
            await self._app(scope, receive, send_when_kept)
        except NotStored as error:
            await reply({"error": str(error)}, 500)(scope, receive, send)

    async def _flush(self, name: str) -> None:
        """The request's world, and one that it made."""
        for world in list(self._worlds):
            if world.file is not None:
                if world.name == name:
                    world.file.touch_all()
                if world.name == name or world.file.waits:
                    await world.file.flush()
