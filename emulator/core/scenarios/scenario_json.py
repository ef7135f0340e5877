"""Scenarios in JSON: most of it is YAML, but not long keys and numbers such as 1e16; and this is quicker."""

from __future__ import annotations

import json
import re
from typing import Any

# Left where no pair is; no text that can be answered has half a character.
_HALF_A_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")


def read_json(text: bytes) -> dict[str, object] | None:
    """The document; None if it is no JSON, or none that a scenario may be, so that another reader says why."""
    if text.lstrip()[:1] != b"{" or _HALF_A_CHARACTER.search(text):
        return None
    try:
        document = json.loads(text.decode(), object_pairs_hook=_without_doubles, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a key is given twice")
    return values


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
