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

        before: set[str] = set()

        async def send_when_kept(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._flush(scope[WORLD], before)
            await send(message)

        try:
            await self._refuse_if_failing(scope[WORLD])
            before = {world.name for world in self._worlds}
            await self._app(scope, receive, send_when_kept)
        except NotStored as error:
            await reply({"error": str(error)}, 500)(scope, receive, send)

    async def _refuse_if_failing(self, name: str) -> None:
        """Raises NotStored while the world can not be written, and is not changed therefore."""
        for world in list(self._worlds):
            if world.name == name and world.file is not None and world.file.failure is not None:
                await world.file.flush()

    async def _flush(self, name: str, before: set[str]) -> None:
        """The request's world, and those that were made meanwhile."""
        for world in list(self._worlds):
            if world.file is not None and (world.name == name or world.name not in before):
                world.file.touch_all()
                await world.file.flush()
