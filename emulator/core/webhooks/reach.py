"""How far webhooks may go: which machines something may be sent to, whatever their names say.

Whoever can reach the emulator can name a webhook. So where others can reach it, it calls nothing that only its own
machine could reach, unless it is told to.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from emulator.core.webhooks.targets import Refused, Target

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Address = tuple[int, Any]
"""Address family, and what a socket of it connects to."""

_HOSTS = Path(os.environ.get("SYSTEMROOT", "C:\\Windows"), "System32/drivers/etc/hosts")
HOSTS_FILE = _HOSTS if os.name == "nt" else Path("/etc/hosts")
_LONGEST_HOSTS_FILE = 1024 * 1024

_NUMBER = r"(?:0[xX][0-9a-fA-F]*|[0-9]+)"
# What a resolver takes for an address without asking anybody: 127.1, 0177.0.0.1, 0x7f000001, 2130706433.
_NUMERIC = re.compile(rf"{_NUMBER}(?:\.{_NUMBER}){{0,3}}\.?")
_ALLOWED = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::([0-9]{1,5}))?|([^\s:/?#@\[\]]+)(?::([0-9]{1,5}))?")
# Where clouds tell machines their secrets; the others of these are link-local.
_METADATA = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200")))
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Allowed(NamedTuple):
    """A host, as URLs have it, and a port, None for all, to which sending is allowed by name."""

    host: str
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """`exposed` is whether others can reach the emulator, `anywhere` whether it may reach other machines, `allowed`
    what it may reach in any case.

    Not exposed it reaches its own machine, with `anywhere` every one. Exposed it reaches nothing, with `anywhere` all
    but its own machine and its links (169.254.0.0/16, fe80::/10), on which clouds keep secrets.
    """

    exposed: bool = False
    anywhere: bool = False
    allowed: tuple[Allowed, ...] = ()

    def addresses_of(self, target: Target) -> list[Address]:
        """What to connect to. These and not the name are what a socket must be given: a name may lead elsewhere when
        it is asked a second time.

        No name is looked up that can not lead to anything allowed. Raises Refused, and OSError when the name is not
        known.
        """
        literal = read_address(target.host)
        by_name = self._has(target, literal)
        name = target.host if literal is None else str(literal)
        if not by_name and literal is None and not self.anywhere and (self.exposed or not is_local_name(name)):
            raise self._refusal(target, looked_up=False)
        if is_localhost(name):
            name = "localhost"  # no server needs to be asked for what is below it (RFC 6761)
        found = socket.getaddrinfo(name, target.port, type=socket.SOCK_STREAM)
        fine: list[Address] = [
            (family, address)
            for family, _, _, _, address in found
            if by_name or self._may_reach(ipaddress.ip_address(str(address[0]).partition("%")[0]))
        ]
        if not fine:
            raise self._refusal(target, looked_up=True)
        return fine

    def _has(self, target: Target, literal: IPAddress | None) -> bool:
        return any(
            each.port in (None, target.port)
            and (each.host == target.host.rstrip(".") if literal is None else read_address(each.host) == literal)
            for each in self.allowed
        )

    def _may_reach(self, address: IPAddress) -> bool:
        if not self.exposed:
            return self.anywhere or is_here(address)
        return self.anywhere and not any(is_near(each) for each in meanings(address))

    def _refusal(self, target: Target, *, looked_up: bool) -> Refused:
        listed = f"--webhook-target {target.authority}"
        if not self.exposed:
            known = "is not on this machine" if looked_up else "is not known to be on this machine"
            return Refused(
                f"{target.host} {known}, so nothing was sent; allow it with {listed}, or all with --webhooks-anywhere"
            )
        if self.anywhere:
            return Refused(
                f"{target.host} is this machine or its link, which who reaches this emulator must not reach through "
                f"it, so nothing was sent; allow it with {listed}"
            )
        return Refused(
            f"{target.host} is no --webhook-target, and others can reach this emulator, so nothing was sent; allow it "
            f"with {listed}, or all other machines with --webhooks-anywhere"
        )


def read_allowed(text: str) -> Allowed:
    """`HOST`, `HOST:PORT`, with brackets around an IPv6 address. Raises ValueError."""
    match = _ALLOWED.fullmatch(text)
    if match is None:
        raise ValueError(text)
    host, port = (match[1], match[2]) if match[1] else (match[3], match[4])
    if match[1]:
        host = str(ipaddress.IPv6Address(host))
    elif read_address(host) is None:
        host = host.lower().rstrip(".").encode("idna").decode()
    if port is not None and not 0 < int(port) < 65536:
        raise ValueError(text)
    return Allowed(host, None if port is None else int(port))


def read_address(host: str) -> IPAddress | None:
    """The address that a host is, however it is spelt; None for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    if _NUMERIC.fullmatch(host) is None:
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host.rstrip(".")))
    except OSError:
        return None


def is_here(address: IPAddress) -> bool:
    """Whether it is surely this machine."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def meanings(address: IPAddress) -> list[IPAddress]:
    """The address, and the IPv4 address that is written into it."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    number = int(address)
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
    if inner is None and (address in _NAT64 or 1 < number < 1 << 32):
        inner = ipaddress.IPv4Address(number & 0xFFFF_FFFF)
    return [address] if inner is None else [address, inner]


def is_near(address: IPAddress) -> bool:
    """Whether it leads to this machine or its link, or to many at once."""
    return (
        address.is_loopback
        or address.is_link_local
        or address.is_unspecified
        or address.is_multicast
        or address in _METADATA
        or (isinstance(address, ipaddress.IPv4Address) and address in _THIS_NETWORK)
    )


def is_localhost(name: str) -> bool:
    name = name.rstrip(".")
    return name == "localhost" or name.endswith(".localhost")


def is_local_name(name: str) -> bool:
    """Whether this machine knows the name by itself, so that looking it up asks nobody else."""
    return is_localhost(name) or name.rstrip(".") in _names_of_hosts_file()


def _names_of_hosts_file() -> set[str]:
    try:
        with HOSTS_FILE.open("rb") as file:
            text = file.read(_LONGEST_HOSTS_FILE).decode("utf-8", "replace")
    except OSError:
        return set()
    return {name.lower() for line in text.splitlines() for name in line.partition("#")[0].split()[1:]}
