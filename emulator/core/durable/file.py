"""One world on disk, while it runs: what changed goes to its log, and from time to time all of it to a checkpoint."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from emulator.core.durable.changes import Changes
from emulator.core.durable.checkpoint import CheckpointStorage, Table
from emulator.core.durable.document import tables_of
from emulator.core.durable.logs import WorldLogs
from emulator.core.durable.names import WorldNames
from emulator.core.durable.steps import Record
from emulator.core.durable.threads import Threads
from emulator.core.errors import NotStored, reason_of

if TYPE_CHECKING:
    from emulator.core.snapshots import Snapshot
    from emulator.core.vendor import Account
    from emulator.core.world import Scope, World

logger = logging.getLogger("emulator")

_LEAST_LOG = 8 * 1024 * 1024
"""Bytes of a log that are not worth a new checkpoint; above, a log may become as large as the checkpoint."""


class _Removed(Exception):
    """The world was dropped while its checkpoint was written."""


class WorldFile:
    """Checkpoint and logs of one world.

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
        self._world = world
        self._names = names
        self._threads = threads
        self._changes = Changes(world, is_start)
        self._logs = WorldLogs(world.name, names, threads, generation)
        self._oldest = oldest
        self._checkpoint_size = names.checkpoint.stat().st_size if names.checkpoint.exists() else 0
        self._checkpointing: Future[None] | None = None
        self._erasures = self._erased = 0
        """How many were completed, and how many of them no file knows of any more."""
        self._failed_erasure: BaseException | None = None

    @property
    def failure(self) -> BaseException | None:
        """Why the last attempt to write, or to erase, failed; until one succeeds."""
        return self._logs.failure or self._failed_erasure

    def touch(self, account: Account) -> None:
        """Something may have changed in this account."""
        self._changes.touch(account)

    def touch_all(self) -> None:
        """Something may have changed anywhere."""
        self._changes.touch_all()

    def erasing(self, account: Account, ids: Sequence[Any], texts: Sequence[str]) -> None:
        """Rows of these ids and texts go at this instant, and what mentions them elsewhere will."""
        self._changes.erasing(account, ids, texts)

    def erased(self, account: Account, ids: Iterable[Any]) -> None:
        """The erasure of these rows is complete: the next flush leaves nothing of it in any file."""
        self._changes.erased(account, ids)
        self._erasures += 1

    def restoring(self, start: World, scopes: Sequence[Scope]) -> AbstractContextManager[None]:
        return self._changes.restoring(start, scopes)

    def replaced(self, account: Account, jobs: Iterable[int]) -> None:
        """The account took the place of the one with its id, whose jobs, with these numbers, are gone."""
        self._changes.replaced(account, jobs)

    def saved(self, snapshot: Snapshot) -> None:
        self._changes.saved(snapshot)

    def dropped(self, name: str) -> None:
        self._changes.dropped(name)

    def create(self) -> None:
        """Let the next flush make a file, so that a world without changes is known, too."""
        self._logs.enqueue(self._world.clock.now(), [])

    async def flush(self, *, erased: bool = True) -> None:
        """Return when all that happened until now is on disk and, if wanted, what was erased is not any more.

        Raises NotStored; what is not on disk stays queued.
        """
        self._collect()
        queued, erasures = self._logs.queued, self._erasures if erased else 0
        try:
            while self._logs.written < queued:
                await asyncio.shield(asyncio.wrap_future(self._logs.write()))
            # Several erasures share a checkpoint, if they are complete by the time it is begun.
            while self._erased < erasures and not self._logs.removed:
                await asyncio.shield(asyncio.wrap_future(self._hurried_checkpoint()))
        except Exception as error:
            raise NotStored(error) from error
        self._keep_log_short()

    def begin(self) -> None:
        """Write what happened, and wait for nothing; no more than one write at a time is begun so.

        After a failure it is for those to try again who wait for it.
        """
        if self.failure is not None or self._logs.is_busy() or self._logs.removed:
            return
        self._collect()
        if self._logs.written < self._logs.queued:
            self._logs.write()
        if self._erased < self._erasures and not self._is_checkpointing():
            self.switch(urgent=True)

    def switch(self, *, urgent: bool = False) -> Future[None]:
        """Go on with a new log, and write the checkpoint from which it goes on; without pauses if it is urgent."""
        self._collect()
        # A log without anything in it begins here as well.
        if not self._logs.is_empty():
            self._logs.begin_next()
        tables = tables_of(self._world, self._logs.generation)
        erasures = Record([*self._changes.open_erasures()], self._world.clock.now())
        task = partial(self._checkpoint, self._logs.generation, tables, self._erasures, erasures)
        self._checkpointing = self._threads.write_checkpoint(task, urgent=urgent)
        return self._checkpointing

    def close(self) -> None:
        """Leave a checkpoint and nothing else. Raises NotStored."""
        self._changes.finish_erasures()
        self.touch_all()
        self._collect()
        try:
            while self._logs.written < self._logs.queued:
                self._logs.write().result()
            if self._is_checkpointing():
                self._hurried_checkpoint().exception()
            if self._needs_checkpoint():
                self.switch(urgent=True).result()
        except Exception as error:
            raise NotStored(error) from error
        finally:
            self._logs.end()

    def remove(self) -> None:
        """Leave nothing. Raises NotStored."""
        try:
            self._logs.remove()
        except OSError as error:
            self._erasures += 1  # some may be gone, so all is written anew
            raise NotStored(error) from error

    def _collect(self) -> None:
        steps = self._changes.take()
        if steps:
            self._logs.enqueue(self._world.clock.now(), steps)

    def _is_checkpointing(self) -> bool:
        return self._checkpointing is not None and not self._checkpointing.done()

    def _hurried_checkpoint(self) -> Future[None]:
        """The one that is being written, else a new one."""
        checkpoint = self._checkpointing
        if checkpoint is None or checkpoint.done():
            return self.switch(urgent=True)
        self._threads.hurry(checkpoint)
        return checkpoint

    def _needs_checkpoint(self) -> bool:
        new = self._logs.generation > self._oldest or not self._logs.is_empty() or self._erased < self._erasures
        return new or not self._names.checkpoint.exists()

    def _keep_log_short(self) -> None:
        if self._logs.removed or self._is_checkpointing():
            return
        if self._logs.size > max(_LEAST_LOG, self._checkpoint_size):
            self.switch()

    def _checkpoint(self, generation: int, tables: Iterable[Table], erasures: int, unfinished: Record) -> None:
        """In a thread. Until the checkpoint is written, what was erased is still in the one before."""
        try:
            if unfinished.steps:  # their rows are gone from the checkpoint, so the log after it must name them
                self._logs.add(generation, unfinished)
            storage = CheckpointStorage(self._names.checkpoint)
            storage.write_tables(tables, self._threads.pause, self._unless_removed)
            self._checkpoint_size = self._names.checkpoint.stat().st_size
            self._logs.drop(before=generation)
        except _Removed:
            return
        except Exception as error:
            logger.warning("world %r: no checkpoint could be written: %s", self._world.name, reason_of(error))
            if erasures > self._erased:
                self._failed_erasure = error
            raise
        self._oldest, self._erased, self._failed_erasure = generation, erasures, None

    @contextmanager
    def _unless_removed(self) -> Iterator[None]:
        """Around the instant in which the new checkpoint takes the place of the old one."""
        with self._logs.lock:
            if self._logs.removed:
                raise _Removed
            yield
