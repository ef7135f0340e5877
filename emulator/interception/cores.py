"""The seam of httpx and httpx2: the connection pools of httpcore and httpcore2, which have the same shape.

Transports, mounts, retries and exceptions above are the library's own. `respx` could do the same for httpx, but knows
no httpx2, and `pytest-httpx` stands above transports of users' own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from emulator.client.exchange import Reply
from emulator.interception.failures import Failure, cut_body, failure_of
from emulator.interception.patches import Patch
from emulator.interception.routes import ROUTES

_SYNCHRONOUS = ("ConnectionPool", "HTTPProxy", "SOCKSProxy")


def patch(library: ModuleType) -> list[Patch]:
    """A kind of pool that has no method of its own inherits the patched one; `respx` gives it one."""
    patches: list[Patch] = []
    for kind, name, routed in (
        *((kind, "handle_request", _routed) for kind in _SYNCHRONOUS),
        *((f"Async{kind}", "handle_async_request", _routed_async) for kind in _SYNCHRONOUS),
    ):
        owner = getattr(library, kind)
        if name in vars(owner):
            patches.append(Patch(owner, name, routed(vars(owner)[name], library)))
    return patches


def _routed(original: Callable[..., Any], library: ModuleType) -> Callable[..., Any]:
    @wraps(original)
    def handle_request(self: Any, request: Any) -> Any:
        route = ROUTES.find(request.url.host)
        if route is None:
            return original(self, request)
        body = b"".join(request.stream)
        try:
            reply = route.send(*_read(request), body, _timeout(request))
        except OSError as error:
            raise _error(error, library) from error
        return _response(request, reply, library)

    return handle_request


def _routed_async(original: Callable[..., Any], library: ModuleType) -> Callable[..., Any]:
    @wraps(original)
    async def handle_async_request(self: Any, request: Any) -> Any:
        route = ROUTES.find(request.url.host)
        if route is None:
            return await original(self, request)
        body = b"".join([part async for part in request.stream])
        try:
            reply = await route.send_async(*_read(request), body, _timeout(request))
        except OSError as error:
            raise _error(error, library) from error
        return _response(request, reply, library)

    return handle_async_request


def _read(request: Any) -> tuple[str, str, list[tuple[str, str]]]:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers]
    return request.method.decode("ascii"), request.url.target.decode("latin-1"), headers


def _timeout(request: Any) -> float | None:
    limits: dict[str, float | None] = request.extensions.get("timeout", {})
    return limits.get("read")


def _response(request: Any, reply: Reply, library: ModuleType) -> Any:
    headers = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in reply.headers
        if name != "transfer-encoding"
    ]
    content = b"" if request.method == b"HEAD" else reply.body
    return library.Response(reply.status, headers=headers, content=content, extensions={"http_version": b"HTTP/1.1"})


def _error(error: OSError, library: Any) -> Exception:
    """What the library raises when that happens on a socket."""
    raised: Exception
    match failure_of(error):
        case Failure.TIMEOUT:
            raised = library.ReadTimeout("timed out")
        case Failure.REFUSED:
            raised = library.ConnectError(str(error))
        case Failure.EMPTY:
            raised = library.RemoteProtocolError("Server disconnected without sending a response.")
        case Failure.TRUNCATED:
            body, length = cut_body(error)
            raised = library.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {len(body)} bytes, expected {length})"
            )
        case Failure.RESET:
            raised = library.ReadError(str(error))
    return raised
