"""How long a URL and headers may be, on a socket and without one."""

from __future__ import annotations

from collections.abc import Iterable

MOST_URL_BYTES = 32 * 1024
MOST_HEADER_BYTES = 64 * 1024

LONG_URL = (414, f"The URL is longer than {MOST_URL_BYTES} bytes.")
LONG_HEADERS = (431, f"The headers are longer than {MOST_HEADER_BYTES} bytes.")


def refusal(path: bytes, query: bytes, headers: Iterable[tuple[bytes, bytes]]) -> tuple[int, str] | None:
    """The status and the text with which a request is refused that is too long."""
    if len(path) + len(query) + bool(query) > MOST_URL_BYTES:
        return LONG_URL
    if sum(len(name) + len(value) for name, value in headers) > MOST_HEADER_BYTES:
        return LONG_HEADERS
    return None
