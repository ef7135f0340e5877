"""Who sent a request, as far as web pages go: a page that somebody reads on this machine can send requests, too.

Browsers say where a page comes from (`Origin`, `Sec-Fetch-Site`) and under which name they found the server (`Host`). A
web site may have its own name lead to this machine (DNS rebinding), but not one that it does not own.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from emulator.core.call import Scope
from emulator.core.errors import UserError

_OWN_PAGES = frozenset({b"same-origin", b"none"})
_CROSS_SITE = b"cross-site"
# Names that no site of the internet can have: without a dot, as containers call each other, and those kept for private
# use, as clusters, container engines and RFC 6761 have them.
_PRIVATE = re.compile(rb"[a-z0-9_-]+|[a-z0-9_.-]+\.(?:localhost|internal|svc|cluster\.local)")


class ForeignPage(UserError):
    """A page of another site sent a request that it has no business to send."""

    status = 403


class Sender(NamedTuple):
    """What the headers of a request say of it."""

    hosts: list[bytes]
    origins: list[bytes]
    sites: list[bytes]

    @classmethod
    def of(cls, scope: Scope) -> Sender:
        found: dict[bytes, list[bytes]] = {b"host": [], b"origin": [], b"sec-fetch-site": []}
        for name, value in scope["headers"]:
            if name in found:
                found[name].append(value.strip().lower())
        return cls(*found.values())

    @property
    def is_browser(self) -> bool:
        return bool(self.origins or self.sites)

    @property
    def is_foreign(self) -> bool:
        """Whether a page of another origin sent it."""
        return any(site not in _OWN_PAGES for site in self.sites) or any(
            not _is_own(origin, self.hosts) for origin in self.origins
        )


class Names:
    """The names that an emulator may be called by."""

    def __init__(self, declared: Iterable[str]) -> None:
        self._declared = frozenset(name.lower().encode() for name in declared) | {b"localhost"}

    def have(self, hosts: Iterable[bytes], *, private: bool) -> bool:
        """Whether these Host headers are addresses or names that are declared, or, if they do, `private` ones."""
        names = [_name(host) for host in hosts]
        return bool(names) and all(
            name in self._declared or _is_address(name) or (private and _PRIVATE.fullmatch(name) is not None)
            for name in names
        )

    def check(self, scope: Scope) -> None:
        """Refuse what a page of another site asks of a vendor's API, on a socket that it can reach. Raises ForeignPage.

        Servers may call the emulator as they like, and so may pages of this machine; a proxy of theirs keeps `Origin`.
        """
        sender = Sender.of(scope)
        if not sender.is_browser or is_here(scope, "server") is None:
            return
        if not self.have(sender.hosts, private=True):
            raise ForeignPage(
                "a browser sent this under a Host that another site may have; call localhost or an IP address, or "
                "start with --allowed-host NAME"
            )
        if _CROSS_SITE in sender.sites and not self._has_pages(sender.origins):
            raise ForeignPage(
                "a page of another site sent this; serve the page from localhost, or start with --allowed-host NAME "
                "for its host"
            )

    def _has_pages(self, origins: Sequence[bytes]) -> bool:
        return self.have([origin.partition(b"://")[2] for origin in origins], private=True)


def is_here(scope: Scope, end: str) -> bool | None:
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


def _is_own(origin: bytes, hosts: Sequence[bytes]) -> bool:
    """Whether a page was got from where it sends its request to."""
    scheme, _, rest = origin.partition(b"://")
    if scheme not in (b"http", b"https"):
        return False
    return bool(hosts) and all(_with_port(rest, scheme) == _with_port(host, scheme) for host in hosts)


def _with_port(host: bytes, scheme: bytes) -> bytes:
    default = b":443" if scheme == b"https" else b":80"
    return host.removesuffix(default)


def _name(host: bytes) -> bytes:
    """A Host header without its port; an IPv6 address without its brackets. Empty if it makes no sense."""
    try:
        parts = urlsplit(b"//" + host)
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
