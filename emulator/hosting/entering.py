"""Begins without blocking an event loop, and whole or not at all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from emulator.client.loops import running_loop
from emulator.core.errors import UserError

T = TypeVar("T")


async def entered(begin: Callable[[], T], end: Callable[[T], object]) -> T:
    """What `begin` returns, in a thread; if nobody waits for that any more, `end` undoes it.

    Raises UserError where no loop of asyncio runs.
    """
    running_loop()
    lock = threading.Lock()
    begun: list[T] = []
    given_up = False

    def enter() -> T:
        result = begin()
        with lock:
            if not given_up:
                begun.append(result)
                return result
        _undo(end, result)
        return result

    try:
        return await asyncio.to_thread(enter)
    except asyncio.CancelledError:
        with lock:
            given_up = True
        for result in begun:
            await asyncio.to_thread(_undo, end, result)
        raise


def _undo(end: Callable[[T], object], result: T) -> None:
    with suppress(UserError):  # there is nobody to tell
        end(result)
