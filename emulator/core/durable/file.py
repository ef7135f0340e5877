"""One world on disk, while it runs: what changed is queued, and written when somebody waits for it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.core.durable import disk
from emulator.core.durable.changes import Changes
from emulator.core.durable.checkpoint import CheckpointStorage, Table
from emulator.core.durable.document import tables_of
from emulator.core.durable.log import line
from emulator.core.durable.names import WorldNames
from emulator.core.durable.steps import Record, Step
from emulator.core.durable.threads import Threads
from emulator.core.errors import NotStored, reason_of

if TYPE_CHECKING:
    from emulator.core.snapshots import Snapshot
    from emulator.core.vendor import Account
    from emulator.core.world import Scope, World

logger = logging.getLogger("emulator")

_LEAST_LOG = 8 * 1024 * 1024
"""Bytes of a log that are not worth a new checkpoint; above, a log may become as large as the checkpoint."""


class _Waiting(NamedTuple):
    """What is to be written to the log of a generation; `number` counts the queue's entries."""

    number: int
    generation: int
    at: float
    steps: list[Step]


class WorldFile:
    """Checkpoint and log of one world. All methods are for the thread of the event loop.

    `generation` is that of the log to write to, `oldest` that of the first log that the checkpoint on disk needs.
    """

    def __init__(
        self,
        world: World,
        is_start: Callable[[World], bool],
        names: WorldNames,
        threads: Threads,
        generation: int,
        oldest: int,
    ) -> None:
        self._failed_write: BaseException | None = None
        self._failed_rewrite: BaseException | None = None
        self._world = world
        self._names = names
        self._threads = threads
        self._changes = Changes(world, is_start)
        self._queue: deque[_Waiting] = deque()
        self._queued = self._written = 0
        self._writing: Future[None] | None = None
        self._checkpointing: Future[None] | None = None
        self._rewriting: Future[None] | None = None
        self._generation = generation
        self._oldest = oldest
        self._logs: dict[int, disk.Log] = {}
        self._begin_log()
        self._checkpoint_size = names.checkpoint.stat().st_size if names.checkpoint.exists() else 0
        self._must_rewrite = False
        self._lock = threading.Lock()

    @property
    def failure(self) -> BaseException | None:
        """Why the last attempt to write, or to erase, failed; until one succeeds."""
        return self._failed_write or self._failed_rewrite

    @property
    def waits(self) -> bool:
        """Whether something is queued."""
        return bool(self._queue)

    def touch(self, account: Account) -> None:
        """Something may have changed in this account."""
        self._changes.touch(account)

    def touch_all(self) -> None:
        """Something may have changed anywhere."""
        self._changes.touch_all()

    def erased(self, account: Account, ids: Sequence[Any], texts: Sequence[str]) -> None:
        """Rows of these ids and texts go at this instant, and what mentions them elsewhere will."""
        self._changes.erased(account, ids, texts)

    def rewrite(self) -> None:
        """An erasure is complete: the next flush leaves nothing of it in any file."""
        self._must_rewrite = True

    def restoring(self, start: World, scopes: Sequence[Scope]) -> AbstractContextManager[None]:
        return self._changes.restoring(start, scopes)

    def saved(self, snapshot: Snapshot) -> None:
        self._changes.saved(snapshot)

    def dropped(self, name: str) -> None:
        self._changes.dropped(name)

    def create(self) -> None:
        """Let the next flush make a file, so that a world without changes is known, too."""
        self._enqueue([])

    async def flush(self, *, rewritten: bool = True) -> None:
        """Return when all that happened until now is on disk and, if wanted, what was erased is not any more.

        Raises NotStored; what is not on disk stays queued.
        """
        self._collect()
        self._rewrite_if_needed()
        needed = self._queued
        try:
            while self._written < needed:
                await asyncio.shield(asyncio.wrap_future(self._write()))
            if rewritten and self._rewriting is not None:
                await asyncio.shield(asyncio.wrap_future(self._rewriting))
        except Exception as error:
            raise NotStored(error) from error
        self._keep_log_short()

    def begin(self) -> None:
        """Write what happened, and wait for nothing; no more than one write at a time is begun so.

        After a failure it is for those to try again who wait for it.
        """
        if self.failure is None and (self._writing is None or self._writing.done()):
            self._collect()
            self._rewrite_if_needed()
            if self._queue:
                self._write()

    def switch(self, *, urgent: bool = False) -> Future[None]:
        """Go on with a new log, and write the checkpoint from which it goes on; without pauses if it is urgent."""
        self._collect()
        # A log without anything in it begins here as well.
        if self._has_log():
            self._generation += 1
            self._begin_log()
        tables = tables_of(self._world, self._generation)
        task = partial(self._checkpoint, self._generation, tables, erases=self._must_rewrite)
        self._must_rewrite = False
        self._checkpointing = self._threads.write_checkpoint(task, urgent=urgent)
        return self._checkpointing

    def close(self) -> None:
        """Leave a checkpoint and nothing else. Raises NotStored."""
        self._collect()
        try:
            while self._written < self._queued:
                self._write().result()
            if self._generation > self._oldest or self._has_log() or not self._names.checkpoint.exists():
                self.switch(urgent=True).result()
        except Exception as error:
            raise NotStored(error) from error
        finally:
            self._end_logs(before=self._generation + 1)

    def remove(self) -> None:
        """Leave nothing."""
        for future in (self._writing, self._checkpointing):
            if future is not None:
                future.exception()
        self._queue.clear()
        self._written = self._queued
        self._end_logs(before=self._generation + 1)
        try:
            self._names.remove()
        except OSError as error:
            self._begin_log()
            self._must_rewrite = True  # some may be gone, so all is written anew
            raise NotStored(error) from error

    def _collect(self) -> None:
        steps = self._changes.take()
        if steps:
            self._enqueue(steps)

    def _enqueue(self, steps: list[Step]) -> None:
        self._queued += 1
        self._queue.append(_Waiting(self._queued, self._generation, self._world.clock.now(), steps))

    def _write(self) -> Future[None]:
        if self._writing is None or self._writing.done():
            self._writing = self._threads.write_log(self._write_queue)
        return self._writing

    def _write_queue(self) -> None:
        """In a thread: write what is queued by now; all of one generation together, as one record."""
        try:
            for generation, each in groupby(list(self._queue), attrgetter("generation")):
                together = list(each)
                with self._lock:
                    self._append(generation, together)
                for _ in together:
                    self._queue.popleft()
                self._written = together[-1].number
        except Exception as error:
            if self._failed_write is None:
                logger.warning("world %r can not be written: %s", self._world.name, reason_of(error))
            self._failed_write = error
            raise
        self._failed_write = None

    def _append(self, generation: int, together: Sequence[_Waiting]) -> None:
        if generation < self._oldest:
            return  # the checkpoint has it
        record = Record(together[-1].at, [step for each in together for step in each.steps])
        disk.append(self._logs[generation], line(record))

    def _checkpoint(self, generation: int, tables: Iterable[Table], *, erases: bool) -> None:
        """In a thread. Until the checkpoint is written, what was erased is still in the one before."""
        try:
            CheckpointStorage(self._names.checkpoint).write_tables(tables, self._threads.pause)
            self._checkpoint_size = self._names.checkpoint.stat().st_size
            with self._lock:
                self._oldest = generation
                self._end_logs(before=generation)
                self._names.remove_logs(before=generation)
        except Exception as error:
            logger.warning("world %r: no checkpoint could be written: %s", self._world.name, reason_of(error))
            if erases:
                self._must_rewrite, self._failed_rewrite = True, error
            raise
        self._failed_rewrite = None

    def _begin_log(self) -> None:
        path = self._names.log(self._generation)
        self._logs[self._generation] = self._threads.logs.begin(path)

    def _end_logs(self, before: int) -> None:
        for generation in [each for each in self._logs if each < before]:
            self._threads.logs.end(self._logs.pop(generation))

    def _rewrite_if_needed(self) -> None:
        if self._must_rewrite:
            self._rewriting = self.switch(urgent=True)

    def _has_log(self) -> bool:
        """Whether something is in the present log, or will be."""
        return bool(self._logs[self._generation].size) or any(
            each.generation == self._generation for each in list(self._queue)
        )

    def _keep_log_short(self) -> None:
        resting = self._checkpointing is None or self._checkpointing.done()
        if resting and self._logs[self._generation].size > max(_LEAST_LOG, self._checkpoint_size):
            self.switch()
