"""Members from a CSV file: a line of column names, then a line for each member."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from emulator.core.errors import Invalid, UserError, dotted
from emulator.core.scenarios.folder import NamedFile, OutOfReach
from emulator.core.scenarios.scenario_file import ScenarioFile

if TYPE_CHECKING:
    from pydantic import BaseModel

M = TypeVar("M", bound="BaseModel")

_DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')
_BOM = b"\xef\xbb\xbf"
_ENTRIES = re.compile(r"[;|]")
_FIELDS = "fields"
KEY = "members_from"
"""The key of an account that names its CSV file."""
_WHOLE = re.compile(r"-?[0-9]{1,18}")

Reader = Callable[[str], object]


class Sheet:
    """A CSV file that a scenario names; errors name it and the line."""

    def __init__(self, file: NamedFile) -> None:
        self._file = file
        self.name = file.name

    def error(self, line: int, text: str) -> UserError:
        """An error about a line, to be raised."""
        return UserError(f"{self.name}, line {line}: {text}")

    def members(self, model: type[M], fields: Mapping[str, bool]) -> Iterator[tuple[int, M]]:
        """Line and member of each row.

        Columns are keys of the model, in which a list's entries are separated by `;` or `|`, or names of `fields`,
        which say whether they hold lists. An empty cell is as good as none. Raises UserError.
        """
        from emulator.core.scenarios.blocks import column_readers, read_block

        readers: list[tuple[tuple[str, ...], Reader]] = []
        for line, cells in self._rows():
            if not readers:
                known = column_readers(model)
                readers = [self._column(name, known, fields, line) for name in self._header(cells, line)]
                continue
            if len(cells) != len(readers):
                raise self.error(line, f"has {len(cells)} cells, but the first line has {len(readers)}")
            try:
                yield line, read_block(model, _nested(readers, cells))
            except Invalid as problem:
                raise self.error(line, f"{dotted(problem.location)} {problem.reason}".lstrip()) from None
        if not readers:
            raise self.error(1, "is empty; the first line must name the columns")

    def column(self, name: str) -> Iterator[str]:
        """The cells of one column that are not empty, if it has it."""
        position = None
        for _, cells in self._rows():
            if position is None:
                names = self._header(cells, 1)
                if name not in names:
                    return
                position = names.index(name)
            elif len(cells) > position and cells[position].strip():
                yield cells[position].strip()

    def _header(self, cells: list[str], line: int) -> list[str]:
        names = [cell.strip() for cell in cells]
        double = next((name for position, name in enumerate(names) if name in names[:position]), None)
        if double is not None:
            raise self.error(line, f"the column {double!r} is given twice")
        return names

    def _column(
        self, name: str, known: Mapping[str, Reader], fields: Mapping[str, bool], line: int
    ) -> tuple[tuple[str, ...], Reader]:
        """Where the cells of a column belong in a member, and what reads them."""
        if name in known:
            return tuple(name.split(".")), known[name]
        field = name.removeprefix(f"{_FIELDS}.")
        if field in fields:
            return (_FIELDS, field), read_entries if fields[field] else str
        allowed = ", ".join([*known, *(each for each in fields if each not in known)])
        raise self.error(line, f"the column {name!r} is neither a key of a member nor a field; allowed are {allowed}")

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Number of the first line, and cells, of each row that is not blank."""
        # Imported here because a start without a scenario does not need it.
        import csv

        try:
            with self._file.open() as file:
                lines = self._lines(file)
                first = next(lines, "")
                rows = csv.reader(chain([first], lines), delimiter=_delimiter(first), strict=True)
                line = 1
                try:
                    for cells in rows:
                        if any(cells):
                            yield line, cells
                        line = rows.line_num + 1
                except csv.Error as error:
                    raise self.error(line, f"not readable as CSV: {error}") from None
        except OutOfReach as error:
            raise UserError(f"{self.name} {error}") from None
        except OSError as error:
            raise UserError(f"{self.name} can not be read: {error.strerror or error}") from None

    def _lines(self, file: BinaryIO) -> Iterator[str]:
        for number, line in enumerate(file, 1):
            try:
                yield (line.removeprefix(_BOM) if number == 1 else line).decode()
            except UnicodeDecodeError:
                raise self.error(number, "is not in UTF-8; save the file as CSV in UTF-8") from None


def with_sheets(file: ScenarioFile, vendor: str) -> object:
    """A vendor's block in which the names of CSV files, `members_from` of an account, are those files.

    Raises UserError.
    """
    block: Any = file.document[vendor]
    sheets = named_sheets(file, vendor)
    if not sheets:
        return block
    accounts = list(block["accounts"])
    for position, found in sheets:
        accounts[position] = {**accounts[position], KEY: Sheet(found)}
    return {**block, "accounts": accounts}


def named_sheets(file: ScenarioFile, vendor: str) -> list[tuple[int, NamedFile]]:
    """The CSV files that a vendor's block names, each with the position of its account. Raises UserError."""
    block: Any = file.document.get(vendor)
    accounts = block.get("accounts") if isinstance(block, dict) else None
    found = []
    for position, account in enumerate(accounts if isinstance(accounts, list) else ()):
        name = account.get(KEY) if isinstance(account, dict) else None
        if isinstance(name, str) and name:
            try:
                found.append((position, file.folder.find(name, file.path)))
            except OutOfReach as error:
                place = (vendor, "accounts", position, KEY)
                raise file.error(place, f"{dotted(place)}: {name} {error}") from None
    return found


def read_entries(text: str) -> list[str]:
    """The entries of a list in one cell."""
    return [entry.strip() for entry in _ENTRIES.split(text) if entry.strip()]


def read_whole(text: str) -> object:
    """A whole number; any other text stays one, for the model to refuse."""
    return int(text) if _WHOLE.fullmatch(text) else text


def read_truth(text: str) -> object:
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(text.lower(), text)


def _nested(readers: Sequence[tuple[tuple[str, ...], Reader]], cells: Sequence[str]) -> dict[str, Any]:
    """A row as a scenario would have it."""
    found: dict[str, Any] = {}
    for (path, read), cell in zip(readers, cells, strict=True):
        if text := cell.strip():
            place = found
            for key in path[:-1]:
                place = place.setdefault(key, {})
            place[path[-1]] = read(text)
    return found


def _delimiter(header: str) -> str:
    """Whichever sign stands in the first line most often; some spreadsheets write semicolons."""
    plain = _QUOTED.sub("", header)
    return max(_DELIMITERS, key=plain.count)
