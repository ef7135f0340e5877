"""A socket that is none: what a client writes goes through an exchange, and the reply is there to be read."""

from __future__ import annotations

import io
from http import HTTPStatus

import h11

from emulator.client.exchange import Reply
from emulator.interception.failures import Failure, cut_body, failure_of
from emulator.interception.routes import FRAMING, Route

_LONGEST_HEAD = 1 << 20  # bytes


class Wire:
    """As much of a socket as http.client uses, for one request and its reply."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._sent = bytearray()
        self._timeout: float | None = None

    def sendall(self, data: bytes | bytearray | memoryview) -> None:
        self._sent += data

    def settimeout(self, timeout: float | None) -> None:
        self._timeout = timeout

    def makefile(self, *_: object, **__: object) -> io.BytesIO:
        """The bytes of the reply. Raises OSError when there are none."""
        try:
            request, body = _parse(bytes(self._sent))
        except h11.RemoteProtocolError as error:
            return io.BytesIO(_print(Reply(400, [], str(error).encode())))
        method = request.method.decode("ascii")
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw_items()]
        try:
            reply = self._route.send(method, request.target.decode("latin-1"), headers, body, self._timeout)
        except OSError as error:
            return io.BytesIO(_spoilt(error))
        return io.BytesIO(_print(reply, to_head=method == "HEAD"))

    def close(self) -> None:
        """There is nothing to close."""


def _parse(sent: bytes) -> tuple[h11.Request, bytes]:
    """Raises RemoteProtocolError when it is no HTTP, and TimeoutError when the end is missing, as a server waits."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_LONGEST_HEAD)
    connection.receive_data(sent)
    request: h11.Request | None = None
    parts: list[bytes] = []
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            parts.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            return request, b"".join(parts)
        else:
            raise TimeoutError("timed out: the request is not complete")


def _print(reply: Reply, length: int | None = None, *, to_head: bool = False) -> bytes:
    """The reply on the wire; `length` is what it says of its body, if that is cut."""
    said = reply.header("content-length") if to_head else str(len(reply.body) if length is None else length)
    headers = [(name, value) for name, value in reply.headers if name not in FRAMING]
    if said is not None:
        headers.append(("content-length", said))
    headers.append(("connection", "close"))
    try:
        phrase = HTTPStatus(reply.status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {reply.status} {phrase}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1") + (b"" if to_head else reply.body)


def _spoilt(error: OSError) -> bytes:
    """What came before the connection failed; else it is raised as a socket would."""
    match failure_of(error):
        case Failure.TRUNCATED:
            body, length = cut_body(error)
            return _print(Reply(200, [("content-type", "application/json")], body), length)
        case Failure.EMPTY:
            return b""
        case Failure.TIMEOUT:
            raise TimeoutError("timed out") from error
        case Failure.RESET:
            raise ConnectionResetError(str(error)) from error
    raise error
