"""Who may use the control plane: a pure ASGI layer before it.

A web page that somebody reads on the same machine can send requests to loopback, under the name of a site of its own,
too (DNS rebinding). Browsers say where a page comes from and under which name they found the server; that is looked at.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from msgspec import json

from emulator.control.exchange import HEADERS
from emulator.core.call import App, Receive, Scope, Send, send_answer
from emulator.core.vendor import Answer
from emulator.core.webhooks.targets import DELIVERY

_OPEN = frozenset({f"/_emulator/{name}" for name in ("livez", "readyz", "ca.pem")})
_DELIVERY = DELIVERY.lower().encode()
_OWN_PAGES = frozenset({b"same-origin", b"none"})
_HOW_TO_BRING_IT = (
    "the control plane needs its token: Authorization: Bearer TOKEN or X-Emulator-Token: TOKEN; "
    "the command takes --token TOKEN or EMULATOR_CONTROL_TOKEN"
)
_HOW_TO_OPEN_IT = (
    "the control plane is open to this machine only; start with --control-token TOKEN, or --insecure-control if "
    "anybody may use it (with create_app: Settings(control_token=...) or Settings(insecure_control=True))"
)
_EMULATOR = tuple((name.lower().encode(), value.encode()) for name, value in HEADERS.items())


class Guard:
    """Hands a control request on, or answers 401 or 403.

    With a token, requests need it, and it is all they need. Without one, while `loopback` is where the emulator
    listens, the Host must be localhost, an IP address or one of `hosts`; and unless it is `insecure`, only requests of
    this machine, on a socket that only this machine can reach, are served, whatever server runs the application. Pages
    of other origins are refused either way. `livez`, `readyz` and `ca.pem` need neither token nor Host, and are served
    to everybody.
    """

    def __init__(
        self, app: App, *, token: str | None, loopback: bool, hosts: Iterable[str], insecure: bool = False
    ) -> None:
        self._app = app
        self._token = None if token is None else token.encode()
        self._loopback = loopback
        self._insecure = insecure
        self._hosts = frozenset(host.lower().encode() for host in hosts) | {b"localhost"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await send_answer(refusal, send)

    def _refusal(self, scope: Scope) -> Answer | None:
        given = _read(scope)
        if given.delivery:
            # Else whoever may name a webhook could steer the control plane through it.
            return _refuse(403, "the control plane takes no deliveries of webhooks")
        if self._token is not None and any(hmac.compare_digest(each, self._token) for each in given.tokens):
            return None
        if given.foreign:
            return _refuse(403, "the control plane serves no pages of other origins; call it from outside of a browser")
        if scope["path"] in _OPEN and scope["method"] in ("GET", "HEAD"):
            return None
        if self._token is not None:
            return _refuse(401, _HOW_TO_BRING_IT, (b"www-authenticate", b"Bearer"))
        if not self._insecure and False in (_is_here(scope, "server"), _is_here(scope, "client")):
            return _refuse(403, _HOW_TO_OPEN_IT)
        if self._loopback and _is_here(scope, "server") and not self._knows(given.hosts):
            return _refuse(
                403,
                "the Host of a control request must be localhost, an IP address or a vendor's host; "
                "start with --allowed-host NAME to allow another",
            )
        return None

    def _knows(self, hosts: Iterable[bytes]) -> bool:
        names = [_name(host) for host in hosts]
        return bool(names) and all(name in self._hosts or _is_address(name) for name in names)


class _Given(NamedTuple):
    """What a request says of its sender."""

    tokens: list[bytes]
    hosts: list[bytes]
    foreign: bool
    """Whether a page of another origin sent it."""
    delivery: bool
    """Whether an emulator's webhook sent it."""


def _read(scope: Scope) -> _Given:
    tokens: list[bytes] = []
    hosts: list[bytes] = []
    origins: list[bytes] = []
    foreign = delivery = False
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.strip().partition(b" ")
            if scheme.lower() == b"bearer":
                tokens.append(token.strip())
        elif name == b"x-emulator-token":
            tokens.append(value.strip())
        elif name == b"host":
            hosts.append(value)
        elif name == b"origin":
            origins.append(value)
        elif name == _DELIVERY:
            delivery = True
        elif name == b"sec-fetch-site":
            foreign = foreign or value.strip().lower() not in _OWN_PAGES
    foreign = foreign or any(not _is_own(origin, hosts) for origin in origins)
    return _Given(tokens, hosts, foreign, delivery)


def _is_own(origin: bytes, hosts: Sequence[bytes]) -> bool:
    """Whether a page was got from where it sends its request to."""
    scheme, _, rest = origin.strip().lower().partition(b"://")
    if scheme not in (b"http", b"https"):
        return False
    return bool(hosts) and all(_with_port(rest, scheme) == _with_port(host.lower(), scheme) for host in hosts)


def _with_port(host: bytes, scheme: bytes) -> bytes:
    default = b":443" if scheme == b"https" else b":80"
    return host.removesuffix(default)


def _name(host: bytes) -> bytes:
    """A Host header without its port; an IPv6 address without its brackets. Empty if it makes no sense."""
    try:
        parts = urlsplit(b"//" + host.strip())
        _ = parts.port
    except ValueError:
        return b""
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        return b""
    return parts.hostname or b""


def _is_address(name: bytes) -> bool:
    try:
        ipaddress.ip_address(name.decode("latin-1"))
    except ValueError:
        return False
    return True


def _is_here(scope: Scope, end: str) -> bool | None:
    """Whether this end of the connection, `server` or `client`, is on loopback; None where there is no address: inside
    of a process, and on a socket that has no network.
    """
    pair = scope.get(end)
    try:
        address = None if pair is None else ipaddress.ip_address(str(pair[0]))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return None if address is None else (mapped or address).is_loopback


def _refuse(status: int, text: str, *headers: tuple[bytes, bytes]) -> Answer:
    return Answer(status, json.encode({"error": text}), headers=(*_EMULATOR, *headers))
