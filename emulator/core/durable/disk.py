"""Getting bytes onto the disk for good, and reading them back; the only place that syncs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

# Some platforms lack it; fsync writes the file's times, too, which takes longer.
_sync = getattr(os, "fdatasync", os.fsync)
_PRIVATE = 0o600  # people's addresses are in these files


def append(path: Path, data: bytes, size: int) -> int:
    """Add to a file of which the first `size` bytes count; its new size. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, _PRIVATE)
    try:
        # What a failed attempt left behind does not count.
        os.ftruncate(handle, size)
        os.lseek(handle, size, os.SEEK_SET)
        _write(handle, data)
        _sync(handle)
    finally:
        os.close(handle)
    if size == 0:
        sync_folder(path.parent)
    return size + len(data)


def replace(path: Path, pieces: Iterable[bytes]) -> None:
    """Put a file in place of the one of this name, whole or not at all. Raises OSError."""
    temporary = path.with_name(f"{path.name}.new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), _PRIVATE)
    try:
        try:
            for piece in pieces:
                _write(handle, piece)
            _sync(handle)
        finally:
            os.close(handle)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


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
