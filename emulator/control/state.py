"""Putting a world into the state that a scenario describes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from emulator.control.exchange import HEADERS, body_of, query_of, reply, world_of, worlds_of
from emulator.core.call import WORLD
from emulator.core.errors import UserError
from emulator.core.scenarios.bundle import unpacked
from emulator.core.scenarios.collector import without_collector
from emulator.core.scenarios.export import export
from emulator.core.scenarios.includes import with_includes
from emulator.core.scenarios.progress import Progress
from emulator.core.scenarios.scenario import load_files
from emulator.core.scenarios.scenario_file import ScenarioFile
from emulator.core.scenarios.scenario_writer import write_json
from emulator.core.scenarios.scenario_yaml import write_yaml
from emulator.core.world import Scope, World
from emulator.core.worlds import Worlds

_PARTS: tuple[Scope, ...] = ("clock", "behaviours", "faults", "limits")
"""What a scenario may set beside accounts."""


async def load_state(request: Request) -> Response:
    """Load a scenario, YAML or JSON, in place of accounts, jobs and behaviours; of clock, faults and limits if
    it sets them.

    All of it or, when something is wrong, nothing. Files that it names come along as
    `{"scenario": NAME, "files": {NAME: TEXT, ...}}`.
    """
    body = await body_of(request)
    if not body.strip():
        raise UserError("the body must be a scenario; to empty the world send {}")
    return await load(request, partial(unpacked, body))


async def load(request: Request, read: Callable[[], ScenarioFile]) -> Response:
    """Put the world into the state of what `read` reads, whole or not at all."""
    worlds, world = worlds_of(request), world_of(request)
    blank = worlds.blank()
    blank.clock = world.clock.copy()
    sets = await _filled(blank, world.name, worlds, read)
    world.restore(blank, ["data", "behaviours", *(part for part in sets if part != "behaviours")])
    return reply(_accounts_of(world))


async def add_accounts(request: Request) -> Response:
    """Put the accounts that a scenario declares into the world, in place of those with the same id and of their jobs;
    all else stays. All of it or, when something is wrong, nothing.
    """
    worlds, world = worlds_of(request), world_of(request)
    body = await body_of(request)
    if not body.strip():
        raise UserError("the body must be a scenario with accounts")
    blank = worlds.blank()
    blank.clock, blank.behaviours = world.clock.copy(), world.behaviours.copy()
    sets = await _filled(blank, world.name, worlds, partial(unpacked, body))
    if sets:
        raise UserError(f"{sets[0]}: what is added has accounts only; use PUT, or set this by itself")
    for accounts in blank.accounts.values():
        for account in accounts:
            world.replace(account)
    return reply(_accounts_of(world))


def _accounts_of(world: World) -> dict[str, object]:
    accounts = {vendor: [account.id for account in each] for vendor, each in world.accounts.items()}
    return {"world": world.name, "accounts": accounts}


async def progress(request: Request) -> Response:
    """How many rows of a scenario that is being loaded into the world are in, and of how many if that is known."""
    # By its name only, because to look must not make a world.
    found = worlds_of(request).loading.get(request.scope[WORLD])
    return reply({"loading": found is not None, **(found or Progress()).told()})


async def _filled(blank: World, name: str, worlds: Worlds, read: Callable[[], ScenarioFile]) -> list[Scope]:
    """Load what is read into a world that nobody else knows, for that of this name; what it sets beside accounts."""
    worlds.loading[name] = blank.progress
    try:
        # In a thread, because a large scenario takes a while.
        return await asyncio.to_thread(_fill, blank, worlds, read)
    finally:
        worlds.loading.pop(name, None)


def _fill(blank: World, worlds: Worlds, read: Callable[[], ScenarioFile]) -> list[Scope]:
    with without_collector():
        files = with_includes([read()])
        load_files(files, worlds.vendors, blank, {})
    return [part for part in _PARTS if any(part in file.document for file in files)]


async def export_state(request: Request) -> Response:
    """The world as a scenario that loads back to the same answers, or with `?snapshot=NAME` that snapshot.

    `format=yaml` instead of JSON; `credentials=include`, which else are left out; `unfinished=fail` exports jobs under
    way as if they had failed, which else are refused.
    """
    world = world_of(request)
    wanted = query_of(
        request, format=("json", "yaml"), credentials=("omit", "include"), unfinished=("refuse", "fail"), snapshot=()
    )
    name = wanted.get("snapshot")
    state = world if name is None else world.snapshots.get(name).state
    # A copy, because the world goes on meanwhile; nobody is told of jobs that end in it.
    copy = state.copy("export")
    copy.outbox.muted = True
    document = export(
        copy,
        worlds_of(request).vendors,
        credentials=wanted.get("credentials") == "include",
        fail_unfinished=wanted.get("unfinished") == "fail",
    )
    form = wanted.get("format", "json")
    parts = write_yaml(document) if form == "yaml" else write_json(document)
    return StreamingResponse(_by_turns(parts), 200, HEADERS, f"application/{form}")


async def _by_turns(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """So that others are served meanwhile."""
    for part in parts:
        yield part
        await asyncio.sleep(0)
