"""One request and its reply, however they travel; and what can go wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from emulator.core.errors import UserError


class Unreachable(UserError):
    """No emulator answers there."""


class Refused(UserError):
    """The emulator said no, with this HTTP status."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


class TimedOut(UserError, TimeoutError):
    """What was waited for has not happened in time; the text says what was seen."""


class NotVerified(AssertionError):
    """What was expected of the traffic did not happen; the text says what was seen instead."""


class Request(NamedTuple):
    """`target` is path and query; `timeout` is in seconds."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    body: bytes | None
    timeout: float


class Reply(NamedTuple):
    """Header names are in lower case."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)


class Exchange(Protocol):
    """A way to an emulator: a socket, or the emulator that runs in this process."""

    def send(self, request: Request) -> Reply:
        """Raises OSError or ValueError when no reply comes."""

    async def send_async(self, request: Request) -> Reply:
        """The same without blocking the event loop."""
