"""The seam of urllib3, and so of requests: a connection pool for a vendor's host is one that leads into the emulator.

Everything else is the library's own: retries that an adapter is mounted with, streaming, redirects, cookies, chunked
uploads and its exceptions. `responses` replaces the adapter instead, which has to imitate retries and keeps real
connections behind what users let pass in mocks of their own; those meet this seam.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from urllib3 import HTTPConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, port_by_scheme

from emulator.interception.escapes import ended
from emulator.interception.patches import Patch
from emulator.interception.routes import ROUTES
from emulator.interception.wire import Wire

_KEPT = frozenset({"timeout", "retries", "headers", "maxsize", "block"})  # of what a manager gives to its pools


class EmulatorConnection(HTTPConnection):
    """Goes where the interception of the moment leads. Raises EscapedCall when there is none any more."""

    def connect(self) -> None:
        route = ROUTES.find(self.host)
        if route is None:
            raise ended(self.host)
        wire: Any = Wire(route)
        self.sock = wire


class EmulatorPool(HTTPConnectionPool):
    """Of such connections."""

    ConnectionCls = EmulatorConnection


def patch() -> list[Patch]:
    """Both, because for plain HTTP the second one asks the first for a pool of the proxy's."""
    managers: tuple[type[PoolManager], ...] = (PoolManager, ProxyManager)
    return [
        Patch(manager, "connection_from_host", _routed(vars(manager)["connection_from_host"])) for manager in managers
    ]


def _routed(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def connection_from_host(
        self: PoolManager,
        host: str | None,
        port: int | None = None,
        scheme: str | None = "http",
        pool_kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if host is None or ROUTES.find(host) is None:
            return original(self, host, port, scheme, pool_kwargs)
        given = self.connection_pool_kw | (pool_kwargs or {})
        # The Host header has only a port that is not the scheme's own.
        own = port_by_scheme.get(scheme or "http")
        pool = EmulatorPool(host, None if port == own else port, **{name: given[name] for name in _KEPT & set(given)})
        pool.scheme = scheme or "http"
        return pool

    return connection_from_host
