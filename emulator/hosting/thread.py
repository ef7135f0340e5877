"""An emulator on a port of this machine, served by a thread of this process."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import wait

from uvicorn import Server

from emulator.app import create_app
from emulator.core.errors import UserError
from emulator.hosting.loop import LoopThread
from emulator.server import base_url, listen, refuse_exposed_control, server_config
from emulator.settings import Settings


class ThreadHosted:
    """See `Hosted`."""

    exchange = None
    ca = None

    def __init__(self, settings: Settings) -> None:
        refuse_exposed_control(settings)
        listener = listen(settings.host, settings.port)
        try:
            self._app = create_app(settings)
        except UserError:
            listener.close()
            raise
        config = server_config(self._app.pipeline, settings)
        self._server = _Server(config)
        self._loop = LoopThread(config.get_loop_factory() or asyncio.new_event_loop)
        self._served = self._loop.submit(self._server.serve([listener]))
        self._server.ready.wait()
        self.url = base_url(listener, settings.host)

    def close(self) -> None:
        for world in self._app.state.worlds:
            world.journal.stop_watches()
        self._server.should_exit = True
        wait([self._served])
        self._loop.close()
        self._app.close()


class _Server(Server):
    """uvicorn's server, which says when it serves."""

    def __init__(self, config: object) -> None:
        super().__init__(config)  # type: ignore[arg-type]
        self.ready = threading.Event()

    async def startup(self, sockets: object = None) -> None:
        try:
            await super().startup(sockets)  # type: ignore[arg-type]
        finally:
            self.ready.set()
