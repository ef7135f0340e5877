"""What was asked and answered in a world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from emulator.control.exchange import reply, world_of
from emulator.core.clock import isoformat
from emulator.core.errors import UserError
from emulator.core.journal import BODY_KEPT, Entry

_DEFAULT_LIMIT = 100

Test = Callable[[Entry, str], bool]

# Query parameter: whether an entry passes. All that are given must.
FILTERS: Mapping[str, Test] = {
    "operation": lambda entry, wanted: entry.operation == wanted,
    "vendor": lambda entry, wanted: entry.vendor == wanted,
    "account": lambda entry, wanted: entry.account == wanted,
    "method": lambda entry, wanted: entry.method == wanted.upper(),
    "path": lambda entry, wanted: wanted in entry.path,
    "status": lambda entry, wanted: entry.status == int(wanted),
    "after": lambda entry, wanted: entry.id > int(wanted),
    "matched": lambda entry, wanted: (entry.operation is not None) == (wanted == "true"),
}
_NUMBERS = ("status", "after", "limit")


async def read_journal(request: Request) -> Response:
    """The newest entries that pass the filters, oldest first."""
    journal = world_of(request).journal
    wanted = dict(request.query_params)
    _check(wanted)
    limit = int(wanted.pop("limit", _DEFAULT_LIMIT))
    entries = journal.select(lambda entry: all(FILTERS[name](entry, value) for name, value in wanted.items()), limit)
    return reply({"entries": [describe(entry) for entry in entries], "kept": len(journal)})


async def clear_journal(request: Request) -> Response:
    """Forget the entries; their numbers are not used again."""
    return reply({"cleared": world_of(request).journal.clear()})


def describe(entry: Entry) -> dict[str, Any]:
    """An entry as JSON; a body that is JSON itself is shown as such."""
    return {
        "id": entry.id,
        "at": isoformat(entry.at),
        "method": entry.method,
        "path": entry.path,
        "query": entry.query.decode("latin-1"),
        "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in entry.headers],
        "request": show(entry.request),
        "vendor": entry.vendor,
        "operation": entry.operation,
        "account": entry.account,
        "status": entry.status,
        "response": show(entry.response),
        "duration_ms": round(entry.duration * 1000, 3),
        "hint": entry.hint,
        "notes": entry.notes,
    }


def _check(wanted: Mapping[str, str]) -> None:
    allowed = (*FILTERS, "limit")
    for name, value in wanted.items():
        if name not in allowed:
            raise UserError(f"unknown filter {name!r}; allowed are {', '.join(allowed)}")
        if name in _NUMBERS and not (value.isascii() and value.isdigit() and len(value) < 10):
            raise UserError(f"{name}: {value!r} is no number")
        if name == "matched" and value not in ("true", "false"):
            raise UserError(f"matched: {value!r} is neither true nor false")


def show(body: bytes) -> Any:
    """A body as people read it: JSON as such, else text; None for none."""
    if not body:
        return None
    if len(body) < BODY_KEPT:
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass
    return body.decode("utf-8", "replace")
