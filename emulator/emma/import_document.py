"""An import under way as a durable store keeps it: what is left to do, and how far it came since that was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from emulator.emma.import_rows import NumberedRow

_TOGETHER = 1000


class Progress(Struct):
    """How far it is: `unread` rows at the end have not been read yet, `left` rows that were are still to be saved.

    `at` is the POSIX second of its beginning; `joined` are group ids and how many members each got so far.
    """

    at: int
    unread: int
    left: int
    joined: dict[int, int]
    field_ids: list[int]
    noted: list[str]


class RowsPart(Struct):
    """Neighbouring rows: their numbers, and a JSON array of them as text, because they are what a client wrote."""

    numbers: list[int]
    json: str


class Document(Struct):
    """The whole work. `rows` are those left to save, then those to read."""

    import_id: int
    add_only: bool
    group_ids: list[int]
    criteria: dict[str, Any] | None
    total: int
    progress: Progress
    rows: list[RowsPart]


def write_rows(rows: Iterable[NumberedRow]) -> Iterator[RowsPart]:
    """Rows that are no text become null, as which they are skipped, too."""
    numbered = list(rows)
    for start in range(0, len(numbered), _TOGETHER):
        part = numbered[start : start + _TOGETHER]
        raws = [b"null" if raw is None else bytes(raw) for _, raw in part]
        try:
            text = b",".join(raws).decode()
        except UnicodeDecodeError:
            text = b",".join(raw if _is_text(raw) else b"null" for raw in raws).decode()
        yield RowsPart([number for number, _ in part], f"[{text}]")


def read_rows(parts: Iterable[RowsPart]) -> list[NumberedRow]:
    """Raises ValueError when a part has not as many rows as numbers."""
    rows: list[NumberedRow] = []
    for part in parts:
        raws = msgspec.json.decode(part.json, type=list[msgspec.Raw])
        rows += zip(part.numbers, raws, strict=True)
    return rows


def known_criteria(criteria: Mapping[Any, object] | None) -> dict[str, Any] | None:
    return None if criteria is None else {str(key): value for key, value in criteria.items()}


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
