"""A courier that carries when the test says so, and an outbox that sends by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from emulator.core.webhooks.courier import Courier, Outcome, Parcel
from emulator.core.webhooks.delivery import Delivery, Lane, Pace
from emulator.core.webhooks.outbox import Outbox

OK = Outcome(200, b"thanks", None, 0.1)
SORRY = Outcome(500, b"sorry", None, 0.1)
GONE = Outcome(None, b"", "nobody is there", 0.1)
REFUSED = Outcome(None, b"", "not here", 0.0, refused=True)
LANE = Lane("acme", "ann", 1)
TWICE = Pace(attempts=2, wait=60)


class ByHand(Courier):
    """Carries nothing until it is told to; `outcomes` come in turn, then all is well."""

    def __init__(self, outcomes: Sequence[Outcome] = ()) -> None:
        super().__init__()
        self.tasks: list[Callable[[], None]] = []
        self.outcomes = list(outcomes)
        self.sent: list[bytes] = []
        self.meanwhile: Callable[[], Any] = lambda: None

    def submit(self, task: Callable[[], None], owner: str = "") -> None:
        self.tasks.append(task)

    def send(self, parcel: Parcel) -> Outcome:
        self.sent.append(parcel.body)
        self.meanwhile()
        return self.outcomes.pop(0) if self.outcomes else OK

    def carry(self, position: int = 0) -> None:
        self.tasks.pop(position)()

    def carry_all(self) -> None:
        while self.tasks:
            self.carry()


def make(*outcomes: Outcome) -> tuple[Outbox, ByHand]:
    courier = ByHand(outcomes)
    return Outbox(courier), courier


def put(
    outbox: Outbox, text: str = "a", *, lane: Lane = LANE, now: float = 0.0, pace: Pace | None = None
) -> Delivery | None:
    parcel = Parcel("POST", "http://localhost/", text.encode())
    return outbox.put(lane, "moved", parcel, now, pace or Pace(), 7)


def taken(outbox: Outbox, text: str = "a", **more: Any) -> Delivery:
    delivery = put(outbox, text, **more)
    assert delivery is not None
    return delivery
