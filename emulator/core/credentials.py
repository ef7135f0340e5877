"""HTTP Basic credentials and bearer tokens, and the accounts they open."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import NamedTuple

from emulator.core.errors import Unauthorized

# Distinct Authorization headers remembered by the cache, and the longest of them.
_REMEMBERED = 4096
_LONGEST = 1024


class Credentials(NamedTuple):
    """User name and password; for the vendors these are a public and a secret part of a key. A token has no user."""

    user: str
    key: str
    scheme: str = "basic"

    def opens(self, keys: dict[str, str]) -> bool:
        """Whether `keys`, from user to password, has these."""
        known = keys.get(self.user)
        return known is not None and hmac.compare_digest(known.encode(), self.key.encode())


class CredentialsCache:
    """Reads Authorization headers; decoding costs twenty times a look-up, and clients repeat themselves."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[bytes, Credentials] = {}

    def read(self, header: bytes | None) -> Credentials:
        """Raises Unauthorized when the header is missing, of another scheme, undecodable or without user or key."""
        if header is None:
            raise Unauthorized
        known = self._known.get(header)
        if known is None:
            if len(header) > _LONGEST:
                raise Unauthorized
            known = parse(header)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[header] = known
        return known


def parse(header: bytes) -> Credentials:
    """Read `Basic base64(user:key)` or `Bearer token`; any number of blanks may follow the scheme.

    Raises Unauthorized.
    """
    words = header.split()
    scheme = words[0].lower() if len(words) == 2 else b""
    if scheme == b"bearer":
        return Credentials("", words[1].decode("latin-1"), "bearer")
    if scheme != b"basic":
        raise Unauthorized
    try:
        text = base64.b64decode(words[1], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Unauthorized from None
    user, _, key = text.partition(":")
    if not (user and key):
        raise Unauthorized
    return Credentials(user, key)
