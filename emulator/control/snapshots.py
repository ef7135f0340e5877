"""Snapshots: keep a state of the world under a name, and return to it."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from emulator.control.exchange import reply, world_of
from emulator.core.clock import isoformat
from emulator.core.driver import touch
from emulator.core.snapshots import Snapshot
from emulator.core.world import KEPT


async def list_snapshots(request: Request) -> Response:
    """The snapshots of this world."""
    return reply({"snapshots": [_describe(each) for each in world_of(request).snapshots]})


async def snapshot(request: Request) -> Response:
    """PUT keeps the world as it is under this name, also in place of an older snapshot; GET describes, DELETE drops."""
    world = world_of(request)
    name = request.path_params["name"]
    if request.method == "PUT":
        return reply(_describe(world.snapshots.save(world, name)), 201)
    if request.method == "DELETE":
        world.snapshots.drop(world, name)
        return reply({"dropped": name})
    return reply(_describe(world.snapshots.get(name)))


async def restore(request: Request) -> Response:
    """Return to a snapshot: accounts, jobs, clock and behaviours; the journal goes on."""
    world = world_of(request)
    kept = world.snapshots.get(request.path_params["name"])
    world.restore(kept.state, KEPT)
    if world.busy:
        touch(world)
    return reply({"world": world.name, "restored": kept.name, "now": isoformat(world.clock.now())})


def _describe(kept: Snapshot) -> dict[str, Any]:
    accounts = kept.state.accounts.items()
    return {
        "name": kept.name,
        "at": isoformat(kept.at),
        "accounts": {vendor: [account.id for account in each] for vendor, each in accounts},
    }
