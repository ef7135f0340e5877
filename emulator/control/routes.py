"""The table of control endpoints. Each works for one world: prefix `/_world/{name}` or header `X-Emulator-World`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulator.control import (
    ca,
    catalogue,
    clock,
    credentials,
    differences,
    faults,
    health,
    jobs,
    journal,
    limits,
    proof,
    scenarios,
    snapshots,
    state,
    webhooks,
    worlds,
)
from emulator.control.exchange import on_bug, on_client_gone, on_http_error, on_user_error, reply
from emulator.core.call import ClientGone
from emulator.core.errors import UserError


async def index(request: Request) -> Response:
    """The list of these endpoints."""
    endpoints = [
        f"{method} {route.path}" for route in ROUTES for method in sorted(route.methods or ()) if method != "HEAD"
    ]
    return reply({"endpoints": endpoints})


ROUTES = [
    Route("/_emulator", index),
    Route("/_emulator/livez", health.livez),
    Route("/_emulator/readyz", health.readyz),
    Route("/_emulator/ca.pem", ca.certificate),
    Route("/_emulator/version", health.version),
    Route("/_emulator/operations", catalogue.operations),
    Route("/_emulator/credentials", credentials.credentials),
    Route("/_emulator/behaviours", catalogue.behaviours, methods=["GET", "PUT"]),
    Route("/_emulator/worlds", worlds.list_worlds, methods=["GET"]),
    Route("/_emulator/worlds", worlds.create_world, methods=["POST"]),
    Route("/_emulator/worlds/{name}", worlds.drop_world, methods=["DELETE"]),
    Route("/_emulator/reset", worlds.reset, methods=["POST"]),
    Route("/_emulator/state", state.export_state, methods=["GET"]),
    Route("/_emulator/state", state.load_state, methods=["PUT"]),
    Route("/_emulator/state", state.add_accounts, methods=["PATCH"]),
    Route("/_emulator/state/progress", state.progress),
    Route("/_emulator/state/diff", differences.diff),
    Route("/_emulator/scenarios", scenarios.list_scenarios),
    Route("/_emulator/scenarios/{name}/load", scenarios.load_scenario, methods=["POST"]),
    Route("/_emulator/snapshots", snapshots.list_snapshots),
    Route("/_emulator/snapshots/{name}", snapshots.snapshot, methods=["GET", "PUT", "DELETE"]),
    Route("/_emulator/snapshots/{name}/restore", snapshots.restore, methods=["POST"]),
    Route("/_emulator/actions/{vendor}/{action}", worlds.act, methods=["POST"]),
    Route("/_emulator/mail", worlds.mail),
    Route("/_emulator/jobs", jobs.list_jobs),
    Route("/_emulator/jobs/{job}/finish", jobs.finish, methods=["POST"]),
    Route("/_emulator/jobs/{job}/fail", jobs.fail, methods=["POST"]),
    Route("/_emulator/jobs/{job}/hold", jobs.hold, methods=["POST"]),
    Route("/_emulator/jobs/{job}/release", jobs.release, methods=["POST"]),
    Route("/_emulator/webhooks", webhooks.list_deliveries, methods=["GET"]),
    Route("/_emulator/webhooks", webhooks.clear, methods=["DELETE"]),
    Route("/_emulator/webhooks/flush", webhooks.flush, methods=["POST"]),
    Route("/_emulator/webhooks/{delivery}/redeliver", webhooks.redeliver, methods=["POST"]),
    Route("/_emulator/clock", clock.clock, methods=["GET", "PUT"]),
    Route("/_emulator/clock/advance", clock.advance, methods=["POST"]),
    Route("/_emulator/faults", faults.list_faults, methods=["GET"]),
    Route("/_emulator/faults", faults.replace_faults, methods=["PUT"]),
    Route("/_emulator/faults", faults.add_fault, methods=["POST"]),
    Route("/_emulator/faults", faults.clear_faults, methods=["DELETE"]),
    Route("/_emulator/faults/{fault}", faults.drop_fault, methods=["DELETE"]),
    Route("/_emulator/limits", limits.limits, methods=["GET", "PUT"]),
    Route("/_emulator/journal", journal.read_journal, methods=["GET"]),
    Route("/_emulator/journal", journal.clear_journal, methods=["DELETE"]),
    Route("/_emulator/journal/verify", proof.verify_journal, methods=["POST"]),
    Route("/_emulator/journal/wait", proof.wait),
    Route("/_emulator/journal/unmatched", journal.unmatched),
    Route("/_emulator/journal/{entry}", journal.read_entry),
    Route("/_emulator/advice", proof.advice),
]

EXCEPTION_HANDLERS: Mapping[Any, Any] = {
    UserError: on_user_error,
    HTTPException: on_http_error,
    ClientGone: on_client_gone,
    Exception: on_bug,
}
