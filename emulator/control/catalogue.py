"""What is emulated, what is declined, and the choices where the documents are silent."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from emulator.control.exchange import json_object, reply, world_of
from emulator.core.operation import Declined, Operation
from emulator.core.world import World


async def operations(request: Request) -> Response:
    """What is served, and what is declined with the reason."""
    vendors = request.app.state.worlds.vendors
    return reply(
        {
            "served": [describe(each) for vendor in vendors for each in vendor.operations],
            "declined": [describe(each) for vendor in vendors for each in vendor.declined],
        }
    )


async def behaviours(request: Request) -> Response:
    """GET lists them; PUT takes `{id: choice}` and answers with the list."""
    world = world_of(request)
    if request.method == "PUT":
        world.behaviours.set(await json_object(request))
    return reply({"behaviours": list_behaviours(world)})


def describe(route: Operation | Declined) -> dict[str, Any]:
    row: dict[str, Any] = {"id": route.id, "method": route.method, "path": route.path, "source": route.source}
    if isinstance(route, Declined):
        return row | {"reason": route.reason}
    if route.enabled_by is not None:
        row["enabled_by"] = "=".join(route.enabled_by)
    return row | {"query": route.query, "body": route.body.value, "success": route.success, "errors": route.errors}


def list_behaviours(world: World) -> list[dict[str, Any]]:
    return [
        {
            "id": each.id,
            "choice": world.behaviours[each.id],
            "default": each.default,
            "choices": each.choices,
            "least": each.least,
            "about": each.about,
            "evidence": each.evidence,
            "source": each.source,
            "fixed_at_start": each.fixed_at_start,
        }
        for each in world.behaviours.declared.values()
    ]
