"""Stops what would reach a vendor's real host past the seams: looking up its name, or asking a proxy for it.

Python tells audit hooks of look-ups before they happen, also of those by functions that were imported from `socket`
earlier. A hook can not be taken away again; outside of blocks it does nothing. What Python tells of too late, and what
looks names up without Python, is patched.
"""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any
from urllib.parse import urlsplit

from emulator.interception.patches import Patch
from emulator.interception.routes import ROUTES
from emulator.interception.wire import Wire

Check = Callable[..., None]

# The host that the first line of a request to a proxy names: `CONNECT host:443` or `GET http://host/path`.
_PROXIED = re.compile(rb"[A-Z]+ (?:https?://)?(?:[^\s/@]+@)?([^\s/:@]+)(?:[:/]\S*)? HTTP/1\.[01]\r\n")


@cache
def watch() -> None:
    """Hear of look-ups from now on."""
    sys.addaudithook(_hook(CHECKS))


def patch() -> list[Patch]:
    """What the hook does not hear of in time; libraries that are not loaded need none of it."""
    # These look a name up before they tell of it.
    patches = [_patched(socket.socket, name, _check_address) for name in ("connect", "connect_ex", "sendto")]
    if "uvloop" in sys.modules:
        loop = sys.modules["uvloop"].Loop
        patches += [_patched(loop, "getaddrinfo", _check_host), _patched(loop, "create_connection", _check_connection)]
    if "aiohttp" in sys.modules:  # which may have a resolver written in C, or use a proxy
        connector = sys.modules["aiohttp"].BaseConnector
        patches.append(_patched(connector, "connect", _check_request))
    return patches


def _hook(checks: Mapping[str, Check]) -> Callable[[str, tuple[Any, ...]], None]:
    # All of it in the closure, because a hook outlives the names of its module when Python ends.
    routes = ROUTES

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in checks and routes:
            checks[event](*arguments)

    return hook


def _patched(owner: Any, name: str, check: Check) -> Patch:
    original = getattr(owner, name)

    @wraps(original)
    def checked(self: Any, *args: Any, **options: Any) -> Any:
        check(*args, **options)
        return original(self, *args, **options)

    return Patch(owner, name, checked)


def _check_host(host: object, *_: object, **__: object) -> None:
    ROUTES.refuse(host)


def _check_address(*arguments: object) -> None:
    address = arguments[-1]
    if isinstance(address, tuple) and address:
        ROUTES.refuse(address[0])


def _check_connection(_factory: object, host: object = None, *_: object, **__: object) -> None:
    ROUTES.refuse(host)


def _check_request(request: Any, *_: object, **__: object) -> None:
    ROUTES.refuse(request.url.host)


def _check_url(url: object, *_: object) -> None:
    ROUTES.refuse(urlsplit(str(url)).hostname)


def _check_sending(connection: Any, data: object) -> None:
    """A connection may be older than the block, or lead to a proxy."""
    if isinstance(connection.sock, Wire):
        return
    ROUTES.refuse(connection.host)
    if isinstance(data, bytes) and (found := _PROXIED.match(data)) is not None:
        ROUTES.refuse(found[1])
    ROUTES.refuse(getattr(connection, "_tunnel_host", None))


CHECKS: Mapping[str, Check] = {
    "http.client.send": _check_sending,
    "socket.getaddrinfo": _check_host,
    "socket.gethostbyname": _check_host,
    "urllib.Request": _check_url,
}
"""By the names of https://docs.python.org/3/library/audit_events.html."""
