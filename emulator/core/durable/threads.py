"""The threads that write, so that the event loop never waits for a disk."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from emulator.core.durable.disk import Logs

_LOGS = 4  # threads; each world is in one of them at a time
_PAUSE = 0.005  # seconds


class Threads:
    """Some write logs, which answers wait for; one writes checkpoints, which takes long and hardly ever matters."""

    def __init__(self) -> None:
        self.logs = Logs()
        self._log_threads = ThreadPoolExecutor(_LOGS, "log")
        self._checkpoints = ThreadPoolExecutor(1, "checkpoint")
        self._urgent: set[object] = set()

    def write_log(self, task: Callable[[], None]) -> Future[None]:
        return self._log_threads.submit(task)

    def write_checkpoint(self, task: Callable[[], None], *, urgent: bool) -> Future[None]:
        """Somebody waits for an urgent one: neither it nor any before it pauses."""
        if urgent:
            self._urgent.add(task)
        future = self._checkpoints.submit(task)
        future.add_done_callback(lambda _: self._urgent.discard(task))
        return future

    def hurry(self, checkpoint: Future[None]) -> None:
        """Somebody waits for it by now."""
        self._urgent.add(checkpoint)
        checkpoint.add_done_callback(self._urgent.discard)

    def pause(self) -> None:
        """For a checkpoint in its thread, now and then: let the others run."""
        if not self._urgent:
            time.sleep(_PAUSE)

    def close(self) -> None:
        """When what was begun is done."""
        self._urgent.add(self)
        self._log_threads.shutdown()
        self._checkpoints.shutdown()
        self.logs.end_all()
