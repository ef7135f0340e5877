"""Putting a world into the state that a scenario describes."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from emulator.control.exchange import body_of, reply, world_of, worlds_of
from emulator.core.scenario import load_files
from emulator.core.scenario_file import ScenarioFile
from emulator.core.world import Scope


async def load_state(request: Request) -> Response:
    """Load a scenario, YAML or JSON, in place of accounts, jobs and behaviours; of clock, faults and limits if
    it sets them.

    All of it or, when something is wrong, nothing.
    """
    worlds, world = worlds_of(request), world_of(request)
    file = ScenarioFile("the scenario", await body_of(request))
    blank = worlds.blank()
    blank.clock = world.clock.copy()
    # In a thread, because a large scenario takes a while; nobody else knows the blank world.
    await asyncio.to_thread(load_files, [file], worlds.vendors, blank, {})
    scopes: list[Scope] = ["data", "behaviours"]
    optional: tuple[Scope, ...] = ("clock", "faults", "limits")
    scopes += [scope for scope in optional if scope in file.document]
    world.restore(blank, scopes)
    accounts = {vendor: [account.id for account in each] for vendor, each in world.accounts.items()}
    return reply({"world": world.name, "accounts": accounts})
