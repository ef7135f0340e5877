"""A job of nobody's vendor: it writes notes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Any

from msgspec import json

from emulator.core.jobs import Job, Pace
from emulator.core.slices import Slices, run_slices
from emulator.core.vendor import Account
from emulator.core.world import World
from tests.core.acme import AcmeAccount, Note

SLOW = Pace("time", 2.0, 10.0)


class Writing:
    """Writes a note for each unit, then says when it was told what."""

    kind = "writing"
    edition = 0

    def __init__(self, account: AcmeAccount, total: int) -> None:
        self.account = account
        self.total = total
        self.done = 0
        self.told: list[tuple[Any, ...]] = []

    def begin(self, at: float) -> None:
        self.told.append(("begin", at))

    def advance(self, most: int) -> int:
        units = range(self.done, min(self.done + most, self.total))
        self.account.notes.put_many([Note(f"{unit:04}", "written") for unit in units])
        self.account.world.journal.note(f"wrote {len(units)}")
        self.done += len(units)
        return len(units)

    def finish(self, at: float) -> None:
        self.told.append(("finish", at))

    def fail(self, at: float, message: str) -> None:
        self.told.append(("fail", at, message))

    def forget(self, texts: Collection[str]) -> Slices[None]:
        yield

    def keep(self) -> Callable[[], list[int]]:
        kept = [self.total, self.done]
        return lambda: kept

    def progress(self) -> int:
        return self.done

    def proceeded(self, kept: bytes) -> None:
        self.done = json.decode(kept)

    def copy(self, account: Account) -> Writing:
        assert isinstance(account, AcmeAccount)
        twin = Writing(account, self.total)
        twin.done = self.done
        return twin


class Broken(Writing):
    def advance(self, most: int) -> int:
        raise RuntimeError("the pen broke")


def start(world: World, total: int = 10, pace: Pace = SLOW, work: type[Writing] = Writing) -> Job:
    account = world.accounts["acme"].get("ann")
    assert isinstance(account, AcmeAccount)
    return world.jobs.add(account, "writing", 7, world.clock.now(), pace, work(account, total))


def pass_time(world: World, seconds: float) -> None:
    """Advance the clock and do what is due."""
    world.clock.advance(seconds)
    asyncio.run(run_slices(world.jobs.catch_up(world.clock.now())))
