"""Standard output that nobody reads, that is full, or that is not there."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator

from emulator.core.errors import UserError

_OUTPUT_ERRORS = frozenset({errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF})


def open_standard_files() -> None:
    """Put the null device where a standard file is closed, or the next socket would take its number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def write_bytes(text: bytes) -> None:
    """On standard output, as they are."""
    if sys.stdout is not None:
        sys.stdout.flush()
        sys.stdout.buffer.write(text)


@contextlib.contextmanager
def unread_output_allowed() -> Iterator[None]:
    """Print inside of this: that nobody reads it to the end is no error; that it can not be written is a UserError."""
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        if error.errno not in _OUTPUT_ERRORS:
            raise
        # The interpreter must not try to write the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno != errno.EPIPE:
            raise UserError(f"can not write the output: {error.strerror}") from None
