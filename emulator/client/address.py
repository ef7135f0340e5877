"""Where an emulator answers, and which of its worlds is meant."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from emulator.core.errors import UserError

DEFAULT_URL = "http://127.0.0.1:8025"
DEFAULT_WORLD = "default"
_PORTS = {"http": 80, "https": 443}


class Address(NamedTuple):
    """An emulator's address, taken apart, and the name of a world."""

    secure: bool
    host: str
    port: int
    world: str

    @property
    def origin(self) -> str:
        """Scheme, host and port, the latter where it is not the scheme's own."""
        scheme = "https" if self.secure else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}" if self.port == _PORTS[scheme] else f"{scheme}://{host}:{self.port}"

    @property
    def prefix(self) -> str:
        """What a path to this world begins with: nothing for the default one."""
        return "" if self.world == DEFAULT_WORLD else f"/_world/{quote(self.world, safe='')}"

    @property
    def url(self) -> str:
        """What requests to the world's vendors begin with."""
        return self.origin + self.prefix


def read_address(url: str, world: str = DEFAULT_WORLD) -> Address:
    """From `http://HOST:PORT` or `http://HOST:PORT/_world/NAME`; a world that is given wins. Raises UserError."""
    try:
        parts = urlsplit(url)
        port = parts.port
        valid = parts.scheme in _PORTS and bool(parts.hostname) and parts.username is None
        valid = valid and not (parts.query or parts.fragment)
        valid = valid and not (port is None and ":" in parts.netloc.rpartition("]")[2])
    except ValueError:
        valid = False
    if not valid or parts.hostname is None:
        raise UserError(f"{url!r} is no address of an emulator; write it like {DEFAULT_URL}")
    path = parts.path.strip("/").split("/")
    if len(path) == 2 and path[0] == "_world":
        world = unquote(path[1]) if world == DEFAULT_WORLD else world
    elif path != [""]:
        raise UserError(f"{url!r} has a path; write http://HOST:PORT or http://HOST:PORT/_world/NAME")
    return Address(parts.scheme == "https", parts.hostname, port or _PORTS[parts.scheme], world)
