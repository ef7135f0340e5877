"""What can go wrong, as types.

A `Problem` is for the caller of an emulated API: a rule or the engine raises it and the vendor's `errors.py`, the one
place that knows, prints it. A `UserError` is for the people who run the emulator: one line that says what, where and
how to mend it.
"""

from __future__ import annotations

from collections.abc import Sequence

Location = tuple[str | int, ...]


class UserError(Exception):
    """A flag, file or control request that can not be obeyed."""

    status = 400


class UnknownName(UserError):
    """Something was named that does not exist."""

    status = 404


class Conflict(UserError):
    """What was asked contradicts the present state."""

    status = 409


class NotReady(UserError):
    """The emulator has not finished starting."""

    status = 503


class Problem(Exception):
    """A request that an emulated API refuses."""


class Unauthorized(Problem):
    """No credentials, unreadable ones or wrong ones."""


class Forbidden(Problem):
    """Right credentials, but not for this account."""


class NotFound(Problem):
    """A row that does not exist: its kind in the vendor's word, and the key that was asked for."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"{kind} {key} not found")
        self.kind = kind
        self.key = key


class Invalid(Problem):
    """A value that the documents do not allow.

    `location` is the way to the value in the request (`("condition", "items", 0, "op")`), `reason` the end of a
    sentence that starts with it ("must be one of and, or"), `kind` pydantic's name for what is wrong, if it found it.
    """

    def __init__(self, location: Location, reason: str, kind: str = "") -> None:
        self.location = location
        self.reason = reason
        self.kind = kind
        super().__init__(f"{self.parameter} {reason}".lstrip())

    @property
    def parameter(self) -> str:
        """The location as people write it: `condition.items[0].op`."""
        return dotted(self.location)


class AlreadyDeclared(Invalid):
    """An account of a scenario that was declared before, there or in a scenario loaded earlier."""

    def __init__(self, location: Location, account: int | str) -> None:
        super().__init__(location, f"{account!r} is declared twice")
        self.account = str(account)


class UnknownOperation(Problem):
    """No documented operation has this method and path; `nearest` are the ids of those that come close."""

    def __init__(self, nearest: Sequence[str] = ()) -> None:
        super().__init__("unknown operation")
        self.nearest = tuple(nearest)


class NotEmulated(Problem):
    """A real operation of the vendor that the emulator declines."""

    def __init__(self, operation: str, reason: str) -> None:
        super().__init__(f"{operation} is not emulated yet, {reason}")
        self.operation = operation
        self.reason = reason


class TooLarge(Problem):
    """A body over the limit, in bytes; `hint` says whose limit that is."""

    def __init__(self, limit: int, hint: str = "") -> None:
        super().__init__(f"the request body is larger than {limit} bytes")
        self.limit = limit
        self.hint = hint


class Unavailable(Problem):
    """The emulator itself can not serve this (bad world name, world limit, still loading); not the vendor's doing."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status


class Injected(Problem):
    """An error that a tester asked for: an HTTP status of the vendor's, its text and, if it has one, its code."""

    def __init__(self, status: int, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class RateLimited(Problem):
    """A call above the vendor's rate limit; after `wait` seconds of the world's time one is allowed again."""

    def __init__(self, wait: float) -> None:
        super().__init__("Rate Limit Exceeded")
        self.wait = wait


class InternalFault(Problem):
    """A bug of the emulator; the log has the traceback, the journal entry the request."""

    def __init__(self, entry: int) -> None:
        super().__init__(f"internal error, see journal entry {entry}")
        self.entry = entry


class NotStored(InternalFault):
    """What happened is not on disk; until it can be written, the world takes no more."""

    def __init__(self, cause: BaseException) -> None:
        self.reason = reason_of(cause)
        Problem.__init__(
            self, f"the store can not be written: {self.reason}; until it can, this world takes no changes"
        )


def reason_of(error: BaseException) -> str:
    """Why something could not be written or read, for people."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def dotted(location: Location) -> str:
    """Write a location the way people do: `("items", 0, "op")` is `items[0].op`."""
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text
