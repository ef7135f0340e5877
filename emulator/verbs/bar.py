"""A progress bar on standard error while rows are loaded, if people look at it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from threading import Event, Thread

from emulator.core.errors import UserError

# Rows so far, and of how many if that is known.
Read = Callable[[], tuple[int, int | None]]

_PATIENCE = 0.5  # seconds; what is done sooner needs no bar
_POLL = 0.1  # seconds


@contextlib.contextmanager
def bar(read: Read) -> Iterator[None]:
    """Show what `read` says, meanwhile, from another thread."""
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    done = Event()
    thread = Thread(target=_show, args=(read, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _show(read: Read, done: Event) -> None:
    if done.wait(_PATIENCE):
        return
    # Imported here because only those pay for it who see it.
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread of its own
    with tqdm(unit=" rows", desc="loading", leave=False, file=sys.stderr, mininterval=0) as shown:
        while not done.wait(_POLL):
            with contextlib.suppress(UserError):  # the answer comes without the bar, too
                shown.n, shown.total = read()
                shown.refresh()
