"""What a world tells others of: deliveries of webhooks, and the ledger of what became of them.

A rule says that something happened; the delivery waits here until it is due on the world's clock, and a thread of the
courier sends it. The deliveries of one webhook go out one after the other, in the order in which things happened; a
retry comes when its time comes and holds nothing up.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from functools import partial
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from emulator.core.errors import Conflict, UnknownName
from emulator.core.jobs import NEVER
from emulator.core.webhooks.courier import MOST_OF_ONE, Courier, Outcome, Parcel
from emulator.core.webhooks.delivery import Attempt, Delivery, Lane, Pace

if TYPE_CHECKING:
    from emulator.core.erasure import Words
    from emulator.core.slices import Slices

MOST_KEPT = 10_000
MOST_BYTES = 32 * 1024 * 1024
_LOOK_AGAIN = 0.25  # seconds, while something is under way
_ERASED_UNSENT = "what it said of somebody was erased before it was sent"


class Outbox:
    """The deliveries of one world, within a count and a number of bytes. Ids count from 1.

    Those that are over are forgotten first, the one that ended first before the others; when there is still no room, a
    new one is `dropped`. `pending` is how many are not over. The courier's threads come in from the side, hence the
    lock.
    """

    def __init__(self, courier: Courier | None = None, owner: str = "") -> None:
        self.courier = courier or Courier()
        self.owner = owner
        self.pending = 0
        self.dropped = 0
        self.muted = False
        self._lock = threading.Lock()
        self._last = 0
        self._bytes = 0
        self._now = 0.0
        self._clear()

    def __len__(self) -> int:
        return len(self._deliveries)

    def __iter__(self) -> Iterator[Delivery]:
        return iter(list(self._deliveries.values()))

    def fresh(self, owner: str) -> Outbox:
        """An empty one, of the world of this name, that sends by the same courier."""
        return Outbox(self.courier, owner)

    def get(self, delivery_id: int) -> Delivery:
        """Raises UnknownName."""
        delivery = self._deliveries.get(delivery_id)
        if delivery is None:
            raise UnknownName(f"there is no delivery {delivery_id}; GET /_emulator/webhooks lists them")
        return delivery

    def put(
        self, lane: Lane, event: str, parcel: Parcel, now: float, pace: Pace, entry: int | None = None
    ) -> Delivery | None:
        """Take a delivery on; None if there is no room for it, or if nothing may leave this world."""
        if self.muted:
            return None
        with self._lock:
            delivery = Delivery(self._last + 1, lane, event, parcel, now, pace, now + pace.delay, entry)
            if not self._make_room(delivery.size):
                self.dropped += 1
                return None
            self._last += 1
            self._bytes += delivery.size
            self._deliveries[delivery.id] = delivery
            self._await(delivery)
        return delivery

    def redeliver(self, delivery_id: int, now: float) -> Delivery:
        """Send one again, once, now. Raises UnknownName, and Conflict while it is not over or when nothing is left."""
        delivery = self.get(delivery_id)
        with self._lock:
            if not delivery.over:
                raise Conflict(f"delivery {delivery_id} is {delivery.state} already")
            if delivery.erased:
                raise Conflict(f"delivery {delivery_id} spoke of somebody who was erased; what it said is gone")
            self._over.remove(delivery_id)
            delivery.state, delivery.due = "waiting", now
            delivery.pace = delivery.pace._replace(attempts=delivery.made + 1)
            self._await(delivery)
        return delivery

    def wait(self, now: float) -> float:
        """Seconds until something is to be done for the deliveries; NEVER if all of them are over."""
        with self._lock:
            until = self._waiting[0][0] - now if self._waiting else NEVER
            return min(until, _LOOK_AGAIN) if self._lanes else until

    def dispatch(self, now: float) -> None:
        """Let the courier send what is due by now."""
        if not self.pending:
            return
        with self._lock:
            self._now = now
            while self._waiting and self._waiting[0][0] <= now:
                delivery = self._deliveries[heappop(self._waiting)[1]]
                queue = self._lanes.setdefault(delivery.lane, deque())
                if not queue:
                    self._ready.append(delivery.lane)
                queue.append(delivery)
            self._start()

    def idle(self, now: float) -> bool:
        """Whether nothing is due and nothing under way."""
        with self._lock:
            return not self._lanes and not (self._waiting and self._waiting[0][0] <= now)

    def clear(self) -> int:
        """Forget every delivery, also those that are not over; how many there were. What is under way arrives."""
        with self._lock:
            count = len(self._deliveries)
            self._clear()
        return count

    def close(self) -> None:
        """Nothing leaves any more."""
        self.muted = True
        self.clear()

    def erase(self, words: Words) -> Slices[None]:
        """Blank the deliveries that mention one of the words; those that have not been sent will not be."""
        for delivery in self:
            if any(words.are_in(text) for text in delivery.texts()):
                with self._lock:
                    before = delivery.size
                    delivery.blank()
                    if delivery.id in self._deliveries:
                        self._bytes += delivery.size - before
            yield

    def _clear(self) -> None:
        self._deliveries: dict[int, Delivery] = {}
        self._over: deque[int] = deque()
        self._waiting: list[tuple[float, int]] = []
        """Due instant and id of those whose time has not come."""
        self._lanes: dict[Lane, deque[Delivery]] = {}
        """What is due, by webhook; the first one may be under way."""
        self._ready: deque[Lane] = deque()
        """Webhooks with something due and nothing under way."""
        self._active: set[Lane] = set()
        self._bytes = self.pending = 0

    def _make_room(self, size: int) -> bool:
        while len(self._deliveries) >= MOST_KEPT or self._bytes + size > MOST_BYTES:
            if not self._over:
                return False
            self._bytes -= self._deliveries.pop(self._over.popleft()).size
        return True

    def _await(self, delivery: Delivery) -> None:
        self.pending += 1
        heappush(self._waiting, (delivery.due, delivery.id))

    def _start(self) -> None:
        while self._ready and len(self._active) < MOST_OF_ONE:
            lane = self._ready.popleft()
            self._active.add(lane)
            self.courier.submit(partial(self._send_next, lane, self._lanes[lane]), self.owner)

    def _send_next(self, lane: Lane, queue: deque[Delivery]) -> None:
        """In a thread of the courier: the first one of a webhook, then the webhook waits for its turn again."""
        with self._lock:
            if self._lanes.get(lane) is not queue:
                return  # forgotten meanwhile
            delivery = queue[0]
            delivery.state, at, parcel = "sending", self._now, delivery.parcel
        outcome = Outcome(None, b"", _ERASED_UNSENT, 0.0) if delivery.erased else self.courier.send(parcel)
        with self._lock:
            delivery.record(Attempt(at, outcome))
            if self._lanes.get(lane) is not queue:
                return
            self._settle(delivery)
            queue.popleft()
            self._active.discard(lane)
            if queue:
                self._ready.append(lane)
            else:
                del self._lanes[lane]
            self._start()

    def _settle(self, delivery: Delivery) -> None:
        """Count a delivery as over, or wait for its next attempt."""
        self.pending -= 1
        if delivery.over:
            self._over.append(delivery.id)
        else:
            delivery.due = self._now + delivery.pace.wait_after(delivery.made)
            self._await(delivery)
