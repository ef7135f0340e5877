"""Neighbouring rows, with the columns that conditions have read from them.

Rows lie scattered in memory, and fetching them costs more than comparing their values; columns lie together
(measured in benchmarks/).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Generic

from emulator.core.store.table import Column, R, Scan

_BETWEEN = "\n"  # rarely in a value; where it is, nothing but speed is lost


class Chunk(Generic[R]):
    """Rows that do not change any more: when one does, the table makes a new chunk."""

    __slots__ = ("_columns", "_rows", "_texts")

    def __init__(self, rows: Sequence[R]) -> None:
        self._rows = rows
        self._columns: dict[Hashable, list[Any]] = {}
        self._texts: dict[Hashable, str] = {}

    def scan(self, scan: Scan[R]) -> list[R]:
        if scan.needles and not self._may_match(scan):
            return []
        return scan.pick(self._rows, *map(self._column, scan.columns))

    def _column(self, column: Column[R]) -> list[Any]:
        values = self._columns.get(column.key)
        if values is None:
            values = self._columns[column.key] = column.read(self._rows)
        return values

    def _text(self, column: Column[R]) -> str:
        text = self._texts.get(column.key)
        if text is None:
            values = self._column(column)
            text = self._texts[column.key] = _BETWEEN.join(values)
            # New copies of the values lie side by side, which makes comparing them a third quicker.
            copies = text.split(_BETWEEN)
            if len(copies) == len(values):
                self._columns[column.key] = copies
        return text

    def _may_match(self, scan: Scan[R]) -> bool:
        occurs = (needle in self._text(scan.columns[number]) for number, needle in scan.needles)
        return all(occurs) if scan.needs_all else any(occurs)
