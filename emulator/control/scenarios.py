"""Scenarios that can be loaded by name."""

from __future__ import annotations

import asyncio
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from emulator.control.exchange import reply
from emulator.control.state import load
from emulator.core.scenarios.scenario_folder import available, read_named


async def list_scenarios(request: Request) -> Response:
    """Name, `about` and `source` of each: `built-in`, or `folder` for those of `--scenario-folder`."""
    # In a thread, because a mounted folder may be slow.
    found = await asyncio.to_thread(available, request.app.state.scenario_folder)
    return reply({"scenarios": [each._asdict() for each in found]})


async def load_scenario(request: Request) -> Response:
    """What `PUT /_emulator/state` does, with the scenario of this name."""
    return await load(request, partial(read_named, request.path_params["name"], request.app.state.scenario_folder))
