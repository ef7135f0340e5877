"""Scenarios by name: those that come along, and those in a folder that people keep.

The folder is looked at anew each time, because it may change while the emulator runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from emulator.core.errors import Conflict, UnknownName, UserError
from emulator.core.names import is_name
from emulator.core.scenarios.folder import DiskFolder, OutOfReach
from emulator.core.scenarios.scenario_file import (
    SUFFIXES,
    ScenarioFile,
    built_in,
    names_file,
    read_built_in,
    read_scenario,
)

_BEGINNING = 4096  # bytes, enough for the first comment


class Listed(NamedTuple):
    """A scenario that can be loaded by its name."""

    name: str
    about: str
    """Its first comment, up to the first full stop."""
    source: str
    """`built-in` or `folder`."""


def available(folder: str | None) -> list[Listed]:
    """What can be loaded by name, in this order. Raises UserError when the folder can not be read."""
    found = []
    for name, entry in built_in().items():
        with entry.open("rb") as file:
            found.append(Listed(name, _about(file.read(_BEGINNING)), "built-in"))
    if folder is not None:
        disk = DiskFolder(Path(folder))
        for name, file_name in _entries(folder):
            try:
                with disk.open(file_name) as file:
                    found.append(Listed(name, _about(file.read(_BEGINNING)), "folder"))
            except OutOfReach:  # loading it says why
                continue
    return sorted(found)


def refuse_doubles(folder: str | None) -> None:
    """Raise UserError when a name in the folder means two scenarios, or when there is no such folder."""
    if folder is None:
        return
    for name, _ in _entries(folder):
        _file_name(name, folder)


def read_named(name: str, folder: str | None) -> ScenarioFile:
    """The scenario of this name. Raises UserError; nothing outside of the folder is read."""
    if not is_name(name):
        raise UserError(
            f"scenario {name!r}: a name has 1 to 64 letters, digits, dots, dashes and underscores and begins with a "
            "letter or digit"
        )
    file_name = None if folder is None else _file_name(name, folder)
    if folder is None or file_name is None:
        if name in built_in():
            return read_built_in(name)
        known = ", ".join(sorted({each.name for each in available(folder)}))
        raise UnknownName(f"scenario {name!r} is unknown; name one of {known}")
    disk = DiskFolder(Path(folder))
    try:
        file = disk.find(file_name)
        return ScenarioFile(file.name, file.read(), disk, file.path)
    except OutOfReach as error:
        raise UserError(f"scenario {name!r}: {disk.shown(file_name)} {error}") from None


def read_reference(reference: str, folder: str | None) -> ScenarioFile:
    """What people name on the command line: a file, or a scenario by its name. Raises UserError."""
    if folder is None or names_file(reference) or not is_name(reference):
        return read_scenario(reference)
    return read_named(reference, folder)


def _file_name(name: str, folder: str) -> str | None:
    """The file of this name. Raises Conflict when the name means more than that."""
    files = [file_name for each, file_name in _entries(folder) if each == name]
    if not files:
        return None
    others = [*files[1:], *(["the scenario that comes along"] if name in built_in() else [])]
    if others:
        raise Conflict(f"scenario folder {folder}: {files[0]} and {others[0]} are both called {name!r}; rename a file")
    return files[0]


def _entries(folder: str) -> Iterator[tuple[str, str]]:
    """Name and file name of what looks like a scenario."""
    try:
        files = sorted(entry.name for entry in Path(folder).iterdir())
    except OSError as error:
        raise UserError(
            f"scenario folder {folder}: {error.strerror or error}; name one with --scenario-folder"
        ) from None
    for file_name in files:
        suffix = Path(file_name).suffix
        name = file_name.removesuffix(suffix)
        if suffix in SUFFIXES and is_name(name):
            yield name, file_name


def _about(beginning: bytes) -> str:
    lines = []
    for line in beginning.decode(errors="replace").splitlines():
        if line.startswith("# yaml-language-server:"):
            continue
        if not line.startswith("# "):
            break
        lines.append(line.removeprefix("# "))
    return " ".join(lines).partition(". ")[0].partition(" (")[0].rstrip(".")
