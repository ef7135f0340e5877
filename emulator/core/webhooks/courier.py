"""Carries requests to receivers: over plain sockets, in a few threads that no event loop waits for.

Whatever a receiver does, one request takes a bounded time and a bounded memory: no redirect is followed, and an answer
is read for so many bytes and seconds only.
"""

from __future__ import annotations

import logging
import socket
import ssl
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from emulator.core.clock import stopwatch
from emulator.core.webhooks.reach import Address, Reach
from emulator.core.webhooks.targets import DELIVERY, Refused, Target, read_target

if TYPE_CHECKING:
    import h11

logger = logging.getLogger("emulator")

SECONDS = 5.0
"""How long a receiver may take for everything, from its name to the end of its answer."""
MOST_THREADS = 32
MOST_OF_ONE = 4
"""Tasks of one world that are run at the same time."""
ANSWER_READ = 64 * 1024
ANSWER_KEPT = 2 * 1024
_IDLE_SECONDS = 2.0  # after which a thread without work ends
_PIECE = 64 * 1024
_LEAST = 0.001  # seconds; zero would make a socket non-blocking


Task = Callable[[], None]


class Parcel(NamedTuple):
    """A request that is to be sent."""

    method: str
    url: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class Outcome(NamedTuple):
    """What came of sending: the receiver's status and the beginning of its answer, or why there is none.

    `duration` is wall time in seconds.
    """

    status: int | None
    answer: bytes
    error: str | None
    duration: float
    refused: bool = False

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Courier:
    """A bounded number of threads that run tasks; they end when there is nothing to do.

    Those who give tasks take turns; the tasks of one are run in the order in which they came, so many at a time, and
    the last threads are kept for those who have none. So nobody's receivers, however slow, hold up those of another.
    The threads are daemons, so that a receiver that hangs does not keep a process from ending.
    """

    def __init__(self, reach: Reach | None = None, *, seconds: float = SECONDS, threads: int = MOST_THREADS) -> None:
        self.reach = reach or Reach()
        self.seconds = seconds
        self._most = threads
        self._kept = threads // 4
        self._tasks: dict[str, deque[Task]] = {}
        """By who gave them, in the order of their turns."""
        self._running: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._threads = 0
        self._idle = 0

    def submit(self, task: Task, owner: str = "") -> None:
        """Run this soon, in a thread. It must not raise."""
        with self._changed:
            self._tasks.setdefault(owner, deque()).append(task)
            waiting = sum(map(len, self._tasks.values()))
            if self._idle >= waiting or self._threads >= self._most or not self._may_start(owner):
                self._changed.notify()
                return
            self._threads += 1
        threading.Thread(target=self._work, name="emulator-courier", daemon=True).start()

    def send(self, parcel: Parcel) -> Outcome:
        """Carry one request to its receiver and bring back what it says. Never raises."""
        started = stopwatch()
        reading = Reading()
        refused = False
        error: str | None = None
        try:
            _exchange(parcel, reading, started + self.seconds, self.reach)
        except Refused as reason:
            refused, error = True, str(reason)
        except TimeoutError:
            error = f"the receiver took longer than {self.seconds:g} s"
        except OSError as problem:
            error = f"{parcel.url.partition('?')[0]}: {problem.strerror or problem}"
        except BadAnswer as problem:
            error = str(problem)
        except Exception:
            logger.exception("internal error while sending to a webhook")
            error = "internal error of the emulator; its log has the traceback"
        return Outcome(reading.status, bytes(reading.body[:ANSWER_KEPT]), error, stopwatch() - started, refused)

    def _work(self) -> None:
        done: str | None = None
        while (found := self._next(done)) is not None:
            done, task = found
            try:
                task()
            except Exception:  # the thread has other worlds to serve
                logger.exception("internal error in the outbox of a world")

    def _next(self, done: str | None) -> tuple[str, Task] | None:
        """The next task and whose it is; `done` is whose task this thread has run."""
        with self._changed:
            if done is not None:
                self._running[done] -= 1
                self._running += Counter()  # forgets who has none
            if self._turn() is None:
                self._idle += 1
                self._changed.wait_for(lambda: self._turn() is not None, _IDLE_SECONDS)
                self._idle -= 1
            owner = self._turn()
            if owner is None:
                self._threads -= 1
                return None
            tasks = self._tasks.pop(owner)
            task = tasks.popleft()
            if tasks:
                self._tasks[owner] = tasks  # behind the others
            self._running[owner] += 1
            return owner, task

    def _turn(self) -> str | None:
        """Whose task is run next."""
        return next((owner for owner in self._tasks if self._may_start(owner)), None)

    def _may_start(self, owner: str) -> bool:
        running = self._running[owner]
        return running == 0 or (running < MOST_OF_ONE and self._running.total() < self._most - self._kept)


class BadAnswer(Exception):
    """What came back is no answer."""


class Reading:
    """What is known of an answer so far, whatever ends the reading."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.body = bytearray()


def _exchange(parcel: Parcel, reading: Reading, end: float, reach: Reach) -> None:
    """Raises Refused, OSError (TimeoutError at the end) and BadAnswer."""
    target = read_target(parcel.url)
    with _connect(target, reach.addresses_of(target), end) as connection:
        import h11  # here, because an emulator without webhooks does not need it

        state = h11.Connection(h11.CLIENT)
        headers = [("Host", target.authority), *parcel.headers, (DELIVERY, "webhook"), ("Connection", "close")]
        if parcel.body:
            headers.append(("Content-Length", str(len(parcel.body))))
        request = state.send(h11.Request(method=parcel.method, target=target.path, headers=headers)) or b""
        if parcel.body:
            request += state.send(h11.Data(data=parcel.body)) or b""
        request += state.send(h11.EndOfMessage()) or b""
        for start in range(0, len(request), _PIECE):
            connection.settimeout(_left(end))
            connection.sendall(request[start : start + _PIECE])
        try:
            _read(connection, state, reading, end)
        except h11.RemoteProtocolError as problem:
            raise BadAnswer(f"the answer is not HTTP: {problem}") from None


def _connect(target: Target, addresses: Iterable[Address], end: float) -> socket.socket:
    """A connection to the first of the addresses that takes one. Raises OSError."""
    failure: OSError | None = None
    for family, address in addresses:
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(_left(end))
            connection.connect(address)
            if target.secure:
                connection.settimeout(_left(end))
                return ssl.create_default_context().wrap_socket(connection, server_hostname=target.host)
        except OSError as problem:
            connection.close()
            failure = problem
        else:
            return connection
    assert failure is not None
    raise failure


def _read(connection: socket.socket, state: h11.Connection, reading: Reading, end: float) -> None:
    """Fill the reading until the answer ends or is longer than anybody wants to know."""
    import h11

    while len(reading.body) < ANSWER_READ:
        event = state.next_event()
        if event is h11.NEED_DATA:
            connection.settimeout(_left(end))
            data = connection.recv(_PIECE)
            if not data and reading.status is None:
                raise BadAnswer("the receiver closed the connection without an answer")
            state.receive_data(data)
        elif isinstance(event, h11.Response):
            reading.status = event.status_code
        elif isinstance(event, h11.Data):
            reading.body += event.data
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            return


def _left(end: float) -> float:
    """Seconds that are left. Raises TimeoutError when none are."""
    left = end - stopwatch()
    if left < _LEAST:
        raise TimeoutError
    return left
