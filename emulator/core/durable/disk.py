"""Getting bytes onto the disk for good, and reading them back; the only place that syncs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

# Some platforms lack it; fsync writes the file's times, too, which takes longer.
_sync = getattr(os, "fdatasync", os.fsync)
_MOST_OPEN = 256  # well below what a process may have
NEW = ".new"
_BINARY = getattr(os, "O_BINARY", 0)
_PRIVATE = 0o600  # people's addresses are in these files


class Log:
    """A file that is added to. `size` bytes of it count; what a failed attempt left behind them does not.

    One that `stays_open` is quicker, because each call of the system costs a turn of the interpreter's lock.
    """

    __slots__ = ("_handle", "path", "size", "stays_open")

    def __init__(self, path: Path, *, stays_open: bool) -> None:
        self.path = path
        self.stays_open = stays_open
        self.size = 0
        self._handle: int | None = None

    def open(self) -> int:
        if self._handle is None:
            self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT | _BINARY, _PRIVATE)
            os.ftruncate(self._handle, self.size)
            os.lseek(self._handle, self.size, os.SEEK_SET)
        return self._handle

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def append(log: Log, data: bytes) -> None:
    """Add to a log. Raises OSError."""
    try:
        handle = log.open()
        _write(handle, data)
        _sync(handle)
        if log.size == 0:
            sync_folder(log.path.parent)
        log.size += len(data)
    except BaseException:
        log.close()  # the next attempt cuts off what this one wrote
        raise
    if not log.stays_open:
        log.close()


class Logs:
    """The logs that are written to; only so many of them stay open."""

    def __init__(self) -> None:
        self._open: set[Log] = set()

    def begin(self, path: Path) -> Log:
        log = Log(path, stays_open=len(self._open) < _MOST_OPEN)
        if log.stays_open:
            self._open.add(log)
        return log

    def end(self, log: Log) -> None:
        """Nothing is added to it any more."""
        log.close()
        self._open.discard(log)

    def end_all(self) -> None:
        for log in list(self._open):
            self.end(log)


def replace(
    path: Path, pieces: Iterable[bytes], around: Callable[[], AbstractContextManager[None]] = nullcontext
) -> None:
    """Put a file in place of the one of this name, whole or not at all; `around` the instant. Raises OSError."""
    temporary = beside(path)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, _PRIVATE)
    try:
        try:
            for piece in pieces:
                _write(handle, piece)
            _sync(handle)
        finally:
            os.close(handle)
        with around():
            temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def beside(path: Path) -> Path:
    """Where a file is written before it takes its place."""
    return path.with_name(f"{path.name}{NEW}")


def sync_folder(folder: Path) -> None:
    """Make new and vanished names last; where folders can not be synced, the platform sees to it."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]
