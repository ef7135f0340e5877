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
from contextlib import suppress
from functools import cache, wraps
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from emulator.interception.patches import Patch
from emulator.interception.routes import ROUTES
from emulator.interception.wire import Wire

Check = Callable[..., None]

# The host that the first line of a request to a proxy names: `CONNECT host:443` or `GET http://host/path`.
_PROXIED = re.compile(rb"\S+ (?:[A-Za-z]+://)?(?:[^\s/?#@]+@)?([^\s/?#:@]+)(?:[:/?#]\S*)? HTTP/1\.[01]\r\n")


@cache
def watch() -> None:
    """Hear of look-ups from now on."""
    sys.addaudithook(_hook(CHECKS))


def patch() -> list[Patch]:
    """What the hook does not hear of in time."""
    # These look a name up before they tell of it; some systems have no `sendmsg`.
    patches = [_patched(socket.socket, name, check) for name, check in _SENDING.items() if hasattr(socket.socket, name)]
    # Imported here, because it may be missing; code in the block may import it only later.
    with suppress(ImportError):
        loop = import_module("uvloop").Loop
        patches += [_patched(loop, name, check) for name, check in _LOOKING_UP.items()]
    # Takes long to import, and without a proxy and a resolver in C the hook hears of what it does.
    if "aiohttp" in sys.modules:
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


def _check_message(*arguments: object) -> None:
    """Buffers, ancillary data, flags and perhaps an address."""
    if len(arguments) > _NOT_ADDRESSES:
        _check_address(arguments[-1])


def _check_datagrams(
    _factory: object, local_addr: object = None, remote_addr: object = None, *_: object, **__: object
) -> None:
    _check_address(local_addr)
    _check_address(remote_addr)


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


_NOT_ADDRESSES = 3  # arguments of `sendmsg`
_SENDING: Mapping[str, Check] = {
    **dict.fromkeys(("bind", "connect", "connect_ex", "sendto"), _check_address),
    "sendmsg": _check_message,
}
_LOOKING_UP: Mapping[str, Check] = {
    "create_connection": _check_connection,
    "create_datagram_endpoint": _check_datagrams,
    "getaddrinfo": _check_host,
    "sock_connect": _check_address,
}
CHECKS: Mapping[str, Check] = {
    "http.client.send": _check_sending,
    "socket.bind": _check_address,
    "socket.connect": _check_address,
    "socket.getaddrinfo": _check_host,
    "socket.gethostbyaddr": _check_host,
    "socket.gethostbyname": _check_host,
    "socket.sendmsg": _check_address,
    "socket.sendto": _check_address,
    "urllib.Request": _check_url,
}
"""By the names of https://docs.python.org/3/library/audit_events.html."""
