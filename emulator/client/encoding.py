"""What is sent, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import PurePath

from emulator.core.errors import UserError


def encoded(value: object) -> bytes:
    """Instants and days are written in ISO 8601; an instant without a zone is UTC. Raises UserError."""
    try:
        return json.dumps(value, default=_plain).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise UserError(f"this can not be sent as JSON: {error}") from None


def setting_of(clock: str | datetime) -> dict[str, object]:
    """A clock as scenarios have it, from `frozen:2024-05-01T12:00:00Z`, or an instant at which it stands still."""
    if isinstance(clock, datetime):
        return {"mode": "frozen", "at": _instant(clock)}
    mode, _, at = clock.partition(":")
    return {"mode": mode, "at": at} if at else {"mode": mode}


def _instant(moment: datetime) -> str:
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).isoformat(timespec="seconds")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return list(value)
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form there; give texts, numbers, lists, objects, dates")
