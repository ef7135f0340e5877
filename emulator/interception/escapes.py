"""Calls for the vendors that no seam can take, and how that is said."""

from __future__ import annotations

from emulator.hosting.in_process import URL as NO_SOCKET


class EscapedCall(OSError):
    """Code in a block of `intercept` was about to reach a vendor's real host."""


def escaped(host: str, url: str) -> EscapedCall:
    """What to do instead; `url` is that of the world which the calls belong into."""
    base = f"point its base URL at {url}"
    if url.startswith(NO_SOCKET):
        base = 'call intercept(mode="thread") and point its base URL at the url of the client that it yields'
    return EscapedCall(
        f"{host}: a call would have left the interception for the vendor's real host; "
        f"make it with requests, urllib3, httpx or httpx2, or {base}"
    )


def undecided(host: str, urls: list[str]) -> EscapedCall:
    """Several blocks are open beside each other, and this thread or task began in none of them."""
    return EscapedCall(
        f"{host}: interceptions into {' and '.join(urls)} are open, and this thread belongs to none of them; "
        "start it by contextvars.copy_context().run in the block that it belongs to"
    )


def ended(host: str) -> EscapedCall:
    """What a block gave out is used after it."""
    return EscapedCall(f"{host}: the interception is over; get the connection pool anew outside of its block")
