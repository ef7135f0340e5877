"""A transport for clients of httpx, and of httpx2, which has the same shape: no socket, the same answers."""

from __future__ import annotations

import sys
from typing import Any, Self

from emulator.client.exchange import Exchange, Reply, Request

_FOREVER = 24 * 3600.0  # seconds, for clients that set no limit


class AppTransport:
    """For `Client(transport=...)` and `AsyncClient(transport=...)` of either library; a client may close it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def handle_request(self, request: Any) -> Any:
        try:
            return _response(self._exchange.send(_read(request, request.read())), request)
        except OSError as error:
            raise _raised(error, request) from error.__cause__

    async def handle_async_request(self, request: Any) -> Any:
        try:
            return _response(await self._exchange.send_async(_read(request, await request.aread())), request)
        except OSError as error:
            raise _raised(error, request) from error.__cause__

    def close(self) -> None:
        """The emulator goes on."""

    async def aclose(self) -> None:
        """The emulator goes on."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _library(request: Any) -> Any:
    """Whose request it is, so that it gets a response of the same library."""
    return sys.modules[type(request).__module__.partition(".")[0]]


def _read(request: Any, body: bytes) -> Request:
    timeout = request.extensions.get("timeout", {}).get("read")
    headers = request.headers.multi_items()
    target = request.url.raw_path.decode("latin-1")
    return Request(request.method, target, headers, body, _FOREVER if timeout is None else timeout)


def _response(reply: Reply, request: Any) -> Any:
    library = _library(request)
    # As a stream, which a client may want to read raw.
    return library.Response(reply.status, headers=reply.headers, stream=library.ByteStream(reply.body))


def _raised(error: OSError, request: Any) -> Exception:
    """What the library raises when that happens on a socket."""
    library = _library(request)
    raised: Exception
    if isinstance(error, library.TransportError):
        raised = error  # one that a fault asks for
    elif isinstance(error, TimeoutError):
        raised = library.ReadTimeout(str(error))
    elif isinstance(error, ConnectionRefusedError):
        raised = library.ConnectError(str(error))
    else:
        raised = library.ReadError(str(error))
    return raised
