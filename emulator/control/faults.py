"""Faults: failures that a tester asks for."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from emulator.control.exchange import json_object, json_value, reply, world_of, worlds_of
from emulator.core.errors import Invalid, UserError, dotted
from emulator.core.failures.faults import Armed, Faults
from emulator.core.world import World


async def list_faults(request: Request) -> Response:
    """The faults in the order in which they are looked at, with the calls that matched and those that were hit."""
    return _list(world_of(request))


async def replace_faults(request: Request) -> Response:
    """Put a list of faults, `[{...}]` or `{"faults": [{...}]}`, in place of all; all of it or nothing."""
    from emulator.core.failures.fault_reader import read_faults

    told = await json_value(request)
    if isinstance(told, dict) and told.keys() == {"faults"}:
        told = told["faults"]
    world = world_of(request)
    try:
        world.faults = read_faults(world, told, worlds_of(request).vendors)
    except Invalid as problem:
        raise UserError(_line("faults", problem)) from None
    return _list(world)


async def add_fault(request: Request) -> Response:
    """Add one fault, `{...}`, behind the others; 201."""
    from emulator.core.failures.fault_reader import read_fault

    told = await json_object(request)
    world = world_of(request)
    try:
        fault = read_fault(told, world, world.faults, worlds_of(request).vendors)
    except Invalid as problem:
        raise UserError(_line("", problem)) from None
    return reply(_describe(world.faults.add(fault)), 201)


async def clear_faults(request: Request) -> Response:
    """Forget all faults."""
    world = world_of(request)
    cleared = len(world.faults)
    world.faults = Faults()
    return reply({"cleared": cleared})


async def drop_fault(request: Request) -> Response:
    """Forget one fault."""
    fault_id = request.path_params["fault"]
    world_of(request).faults.drop(fault_id)
    return reply({"dropped": fault_id})


def _list(world: World) -> Response:
    return reply({"faults": [_describe(armed) for armed in world.faults]})


def _describe(armed: Armed) -> dict[str, Any]:
    fault = armed.fault
    return {
        **fault.shown(),
        "id": fault.id,
        "when": "after" if fault.effect.after else "before",
        "calls": armed.calls,
        "hits": armed.hits,
    }


def _line(start: str, problem: Invalid) -> str:
    location = (start, *problem.location) if start else problem.location
    return f"{dotted(location) or 'the fault'} {problem.reason}"
