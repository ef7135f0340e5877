"""The logs of one world: what happened is queued, and written in a thread, together with all that waits by then."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from emulator.core.durable import disk
from emulator.core.durable.log import line
from emulator.core.durable.names import WorldNames
from emulator.core.durable.steps import Record, Step
from emulator.core.durable.threads import Threads
from emulator.core.errors import reason_of

logger = logging.getLogger("emulator")


class _Waiting(NamedTuple):
    """What is to be written to the log of a generation; `number` counts the queue's entries."""

    number: int
    generation: int
    at: float
    steps: list[Step]


class WorldLogs:
    """A queue before the log of the present generation, and what is left of those before.

    `queued` and `written` count entries; `failure` is why the last attempt to write failed, until one succeeds.
    """

    def __init__(self, world: str, names: WorldNames, threads: Threads, generation: int) -> None:
        self.generation = generation
        self.queued = self.written = 0
        self.failure: BaseException | None = None
        self.lock = threading.Lock()
        """Held while a file is changed, by whatever thread."""
        self.removed = False
        self._world = world
        self._names = names
        self._threads = threads
        self._queue: deque[_Waiting] = deque()
        self._logs = {generation: threads.logs.begin(names.log(generation))}
        self._oldest = 0
        self._writing: Future[None] | None = None

    @property
    def size(self) -> int:
        """Bytes of the present log."""
        return self._logs[self.generation].size

    def is_empty(self) -> bool:
        """Whether nothing is in the present log, nor will be."""
        return not (self.size or any(each.generation == self.generation for each in list(self._queue)))

    def is_busy(self) -> bool:
        return self._writing is not None and not self._writing.done()

    def enqueue(self, at: float, steps: list[Step]) -> None:
        """Let the next write have these, at an instant of the world's time."""
        self.queued += 1
        self._queue.append(_Waiting(self.queued, self.generation, at, steps))

    def write(self) -> Future[None]:
        """Begin to write what is queued, or wait for the write that is under way."""
        if self._writing is None or self._writing.done():
            self._writing = self._threads.write_log(self._write_queue)
        return self._writing

    def begin_next(self) -> None:
        """Go on with a new log."""
        self.generation += 1
        self._logs[self.generation] = self._threads.logs.begin(self._names.log(self.generation))

    def add(self, generation: int, record: Record) -> None:
        """Write a record out of its turn, in any thread. Raises OSError."""
        with self.lock:
            if not self.removed:
                disk.append(self._logs[generation], line(record))

    def drop(self, before: int) -> None:
        """Remove those of lower generations, which a checkpoint has; in any thread. Raises OSError."""
        with self.lock:
            self._oldest = before
            self._end(before)
            self._names.remove_logs(before)

    def end(self) -> None:
        """Nothing is written any more."""
        self._end(self.generation + 1)

    def remove(self) -> None:
        """Leave no file of the world, now or later. Raises OSError, and then goes on."""
        with self.lock:
            self._names.remove()
            self.removed = True
            self._queue.clear()
            self.written = self.queued
            self.end()

    def _write_queue(self) -> None:
        """In a thread: write what is queued by now; all of one generation as one record."""
        try:
            for generation, each in groupby(list(self._queue), attrgetter("generation")):
                together = list(each)
                with self.lock:
                    if self.removed:
                        return
                    self._append(generation, together)
                    for _ in together:
                        self._queue.popleft()
                    self.written = together[-1].number
        except Exception as error:
            if self.failure is None:
                logger.warning("world %r can not be written: %s", self._world, reason_of(error))
            self.failure = error
            raise
        self.failure = None

    def _append(self, generation: int, together: Sequence[_Waiting]) -> None:
        if generation < self._oldest:
            return  # the checkpoint has it
        record = Record([step for each in together for step in each.steps], together[-1].at)
        disk.append(self._logs[generation], line(record))

    def _end(self, before: int) -> None:
        for generation in [each for each in list(self._logs) if each < before]:
            self._threads.logs.end(self._logs.pop(generation))
