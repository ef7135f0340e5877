"""The process that `emulator start` runs: socket, signals, header limits, memory collector."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from emulator.announcement import announcement
from emulator.app import EmulatorApp, load_start, make_worlds
from emulator.connection import SeverableProtocol
from emulator.core.call import App
from emulator.core.errors import UserError
from emulator.core.masking import masked_query
from emulator.core.progress import Progress
from emulator.core.vendor import Vendor
from emulator.core.worlds import Worlds
from emulator.output import unread_output_allowed
from emulator.settings import Settings, is_loopback

if TYPE_CHECKING:
    from emulator.tls import Identity

Announce = Callable[[str, Worlds, str | None], str]
Watch = Callable[[Progress], AbstractContextManager[None]]

logger = logging.getLogger("emulator")

MOST_URL_BYTES = 32 * 1024
MOST_HEADER_BYTES = 64 * 1024
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
        _remove_ready_file(settings.ready_file)  # one that a killed emulator left behind
    worlds = make_worlds(settings)
    logging.basicConfig(level=logging.INFO if settings.access_log else logging.WARNING, stream=sys.stderr)
    logging.getLogger("uvicorn.access").addFilter(_mask_credentials)
    _warn_of_exposed_control(settings, listener)
    with identity_of(settings, listener, worlds.vendors) as identity:
        app = EmulatorApp(worlds, settings, identity and identity.ca)
        config = server_config(app.pipeline, settings, identity)
        server = EmulatorServer(config, worlds, settings, base_url(listener, settings), identity)
        server.announce, server.watch = announce, watch
        server.run([listener])
    if server.failure is not None:
        raise server.failure


def server_config(app: App, settings: Settings, identity: Identity | None) -> Config:
    """How uvicorn is to serve."""
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


def identity_of(
    settings: Settings, listener: socket.socket, vendors: Iterable[Vendor]
) -> AbstractContextManager[Identity | None]:
    """What the port shows clients that speak TLS, if it is to speak it. Raises UserError."""
    if not settings.speaks_tls:
        return contextlib.nullcontext()
    # Imported here because a start without TLS does not need it.
    from emulator.tls import identity

    return identity(settings, listener, (host for vendor in vendors for host in vendor.hosts))


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
                _write_ready_file(self._settings.ready_file, self._url)
        except UserError as error:
            self.failure = error
            self.should_exit = True
            return
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_COLLECTOR_THRESHOLDS)
        with contextlib.suppress(UserError), unread_output_allowed():
            ca = None if self._identity is None else str(self._identity.ca_file)
            print(self.announce(self._url, self._worlds, ca))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._settings.ready_file is not None and self.failure is None:
            _remove_ready_file(self._settings.ready_file)
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


class LimitedProtocol(SeverableProtocol):
    """uvicorn's protocol, which has no limits of its own, with limits on the URL and the headers."""

    _header_bytes = 0
    _refusal: tuple[int, str] | None = None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._header_bytes = 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > MOST_URL_BYTES:
            self._refuse(414, f"The URL is longer than {MOST_URL_BYTES} bytes.")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MOST_HEADER_BYTES:
            self._refuse(431, f"The headers are longer than {MOST_HEADER_BYTES} bytes.")
        HttpToolsProtocol.on_header(self, name, value)  # super() costs as much as the rest of this

    def shutdown(self) -> None:
        # A request that is still arriving has changed nothing yet; waiting for the rest of it would hold up the end.
        if self.cycle is not None and self.cycle.more_body and not self.cycle.response_complete:
            self.transport.close()
        super().shutdown()

    def _refuse(self, status: int, message: str) -> None:
        self._refusal = (status, message)
        # The parser stops at an exception, and uvicorn then calls send_400_response.
        raise ValueError(message)

    def send_400_response(self, msg: str) -> None:
        if self._refusal is None:
            super().send_400_response(msg)
            return
        status, message = self._refusal
        headers = (
            f"content-type: text/plain; charset=utf-8\r\ncontent-length: {len(message)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(STATUS_LINE[status] + headers.encode() + message.encode())
        self.transport.close()


def _mask_credentials(record: logging.LogRecord) -> bool:
    """A line of the access log has the URL with its query: `(client, method, URL, version, status)`."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            masked_query(each.encode()).decode() if isinstance(each, str) and "?" in each else each
            for each in record.args
        )
    return True


def base_url(listener: socket.socket, settings: Settings) -> str:
    """The address that clients on this machine use."""
    scheme = "https" if settings.speaks_tls else "http"
    host, port = settings.host, listener.getsockname()[1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"{scheme}://[{shown}]:{port}" if ":" in shown else f"{scheme}://{shown}:{port}"


def listen(host: str, port: int) -> socket.socket:
    """Raises UserError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise UserError(
            f"can not listen on {host} port {port}: {error.strerror or error}; choose another with --port or --host"
        ) from None


def refuse_exposed_control(settings: Settings) -> None:
    """Raises UserError when others could reach a control plane that anybody may use."""
    if settings.insecure_control or settings.control_token is not None or is_loopback(settings.host):
        return
    raise UserError(
        f"--host {settings.host}: others could reach the control plane there; "
        "add --control-token TOKEN, or --insecure-control if that is wanted"
    )


def _warn_of_exposed_control(settings: Settings, listener: socket.socket) -> None:
    if settings.control_token is None and not is_loopback(settings.host):
        logger.warning(
            "anyone who can reach %s port %s can use the control plane; set EMULATOR_CONTROL_TOKEN",
            settings.host,
            listener.getsockname()[1],
        )


def _write_ready_file(name: str, url: str) -> None:
    """Appear whole or not at all."""
    path = Path(name)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        temporary.write_text(url + "\n")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UserError(f"--ready-file {name}: {error.strerror or error}") from None


def _remove_ready_file(name: str) -> None:
    try:
        Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"--ready-file {name}: {error.strerror or error}") from None
