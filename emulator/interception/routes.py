"""Where a call for a vendor's host goes: into the world of the block in which it is made."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from urllib.parse import quote, unquote

from emulator.app import make_vendors
from emulator.client import Client
from emulator.client.exchange import Exchange, Reply, Request
from emulator.hosting.in_process import URL as NO_SOCKET
from emulator.interception.escapes import EscapedCall, escaped, undecided

HOSTS = frozenset(host for vendor in make_vendors() for host in vendor.hosts)

_FOREVER = 24 * 3600.0  # seconds, for clients that set no limit

FRAMING = frozenset({"transfer-encoding", "content-length", "connection", "keep-alive"})
"""Headers that do not fit any more, because requests and replies go through an exchange as a whole."""

Headers = Sequence[tuple[str, str]]


class Route:
    """The way into one world; `parent` is the block around."""

    def __init__(self, client: Client, parent: Route | None) -> None:
        self.client = client
        self.parent = parent

    @property
    def target(self) -> tuple[object, str]:
        """Equal for two routes that lead into the same world."""
        url = self.client.url
        return id(self.exchange) if url.startswith(NO_SOCKET) else url, self.client.name

    def around(self) -> Iterator[Route]:
        """The blocks around, from the inside to the outside."""
        route = self.parent
        while route is not None:
            yield route
            route = route.parent

    @property
    def exchange(self) -> Exchange:
        return self.client.control.exchange

    def send(self, method: str, target: str, headers: Headers, body: bytes, timeout: float | None) -> Reply:
        """As `Exchange.send`."""
        return self.exchange.send(self._request(method, target, headers, body, timeout))

    async def send_async(self, method: str, target: str, headers: Headers, body: bytes, timeout: float | None) -> Reply:
        return await self.exchange.send_async(self._request(method, target, headers, body, timeout))

    def _request(self, method: str, target: str, headers: Headers, body: bytes, timeout: float | None) -> Request:
        kept = [(name, value) for name, value in headers if name.lower() not in FRAMING]
        if body or any(name.lower() in ("content-length", "transfer-encoding") for name, _ in headers):
            kept.append(("Content-Length", str(len(body))))
        world = f"/_world/{quote(self.client.name, safe='')}"
        return Request(method, world + _path(target), kept, body or None, _FOREVER if timeout is None else timeout)


class Routes:
    """The blocks that are open in this process.

    In the context of a block, and in the tasks that begin there, its route holds; the innermost one where blocks are
    nested. Threads have contexts of their own: elsewhere the innermost block that is open holds, and where several are
    open beside each other, which lead to different worlds, nothing is guessed.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._open: tuple[Route, ...] = ()
        self._here: ContextVar[Route | None] = ContextVar("emulator_route", default=None)

    def __bool__(self) -> bool:
        return bool(self._open)

    def open(self, client: Client) -> Route:
        route = Route(client, self._of_context())
        with self.lock:
            self._open += (route,)
        self._here.set(route)
        return route

    def close(self, route: Route) -> None:
        with self.lock:
            self._open = tuple(each for each in self._open if each is not route)
        # A fixture may end in another context than it began in; a closed route is passed over there.
        if self._here.get() is route:
            self._here.set(route.parent)

    def find(self, host: str | bytes | None) -> Route | None:
        """None for other hosts than the vendors', and outside of all blocks. Raises EscapedCall."""
        if not self._open or (name := vendor_host(host)) is None:
            return None
        route = self._of_context()
        if route is not None:
            return route
        innermost = self._innermost()
        if len({each.target for each in innermost}) > 1:
            raise undecided(name, [each.client.url for each in innermost])
        return innermost[-1] if innermost else None

    def refuse(self, host: object) -> None:
        """Let nobody reach a vendor's host by this name. Raises EscapedCall."""
        if self._open and isinstance(host, str | bytes | bytearray) and (name := vendor_host(host)) is not None:
            raise self.escape(name)

    def escape(self, name: str) -> EscapedCall:
        route = self._of_context() or next(iter(self._open[::-1]), None)
        return escaped(name, "the emulator" if route is None else route.client.url)

    def _of_context(self) -> Route | None:
        route = self._here.get()
        if route is None or route in self._open:
            return route
        return next((each for each in route.around() if each in self._open), None)

    def _innermost(self) -> list[Route]:
        routes = self._open
        around = {id(outer) for each in routes for outer in each.around()}
        return [each for each in routes if id(each) not in around]


# Libraries are patched for the whole process, so what they are patched with has no world to hang on.
ROUTES = Routes()


def vendor_host(host: str | bytes | bytearray | None) -> str | None:
    """The name of a vendor's host as it is declared; None if it is another one."""
    if host is None:
        return None
    name = _plain(host if isinstance(host, str) else host.decode("latin-1")).rstrip(".").lower()
    return name if name in HOSTS else None


def _plain(host: str) -> str:
    """As it is looked up: without escapes of a URL, and without the signs that Unicode has for the same letter."""
    text = unquote(host) if "%" in host else host
    if text.isascii():
        return text
    try:
        return text.encode("idna").decode("ascii")
    except UnicodeError:
        return text  # and so no name at all


def _path(target: str) -> str:
    """Path and query; clients write whole URLs for proxies."""
    if target.startswith("/"):
        return target
    _, mark, rest = target.partition("://")
    return "/" + rest.partition("/")[2] if mark else f"/{target}"
