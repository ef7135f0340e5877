"""Where something may be sent: which URLs. `reach.py` says which machines behind their names."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urlsplit

_PORTS = {"http": 80, "https": 443}
_LONGEST = 64 * 1024
# What may stand in a path or query as it is; a percent sign, because it came encoded.
_PLAIN = "/%?:@!$&'()*+,;=~-._[]"

DELIVERY = "X-Emulator-Delivery"
"""The header that marks what an emulator sends, so that none steers itself or another."""


class Refused(Exception):
    """Nothing is sent there; the text says why and how to mend it."""


class Target(NamedTuple):
    """A URL, taken apart; `path` has the query."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS["https" if self.secure else "http"] else f"{host}:{self.port}"


def read_target(url: str) -> Target:
    """Raises Refused for a URL to which nothing can be sent."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except (ValueError, UnicodeError):
        raise Refused("the URL is not valid") from None
    if parts.scheme not in _PORTS or not host or port == 0 or not host.isprintable() or " " in host:
        raise Refused("the URL must be absolute, with http or https and a host")
    if parts.username is not None:
        raise Refused("a URL with a user in it is not supported; put a token into its query")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", host, port or _PORTS[parts.scheme], quote(path, safe=_PLAIN))


def is_target(url: str) -> bool:
    """Whether something could be sent there, wherever it is."""
    if len(url) > _LONGEST:
        return False
    try:
        read_target(url)
    except Refused:
        return False
    return True
