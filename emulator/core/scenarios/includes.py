"""Scenarios that include others: all files in the order in which they are loaded."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from emulator.core.errors import UserError
from emulator.core.scenarios.folder import OutOfReach
from emulator.core.scenarios.scenario_file import ScenarioFile, names_file, read_built_in

_DEEPEST = 20


def with_includes(files: Sequence[ScenarioFile]) -> list[ScenarioFile]:
    """The files, each after what it includes; what is included again is there already.

    Raises UserError, which names the file that includes and the line.
    """
    found: dict[str, ScenarioFile] = {}
    for file in files:
        _collect(file, (), found)
    return list(found.values())


def included(file: ScenarioFile) -> list[ScenarioFile]:
    """What a file itself includes. Raises UserError."""
    entries = file.document.get("include")
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise file.error(("include",), "include must be a list of files or names of built-in scenarios")
    return [_read(file, entry, position) for position, entry in enumerate(entries)]


def _collect(file: ScenarioFile, above: tuple[str, ...], found: dict[str, ScenarioFile]) -> None:
    key = posixpath.normpath(file.name)
    inside = (*above, key)
    for position, each in enumerate(included(file)):
        place = ("include", position)
        name = posixpath.normpath(each.name)
        if name in inside:
            circle = " -> ".join((*inside[inside.index(name) :], name))
            raise file.error(place, f"include[{position}] goes in a circle: {circle}")
        if len(inside) > _DEEPEST:
            raise file.error(place, f"include[{position}] is nested too deeply, more than {_DEEPEST} files")
        if name not in found:
            _collect(each, inside, found)
    # Given twice at the top, a file is loaded twice, and then says that its accounts are declared twice.
    found[key if above or key not in found else f"{key} again {len(found)}"] = file


def _read(file: ScenarioFile, entry: object, position: int) -> ScenarioFile:
    place = ("include", position)
    if not isinstance(entry, str) or not entry:
        raise file.error(place, f"include[{position}] must be a file or the name of a built-in scenario")
    if not names_file(entry):
        try:
            return read_built_in(entry)
        except UserError as error:
            raise file.error(place, f"include[{position}]: {error}") from None
    try:
        found = file.folder.find(entry, file.path)
        return ScenarioFile(found.name, found.read(), found.folder, found.path)
    except OutOfReach as error:
        raise file.error(place, f"include[{position}]: {entry} {error}") from None
