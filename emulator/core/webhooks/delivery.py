"""One delivery of a webhook: what is sent where and when, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from emulator.core.erasure import ERASED
from emulator.core.webhooks.courier import Outcome, Parcel

State = Literal["waiting", "sending", "delivered", "failed", "refused"]

_ATTEMPTS_SHOWN = 5
_MOST_DOUBLINGS = 30
_OVERHEAD = 1000  # bytes a delivery takes beside its texts
_ERASED_BODY = b'"[erased]"'


class Lane(NamedTuple):
    """One webhook: what comes here keeps its order."""

    vendor: str
    account: str
    webhook: int


class Pace(NamedTuple):
    """Seconds of the world's time until the first attempt; how many attempts; seconds until the second one, after
    which each wait is twice as long.
    """

    delay: float = 0.0
    attempts: int = 1
    wait: float = 60.0

    def wait_after(self, made: int) -> float:
        """Seconds from one attempt to the next, when so many were made."""
        return self.wait * 2.0 ** min(made - 1, _MOST_DOUBLINGS)


class Attempt(NamedTuple):
    """One time that it was sent, `at` of the world's time in POSIX seconds."""

    at: float
    outcome: Outcome


@dataclass(slots=True)
class Delivery:
    """One event for one webhook. `entry` is the number of the journal's entry of what caused it."""

    id: int
    lane: Lane
    event: str
    parcel: Parcel
    at: float
    pace: Pace
    due: float
    entry: int | None = None
    state: State = "waiting"
    made: int = 0
    """How many attempts there were."""
    attempts: list[Attempt] = field(default_factory=list)
    """The latest of them."""
    erased: bool = False

    @property
    def over(self) -> bool:
        return self.state not in ("waiting", "sending")

    @property
    def size(self) -> int:
        return _OVERHEAD + len(self.parcel.url) + len(self.parcel.body)

    def texts(self) -> Iterator[str]:
        """All that it says: where to, what, and what came back."""
        yield self.parcel.url
        yield self.parcel.body.decode("utf-8", "replace")
        for attempt in self.attempts:
            yield attempt.outcome.answer.decode("utf-8", "replace")
            yield attempt.outcome.error or ""

    def record(self, attempt: Attempt) -> None:
        """Note what came of an attempt."""
        outcome = attempt.outcome
        if self.erased and outcome.status is not None:
            outcome = outcome._replace(answer=b"")
        self.made += 1
        self.attempts = [*self.attempts, attempt._replace(outcome=outcome)][-_ATTEMPTS_SHOWN:]
        if outcome.accepted:
            self.state = "delivered"
        elif outcome.refused:
            self.state = "refused"
        else:
            again = self.made < self.pace.attempts and not self.erased
            self.state = "waiting" if again else "failed"

    def blank(self) -> None:
        """Drop all that it says. It is not sent any more."""
        self.erased = True
        self.parcel = Parcel(self.parcel.method, ERASED, _ERASED_BODY)
        self.attempts = [
            Attempt(at, outcome._replace(answer=b"", error=outcome.error and ERASED)) for at, outcome in self.attempts
        ]
