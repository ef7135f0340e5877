"""The process that `emulator start` runs: signals, memory collector, its beginning and its end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from uvicorn import Config, Server

from emulator.app import EmulatorApp, load_start, make_worlds
from emulator.core.call import App
from emulator.core.driver import touch
from emulator.core.errors import UserError
from emulator.core.masking import masked_query
from emulator.core.scenarios.progress import Progress
from emulator.core.worlds import Worlds
from emulator.output import unread_output_allowed
from emulator.serving import ready_file
from emulator.serving.announcement import announcement
from emulator.serving.listening import base_url, identity_of, listen, refuse_exposed_control, warn_of_exposed_control
from emulator.serving.protocol import LimitedProtocol
from emulator.settings import Settings

if TYPE_CHECKING:
    from emulator.serving.tls import Identity

Announce = Callable[[str, Worlds, str | None], str]
Watch = Callable[[Progress], AbstractContextManager[None]]

_GRACE = 3  # seconds that requests under way have to finish
_KEEP_ALIVE = 75  # seconds; clients with connection pools trip over servers that close sooner
# Rows are outside the collector, so there is little to find and no reason to look often.
_COLLECTOR_THRESHOLDS = (50_000, 50, 100)


def _unwatched(progress: Progress) -> AbstractContextManager[None]:
    return contextlib.nullcontext()


def run(settings: Settings, *, announce: Announce = announcement, watch: Watch = _unwatched) -> None:
    """Serve until SIGTERM or SIGINT. Raises UserError when it can not start.

    `announce` makes what is printed when it is ready; `watch` is told how far the loading of the scenario is.
    """
    refuse_exposed_control(settings)
    listener = listen(settings.host, settings.port)
    if settings.ready_file is not None:
        ready_file.remove(settings.ready_file)  # one that a killed emulator left behind
    worlds = make_worlds(settings)
    logging.basicConfig(level=logging.INFO if settings.access_log else logging.WARNING, stream=sys.stderr)
    warn_of_exposed_control(settings, listener)
    with identity_of(settings, listener, worlds.vendors) as identity:
        app = EmulatorApp(worlds, settings, identity and identity.ca)
        config = server_config(app.pipeline, settings, identity)
        server = EmulatorServer(config, worlds, settings, base_url(listener, settings), identity)
        server.announce, server.watch = announce, watch
        server.run([listener])
    if server.failure is not None:
        raise server.failure


def server_config(app: App, settings: Settings, identity: Identity | None) -> Config:
    """How uvicorn is to serve; its access log masks credentials from now on."""
    logging.getLogger("uvicorn.access").addFilter(_mask_credentials)
    config = Config(
        app,
        http=LimitedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=settings.access_log,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
    )
    if identity is not None:
        config.load()  # which would take the context away
        config.ssl = identity.context
    return config


class EmulatorServer(Server):
    """uvicorn's server with our start and our end: it announces itself when ready, and a signal ends it cleanly."""

    def __init__(self, config: Config, worlds: Worlds, settings: Settings, url: str, identity: Identity | None) -> None:
        super().__init__(config)
        self.failure: UserError | None = None
        self._worlds = worlds
        self._settings = settings
        self._url = url
        self._identity = identity
        self.announce: Announce = announcement
        self.watch: Watch = _unwatched

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        try:
            if self._settings.scenario or self._settings.store:
                # In a thread, so that livez and readyz answer meanwhile.
                loop = asyncio.get_running_loop()
                with self.watch(self._worlds.start.progress):
                    await loop.run_in_executor(None, load_start, self._worlds, self._settings)
            else:
                load_start(self._worlds, self._settings)
            if self._settings.ready_file is not None:
                ready_file.write(self._settings.ready_file, self._url)
        except UserError as error:
            self.failure = error
            self.should_exit = True
            return
        for world in self._worlds:
            if world.busy:  # what was half done when it was kept
                touch(world)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_COLLECTOR_THRESHOLDS)
        with contextlib.suppress(UserError), unread_output_allowed():
            ca = None if self._identity is None else str(self._identity.ca_file)
            print(self.announce(self._url, self._worlds, ca))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._settings.ready_file is not None and self.failure is None:
            ready_file.remove(self._settings.ready_file)
        for world in self._worlds:
            world.journal.stop_watches()
        await super().shutdown(sockets)
        try:
            self._worlds.close()
        except UserError as error:
            self.failure = self.failure or error

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own raises the signal again when it is done, so that a process asked to stop would end with -15.
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _mask_credentials(record: logging.LogRecord) -> bool:
    """A line of the access log has the URL with its query: `(client, method, URL, version, status)`."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            masked_query(each.encode()).decode() if isinstance(each, str) and "?" in each else each
            for each in record.args
        )
    return True
