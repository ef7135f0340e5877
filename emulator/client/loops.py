"""What an event loop must not be held up by, done in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from threading import Thread
from typing import TypeVar

from emulator.core.errors import UserError

T = TypeVar("T")


def running_loop() -> asyncio.AbstractEventLoop:
    """That of asyncio. Raises UserError under trio, which has none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise UserError(
            "no event loop of asyncio is running (trio is not supported); use asyncio, or Client in a thread"
        ) from None


async def in_thread(work: Callable[[], T], abandon: Callable[[], object]) -> T:
    """What `work` returns, in a thread of its own; `abandon` is called when nobody waits for it any more.

    Not in the loop's pool of threads: it is small, and the end of the loop waits for it.
    """
    loop = running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(error: BaseException | None, result: T | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type] # what came without an error

    def run() -> None:
        outcome: tuple[BaseException | None, T | None]
        try:
            outcome = (None, work())
        except Exception as error:  # noqa: BLE001 - it is the caller's
            outcome = (error, None)
        with suppress(RuntimeError):  # the loop is over, and so is the caller
            loop.call_soon_threadsafe(settle, *outcome)

    Thread(target=copy_context().run, args=(run,), name="emulator-client", daemon=True).start()
    try:
        return await done
    except asyncio.CancelledError:
        abandon()
        raise
