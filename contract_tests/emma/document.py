"""The documents' samples as data, and their known inconsistencies."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, NamedTuple

import yaml

_HERE = Path(__file__).parent
_ABSENT = "<absent>"


class Exchange(NamedTuple):
    """A request and the answer that is printed for it; the status is always 200."""

    id: str
    source: str
    method: str
    path: str
    body: Any
    answer: Any


class Inconsistency(NamedTuple):
    """Places in printed answers where another value is right: by exchange, value by path."""

    id: str
    reason: str
    instead: dict[str, dict[str, Any]]
    as_printed_with: dict[str, str]


def expected(exchange: Exchange) -> Any:
    """The printed answer, without its inconsistencies."""
    answer = copy.deepcopy(exchange.answer)
    for exception in EXCEPTIONS:
        for path, value in exception.instead.get(exchange.id, {}).items():
            answer = _with(answer, path, value)
    return answer


def _with(answer: Any, path: str, value: Any) -> Any:
    if path == "":
        return value
    *parents, last = path.split(".")
    place = answer
    for key in parents:
        place = place[int(key)] if isinstance(place, list) else place[key]
    if value == _ABSENT:
        del place[last]
    else:
        place[last] = value
    return answer


def _read_exchange(entry: dict[str, Any]) -> Exchange:
    method, path = entry["request"].split()
    return Exchange(entry["id"], entry["source"], method, path, entry.get("body"), entry["answer"])


EXCHANGES = [_read_exchange(entry) for entry in yaml.safe_load((_HERE / "exchanges.yaml").read_text())]
EXCEPTIONS = [
    Inconsistency(entry["id"], entry["reason"], entry["instead"], entry.get("as_printed_with", {}))
    for entry in yaml.safe_load((_HERE / "exceptions.yaml").read_text())
]
