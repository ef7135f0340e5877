"""Doing again what a log says."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.core.clock import Clock
from emulator.core.durable.document import account_of, put_account, put_job, put_rows, put_settings
from emulator.core.durable.steps import (
    AccountState,
    Clear,
    Drop,
    Erase,
    Forget,
    JobState,
    Record,
    Restore,
    Rows,
    Save,
    Settings,
    Step,
)
from emulator.core.jobs import Jobs
from emulator.core.snapshots import Snapshot
from emulator.core.vendor import Vendor
from emulator.core.world import World


def replay(record: Record, world: World, start: World, vendors: Mapping[str, Vendor]) -> None:
    """Bring the world to where it was after this record. Raises UserError, LookupError and ValueError."""
    for step in record.steps:
        _replay(step, world, start, vendors)
    _catch_up(world.clock, record.at)


def _replay(step: Step, world: World, start: World, vendors: Mapping[str, Vendor]) -> None:
    match step:
        case Settings():
            put_settings(world, step)
        case AccountState():
            put_account(world, vendors, step)
        case Rows():
            account = account_of(world, step.vendor, step.account)
            put_rows(account, step.table, step.put, drop=step.drop)
        case JobState():
            put_job(world, step)
        case Erase():
            account_of(world, step.vendor, step.account).finish_erasure(step.ids, step.texts)
        case Forget():
            world.jobs.drop(world.accounts[step.vendor].remove(step.account))
        case _:
            _replay_whole(step, world, start)


def _replay_whole(step: Save | Drop | Restore | Clear, world: World, start: World) -> None:
    """A change of the whole world."""
    match step:
        case Save():
            world.snapshots.put(Snapshot(step.name, step.at, world.kept(step.name)))
        case Drop():
            world.snapshots.drop(world, step.name)
        case Restore():
            source = start if step.snapshot is None else world.snapshots.get(step.snapshot).state
            world.restore(source, step.scopes)
        case Clear():
            world.accounts = world.blank(world.name).accounts
            for accounts in world.accounts.values():
                accounts.world = world
            world.jobs = Jobs()


def _catch_up(clock: Clock, at: float) -> None:
    """A world's time never goes back, even if the machine's did meanwhile."""
    if clock.mode != "frozen":
        clock.latest = max(clock.latest, at)
