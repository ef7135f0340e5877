"""An emulator without a socket: requests are handed to the application as it stands."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from urllib.parse import unquote

from emulator.app import EmulatorApp, create_app
from emulator.client.exchange import Reply, Request
from emulator.client.loops import running_loop
from emulator.core.call import App, Message, Scope
from emulator.core.errors import UserError
from emulator.hosting.loop import LoopThread
from emulator.serving.limits import refusal
from emulator.settings import Settings

_HOST = b"emulator.invalid"
URL = f"http://{_HOST.decode()}"
"""A name that can not exist (RFC 6761), so that a client without the transport does not reach anybody."""


class AppExchange:
    """Hands requests to an application that lives in the loop of a thread."""

    def __init__(self, app: App, loop: LoopThread) -> None:
        self._app = app
        self._loop = loop

    def send(self, request: Request) -> Reply:
        serving = Serving(self._app, request)
        future = self._loop.submit(serving.run())
        try:
            return future.result(request.timeout)
        finally:
            self._loop.call(serving.leave)

    async def send_async(self, request: Request) -> Reply:
        running_loop()
        serving = Serving(self._app, request)
        future = asyncio.wrap_future(self._loop.submit(serving.run()))
        future.add_done_callback(_told)
        try:
            # Shielded, because a client that goes away ends nothing on a socket either.
            return await asyncio.wait_for(asyncio.shield(future), request.timeout)
        finally:
            self._loop.call(serving.leave)


class InProcessHosted:
    """See `Hosted`."""

    ca = None

    def __init__(self, settings: Settings) -> None:
        if settings.speaks_tls:
            raise UserError("tls: an emulator without a socket speaks no TLS; use mode thread or process")
        self.url = URL
        self._app: EmulatorApp = create_app(settings)
        self._loop = LoopThread()
        self.exchange = AppExchange(self._app, self._loop)

    def close(self) -> None:
        self._loop.close()
        self._app.close()


class Serving:
    """One request from its first byte to the last one of its answer."""

    def __init__(self, app: App, request: Request) -> None:
        self._app = app
        self._request = request
        self._sent = False
        self._left = asyncio.Event()
        self._answer: list[Message] = []

    def leave(self) -> None:
        """The client is gone, with the answer or without it."""
        self._left.set()

    async def run(self) -> Reply:
        """Raises ConnectionResetError when there is no answer, and the read error of a client that a fault asks for."""
        scope = self._scope()
        refused = refusal(scope["raw_path"], scope["query_string"], scope["headers"])
        if refused is not None:
            status, text = refused
            return Reply(status, [("content-type", "text/plain; charset=utf-8")], text.encode())
        try:
            await self._app(scope, self._receive, self._send)
        except asyncio.CancelledError:
            # Nobody else cancels it: see the shield above.
            raise ConnectionResetError("the emulator ended meanwhile") from None
        except Exception:
            if not self._left.is_set():
                raise
        if not self._answer:
            if self._left.is_set():
                return Reply(0, [], b"")  # for nobody
            raise ConnectionResetError("the emulator gave no answer")
        start, *parts = self._answer
        headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in start["headers"]]
        body = b"" if self._request.method == "HEAD" else b"".join(part.get("body", b"") for part in parts)
        return Reply(start["status"], headers, body)

    async def _receive(self) -> Message:
        if not self._sent:
            self._sent = True
            return {"type": "http.request", "body": self._request.body or b"", "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self._answer.append(message)

    def _scope(self) -> Scope:
        path, _, query = self._request.target.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self._request.method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": _headers(self._request.headers, self._request.body),
            "client": None,
            "server": None,
        }


def _told(future: asyncio.Future[Reply]) -> None:
    """What becomes of a request whose client went away is no news."""
    if not future.cancelled():
        future.exception()


def _headers(given: Iterable[tuple[str, str]], body: bytes | None) -> list[tuple[bytes, bytes]]:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in given]
    names = {name for name, _ in headers}
    if b"host" not in names:
        headers.append((b"host", _HOST))
    if body and names.isdisjoint({b"content-length", b"transfer-encoding"}):
        headers.append((b"content-length", b"%d" % len(body)))
    return headers
