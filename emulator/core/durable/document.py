"""A world as the tables of a checkpoint, and back.

emulator                      one document: format, name of the world, generation
settings, accounts, jobs      of the world
VENDOR/ACCOUNT/TABLE          a document per row
snapshots                     names and times; the tables of each have `snapshots/NAME/` before their names
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from emulator.core.durable.checkpoint import Table
from emulator.core.durable.log import Damaged
from emulator.core.durable.steps import (
    FORMAT,
    AccountState,
    JobState,
    Settings,
    encode,
    job_state,
    read_clock,
    settings_of,
)
from emulator.core.jobs import Job
from emulator.core.snapshots import Snapshot
from emulator.core.store.kept import Kept
from emulator.core.vendor import Account, Vendor
from emulator.core.world import World

Tables = Mapping[str, Sequence[msgspec.Raw]]


class Header(Struct):
    """What a checkpoint is. `generation` is that of the log that goes on from it."""

    format: int
    world: str
    generation: int


class Keepsake(Struct):
    """A snapshot's name and the world's time when it was taken."""

    name: str
    at: float


def tables_of(world: World, generation: int) -> list[Table]:
    """The world of now as tables; their documents can be read later and in another thread."""
    snapshots = list(world.snapshots)
    tables: list[Table] = [("emulator", [Header(FORMAT, world.name, generation)])]
    tables += _state("", world)
    tables.append(("snapshots", [Keepsake(each.name, each.at) for each in snapshots]))
    for each in snapshots:
        tables += _state(_prefix(each.name), each.state)
    return tables


def load(tables: Tables, world: World, vendors: Mapping[str, Vendor]) -> None:
    """Fill an empty world. Raises Damaged, LookupError and ValueError, msgspec's among them."""
    _load_state(tables, "", world, vendors)
    for each in _read(tables, "snapshots", Keepsake):
        state = world.blank(each.name)
        state.outbox.muted = True
        _load_state(tables, _prefix(each.name), state, vendors, like=world)
        world.snapshots.put(Snapshot(each.name, each.at, state))


def kept_tables(account: Account) -> Iterator[tuple[str, Kept]]:
    """An account's tables with their names."""
    return ((name, getattr(account, name)) for name in account.tables)


def account_state(account: Account) -> AccountState:
    # Encoded now, because what it holds may change later.
    return AccountState(account.vendor, account.id, msgspec.Raw(encode(account.state())))


def put_rows(
    account: Account, table: str, rows: msgspec.Raw, *, drop: Sequence[Any] = (), like: Account | None = None
) -> None:
    """Put written rows into a table, after some went; what the account `like` has in the same form is shared with it.

    Raises Damaged and msgspec's errors.
    """
    if table not in account.tables:
        raise Damaged(f"there is no table {table!r}")
    read = msgspec.json.decode(rows, type=list[account.tables[table]])  # type: ignore[name-defined]
    if like is not None:
        read = getattr(like, table).shared(read)
    kept: Kept = getattr(account, table)
    kept.delete_many(drop)
    kept.put_many(read)


def account_of(world: World, vendor: str, account_id: str) -> Account:
    """Raises LookupError."""
    account = world.accounts[vendor].known(account_id)
    if account is None:
        raise LookupError(f"{vendor}/{account_id}")
    return account


def put_account(world: World, vendors: Mapping[str, Vendor], known: AccountState) -> None:
    """Make an account or change the state of one. Raises LookupError and msgspec's errors."""
    accounts = world.accounts[known.vendor]
    account = accounts.known(known.account)
    if account is None:
        account = vendors[known.vendor].new_account(world, known.account)
        accounts.add(account)
    account.set_state(msgspec.json.decode(known.state, type=account.state_type))


def put_settings(world: World, known: Settings) -> None:
    """Set clock and behaviours; a behaviour that is no more is passed over."""
    world.clock = read_clock(known)
    chosen = {each: choice for each, choice in known.behaviours.items() if each in world.behaviours.declared}
    world.behaviours.set(chosen, starting=True)


def put_job(world: World, known: JobState) -> None:
    """Make a job, or take over what became of one. Raises LookupError and ValueError, msgspec's among them."""
    if bytes(known.work) != b"null":
        account = account_of(world, known.vendor, known.account)
        work = account.resume(known.kind, bytes(known.work))
        world.jobs.put(Job(known.id, account, known.kind, known.subject, known.created, known.pace, work))
    job = world.jobs.get(known.id)
    job.state, job.held, job.rushed, job.done = known.state, known.held, known.rushed, known.done
    job.begun, job.ended, job.message = known.begun, known.ended, known.message
    if bytes(known.progress) != b"null":
        job.work.proceeded(bytes(known.progress))


def _prefix(snapshot: str) -> str:
    return f"snapshots/{snapshot}/"


def _state(prefix: str, world: World) -> Iterator[Table]:
    accounts = [account for each in world.accounts.values() for account in each]
    yield f"{prefix}settings", [settings_of(world)]
    yield f"{prefix}accounts", [account_state(account) for account in accounts]
    for account in accounts:
        for name, kept in kept_tables(account):
            yield f"{prefix}{account.vendor}/{account.id}/{name}", kept.rows()
    yield f"{prefix}jobs", [whole_job(job) for job in world.jobs]


def whole_job(job: Job) -> JobState:
    """A job with its work."""
    state = job_state(job)
    state.work = job.work.keep()
    return state


def _load_state(
    tables: Tables, prefix: str, world: World, vendors: Mapping[str, Vendor], like: World | None = None
) -> None:
    for settings in _read(tables, f"{prefix}settings", Settings):
        put_settings(world, settings)
    for state in _read(tables, f"{prefix}accounts", AccountState):
        put_account(world, vendors, state)
        account = account_of(world, state.vendor, state.account)
        other = None if like is None else like.accounts[state.vendor].known(state.account)
        for name in account.tables:
            rows = tables[f"{prefix}{state.vendor}/{state.account}/{name}"]
            put_rows(account, name, msgspec.Raw(msgspec.json.encode(rows)), like=other)
    for job in _read(tables, f"{prefix}jobs", JobState):
        put_job(world, job)


def _read(tables: Tables, name: str, kind: type[Any]) -> Iterator[Any]:
    return (msgspec.json.decode(document, type=kind) for document in tables[name])
