"""An emulator on a port of this machine, served by a thread of this process."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import wait
from contextlib import ExitStack

from uvicorn import Server

from emulator.app import create_app, make_vendors
from emulator.hosting.loop import LoopThread
from emulator.serving.listening import base_url, identity_of, listen, refuse_exposed_control
from emulator.serving.server import server_config
from emulator.settings import Settings


class ThreadHosted:
    """See `Hosted`."""

    exchange = None

    def __init__(self, settings: Settings) -> None:
        refuse_exposed_control(settings)
        with ExitStack() as undoing:
            listener = undoing.enter_context(listen(settings.host, settings.port))
            identity = undoing.enter_context(identity_of(settings, listener, make_vendors()))
            self._app = create_app(settings, identity and identity.ca)
            undoing.callback(self._app.close)
            self.ca = None if identity is None else str(identity.ca_file)
            config = server_config(self._app.pipeline, settings, identity)
            self._server = _Server(config)
            self._loop = LoopThread(config.get_loop_factory() or asyncio.new_event_loop)
            undoing.callback(self._loop.close)
            self._served = self._loop.submit(self._server.serve([listener]))
            self._server.ready.wait()
            self.url = base_url(listener, settings)
            self._ending = undoing.pop_all()

    def close(self) -> None:
        with self._ending:
            for world in self._app.state.worlds:
                world.journal.stop_watches()
            self._server.should_exit = True
            wait([self._served])


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
