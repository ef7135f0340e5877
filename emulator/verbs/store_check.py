"""Whether a directory of worlds could be used, found out without changing it."""

from __future__ import annotations

import os
from pathlib import Path

from emulator.core.durable.checkpoint import CheckpointStorage
from emulator.core.durable.log import Damaged, Newer, check_format
from emulator.core.errors import reason_of

_START = "_start.json"
_MEND = "restore the directory from a copy, or name another one"


def store_problem(path: Path) -> str | None:
    """One line, if there is a problem."""
    there = next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())
    if not there.is_dir():
        return f"{there} is no directory; name another one"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"{there} can not be written to; change its owner or mode, or name another one"
    if there != path.absolute():
        return None
    entries = sorted(entry.name for entry in path.iterdir() if entry.name != ".lock")
    if entries and _START not in entries:
        return f"{path} holds something else than worlds, such as {entries[0]}; name an empty one"
    return next((text for name in entries if name.endswith(".json") if (text := _file_problem(path / name))), None)


def _file_problem(file: Path) -> str | None:
    try:
        documents = CheckpointStorage(file).read_raw().get("emulator", [])
        check_format(bytes(documents[0]))
    except Newer as error:
        return f"{file}: a newer emulator wrote it, in format {error.number}; use that one, or name another directory"
    except Damaged as error:
        return f"{file}: {error}; {_MEND}"
    except (OSError, IndexError, ValueError) as error:
        return f"{file} can not be read: {reason_of(error)}; {_MEND}"
    return None
