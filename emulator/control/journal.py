"""What was asked and answered in a world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from emulator.control.exchange import reply, world_of, worlds_of
from emulator.control.filters import DEFAULT_LIMIT, doubts, read_filters
from emulator.core.clock import isoformat
from emulator.core.errors import UnknownName
from emulator.core.journal import Entry, visible
from emulator.core.proof.criteria import number
from emulator.core.proof.explain import nearest
from emulator.core.proof.explanation import explain_entry, routes_of
from emulator.core.routing import Route
from emulator.core.slices import Slices, run_slices
from emulator.core.vendor import Vendor
from emulator.core.world import World


async def read_journal(request: Request) -> Response:
    """The newest entries that pass the filters, oldest first."""
    world, vendors = world_of(request), worlds_of(request).vendors
    limit, criteria = read_filters(request, vendors)
    journal = world.journal
    kept, crowded_out = len(journal), journal.crowded_out
    entries = await run_slices(journal.select(criteria.match, limit))
    shown = await run_slices(_show_all(entries, world, routes_of(vendors)))
    answer = {"entries": shown, "kept": kept, "crowded_out": crowded_out}
    doubtful = [] if entries else doubts(criteria, world, vendors)
    return reply(answer | {"doubts": doubtful} if doubtful else answer)


async def read_entry(request: Request) -> Response:
    """One entry by its number, or the `last` one."""
    world = world_of(request)
    name = request.path_params["entry"]
    wanted = None if name == "last" else number("entry", name)
    found = await run_slices(world.journal.select(lambda entry: entry.over and wanted in (None, entry.id), 1))
    if not found:
        raise UnknownName(f"the journal has no entry {name}; GET /_emulator/journal lists them")
    routes = routes_of(worlds_of(request).vendors)
    return reply(describe(found[0]) | {"explain": explain_entry(found[0], world, routes)})


async def unmatched(request: Request) -> Response:
    """The requests that met no operation, with those that come closest."""
    return reply({"unmatched": await run_slices(_unmatched(world_of(request), worlds_of(request).vendors))})


async def clear_journal(request: Request) -> Response:
    """Forget the entries; their numbers are not used again."""
    return reply({"cleared": world_of(request).journal.clear()})


def describe(entry: Entry) -> dict[str, Any]:
    """An entry as JSON; a body that is JSON itself is shown as such. Of one that was cut, `_cut` is its true size."""
    entry = visible(entry)
    return {
        "id": entry.id,
        "at": isoformat(entry.at),
        "method": entry.method,
        "path": entry.path,
        "query": entry.query.decode("latin-1"),
        "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in entry.headers],
        "request": show(entry.request, whole=not entry.request_cut),
        "request_cut": entry.request_cut or None,
        "vendor": entry.vendor,
        "operation": entry.operation,
        "account": entry.account,
        "status": entry.status,
        "response": show(entry.response, whole=not entry.response_cut),
        "response_cut": entry.response_cut or None,
        "duration_ms": round(entry.duration * 1000, 3),
        "hint": entry.hint,
        "notes": entry.notes,
    }


def _show_all(
    entries: Sequence[Entry], world: World, routes: Mapping[str, tuple[Vendor, Route]]
) -> Slices[list[dict[str, Any]]]:
    shown = []
    for entry in entries:
        shown.append(describe(entry) | {"explain": explain_entry(entry, world, routes)})
        yield
    return shown


def _unmatched(world: World, vendors: Sequence[Vendor]) -> Slices[list[dict[str, Any]]]:
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in (yield from world.journal.closed()):
        if entry.operation is None:
            groups.setdefault((entry.method, entry.path), []).append(entry)
    rows = []
    for (method, path), entries in list(groups.items())[-DEFAULT_LIMIT:]:
        owner = [vendor for vendor in vendors if vendor.id == entries[-1].vendor] or vendors
        segments = [unquote(segment) for segment in path[1:].split("/")]
        near = nearest(owner, world, method, segments)
        ids = [entry.id for entry in entries]
        rows.append({"method": method, "path": path, "times": len(ids), "entries": ids[-20:], "nearest": near})
        yield
    return rows


def show(body: bytes, *, whole: bool = True) -> Any:
    """A body as people read it: JSON as such, else text; None for none."""
    if not body:
        return None
    if whole:
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass
    return body.decode("utf-8", "replace")
