"""Worlds: list, make, drop, reset; and what happens in one without an API call."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from emulator.control.exchange import json_object, reply, world_of, worlds_of
from emulator.core.clock import read_clock
from emulator.core.driver import touch
from emulator.core.errors import Conflict, UnknownName, UserError
from emulator.core.world import SCOPES, World
from emulator.core.worlds import DEFAULT


async def list_worlds(request: Request) -> Response:
    """Names, accounts and the cap."""
    worlds = worlds_of(request)
    return reply({"worlds": [_describe(world) for world in worlds], "cap": worlds.cap})


async def create_world(request: Request) -> Response:
    """Make the world `{"name": NAME}`, which must not exist; 201. With `"once": true` nothing but this makes it again
    after it was dropped, so that a late call of a test does not.
    """
    worlds = worlds_of(request)
    wanted = await json_object(request, "name", "once")
    name, once = wanted.get("name"), wanted.get("once", False)
    if not isinstance(name, str) or not isinstance(once, bool):
        raise UserError('write {"name": "..."}, and "once": true if it must not come back by itself')
    return reply(_describe(worlds.create(name, once=once)), 201)


async def drop_world(request: Request) -> Response:
    """Forget a world and all that is in it; not the default one."""
    name = request.path_params["name"]
    if name == DEFAULT:
        raise Conflict("the default world can not be dropped; reset it with POST /_emulator/reset")
    worlds_of(request).drop(name)
    return reply({"dropped": name})


async def reset(request: Request) -> Response:
    """Return to the start-up state: `{"scopes": [...], "clock": {...}}`, both optional; default is everything."""
    world = world_of(request)
    wanted = await json_object(request, "scopes", "clock")
    scopes = wanted.get("scopes", list(SCOPES))
    if not isinstance(scopes, list) or not all(scope in SCOPES for scope in scopes):
        raise UserError(f"scopes: write a list of some of {', '.join(SCOPES)}")
    clock = read_clock(wanted["clock"]) if "clock" in wanted else None
    world.restore(worlds_of(request).start, scopes)
    if clock is not None:
        world.clock = clock
    return reply({"world": world.name, "reset": scopes})


async def act(request: Request) -> Response:
    """What a tester causes at a vendor: `{"account": ..., ...}`; the rest is the action's own."""
    world = world_of(request)
    vendor_id, name = request.path_params["vendor"], request.path_params["action"]
    vendor = next((each for each in worlds_of(request).vendors if each.id == vendor_id), None)
    action = None if vendor is None else vendor.actions.get(name)
    if action is None:
        known = ", ".join(f"{each.id}/{action}" for each in worlds_of(request).vendors for action in each.actions)
        raise UnknownName(f"there is no action {vendor_id}/{name}; there are {known}")
    arguments = await json_object(request, "account", *action.keys)
    account_id = arguments.get("account")
    if account_id is None:
        raise UserError('write {"account": "...", ...}')
    account = world.accounts[vendor_id].known(str(account_id))
    if account is None:
        raise UnknownName(f"account {account_id!r} does not exist in world {world.name!r}")
    done = action.run(account, arguments)
    touch(world)
    return reply(done)


async def mail(request: Request) -> Response:
    """What the vendors would have mailed to contacts because of calls, such as confirmations; nothing is sent."""
    world = world_of(request)
    return reply(
        {
            "mail": [
                {"vendor": vendor, "account": account.id, **each}
                for vendor, accounts in world.accounts.items()
                for account in accounts
                for each in account.mail()
            ]
        }
    )


def _describe(world: World) -> dict[str, Any]:
    return {
        "name": world.name,
        "accounts": {vendor: [account.id for account in accounts] for vendor, accounts in world.accounts.items()},
        "journal_entries": len(world.journal),
        "clock": world.clock.mode,
    }
