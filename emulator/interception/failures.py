"""What became of a call that got no whole reply, whatever way it went."""

from __future__ import annotations

from enum import Enum, auto
from http.client import IncompleteRead, RemoteDisconnected


class Failure(Enum):
    """How a connection fails."""

    TIMEOUT = auto()
    REFUSED = auto()
    EMPTY = auto()
    RESET = auto()
    TRUNCATED = auto()


def failure_of(error: Exception) -> Failure:
    """An exchange raises OSError; what http.client says of it is the cause."""
    if isinstance(error, TimeoutError):
        return Failure.TIMEOUT
    if isinstance(error, ConnectionRefusedError):
        return Failure.REFUSED
    if isinstance(error.__cause__, IncompleteRead):
        return Failure.TRUNCATED
    if isinstance(error.__cause__, RemoteDisconnected):
        return Failure.EMPTY
    return Failure.RESET


def cut_body(error: Exception) -> tuple[bytes, int]:
    """What came of a truncated body, and how long it would have been."""
    cause = error.__cause__
    assert isinstance(cause, IncompleteRead)
    return cause.partial, len(cause.partial) + (cause.expected or 0)
