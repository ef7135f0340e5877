"""The HTTP edge: what an ASGI scope says of a request, its body, and the sending of an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote, unquote

from emulator.core.errors import TooLarge
from emulator.core.failures.effects import Hit
from emulator.core.journal import HEADER_KEPT
from emulator.core.masking import HEADERS
from emulator.core.vendor import Answer
from emulator.core.worlds import DEFAULT

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

WORLD = "emulator.world"
"""The key under which a control request's scope has the name of its world."""
CONTROL = "_emulator"
_WORLD_PREFIX = "_world"

_MOST_DIGITS = 20  # of a Content-Length that is one
_OF_BROWSERS = frozenset({b"origin", b"sec-fetch-site"})
_SCHEMES = frozenset({b"basic", b"bearer", b"digest"})


class NoAnswer(Exception):
    """Nothing is sent; what it says stands in the journal."""


class ClientGone(NoAnswer):
    """The client closed the connection before its request was complete."""

    def __init__(self) -> None:
        super().__init__("the client closed the connection before its request was complete")


class Call:
    """A request as the engine needs it.

    `segments` are the percent-decoded parts of the path without the world's prefix. They are split on the raw path, so
    that an encoded slash stays inside its segment; a plus stays a plus. `headers` come without secrets. `by_browser` is
    whether it has a header that only browsers send, and their proxies. `hit` is the fault that it meets.
    """

    __slots__ = (
        "authorization",
        "by_browser",
        "content_length",
        "has_body",
        "headers",
        "hit",
        "host",
        "method",
        "path",
        "query",
        "scope",
        "segments",
        "world",
    )

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.method: str = scope["method"]
        raw: bytes | None = scope.get("raw_path")
        path = quote(scope["path"]) if raw is None else raw.decode("latin-1")
        self.query: bytes = scope["query_string"]
        world: str | None = None
        segments = path[1:].split("/")
        if segments[0] == _WORLD_PREFIX and len(segments) > 1:
            world = unquote(segments[1])
            segments = segments[2:] or [""]
            path = "/" + "/".join(segments)
        self.path = path
        self.segments = [unquote(segment) for segment in segments] if "%" in path else segments
        self.host = b""
        self.authorization: bytes | None = None
        self.content_length = 0
        self.by_browser = False
        self.has_body = False
        self.hit: Hit | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        for header in scope["headers"]:
            name, value = header
            if name in HEADERS:
                if name == b"authorization":
                    self.authorization = value
                header = (name, _mask(value))
            elif name == b"host":
                self.host = value
            elif name == b"content-length":
                self.content_length = int(value) if value.isdigit() and len(value) < _MOST_DIGITS else 0
                self.has_body = self.has_body or self.content_length > 0
            elif name == b"transfer-encoding":
                self.has_body = True
            elif name in _OF_BROWSERS:
                self.by_browser = True
            elif name == b"x-emulator-world" and world is None:
                world = value.decode("latin-1")
            self.headers.append(header if len(header[1]) <= HEADER_KEPT else (name, header[1][:HEADER_KEPT]))
        self.world = DEFAULT if world is None else world

    def host_name(self) -> str:
        """The Host header without its port, in lower case."""
        return self.host.decode("latin-1").rsplit(":", 1)[0].lower()


async def read_body(receive: Receive, declared: int, limit: int) -> bytes:
    """The whole body; its bytes are counted while they arrive, because a chunked one has no length.

    Raises TooLarge over `limit` bytes, and ClientGone.
    """
    if declared > limit:
        raise TooLarge(limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLarge(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def send_answer(answer: Answer, send: Send) -> None:
    """Put an answer on the wire."""
    await send(head_of(answer, len(answer.body)))
    await send({"type": "http.response.body", "body": answer.body})


def head_of(answer: Answer, length: int) -> Message:
    """What goes on the wire first, with a length that need not be that of the body."""
    headers = [(b"content-type", answer.content_type), (b"content-length", b"%d" % length), *answer.headers]
    return {"type": "http.response.start", "status": answer.status, "headers": headers}


def _mask(value: bytes) -> bytes:
    # The scheme helps to see what went wrong; the rest is nobody's business.
    scheme = value[:6].partition(b" ")[0]
    return scheme + b" ***" if scheme.lower() in _SCHEMES else b"***"
