"""What `emulator snapshot` does with states beside keeping them: compare two, write one into a file."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from urllib.parse import urlencode

from emulator.client import ControlClient
from emulator.core.errors import UserError
from emulator.output import write_bytes

_FORMATS = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("other", nargs="?", metavar="TO", help="diff: up to this one, else up to now")
    parser.add_argument("--limit", type=int, default=200, metavar="NUMBER", help="diff: most lines [default 200]")
    parser.add_argument("--output", metavar="FILE", help="export: into a .json or .yaml file, not to standard output")
    parser.add_argument("--credentials", action="store_true", help="export: with keys and tokens")
    parser.add_argument("--unfinished", choices=("refuse", "fail"), help="export: what becomes of jobs under way")


def diff(given: argparse.Namespace) -> int:
    """A line for each difference; standard output."""
    query = {"from": given.name, "to": given.other, "limit": given.limit}
    answer = ControlClient(given.url, given.world, given.token).call("GET", f"state/diff?{_query(query)}")
    for each in answer["differences"]:
        where = " ".join(each[key] for key in ("vendor", "account") if key in each)
        print(f"{where}: {each['text']}" if where else each["text"])
    if answer["left_out"]:
        print(f"and {answer['left_out']} more; --limit shows them")
    elif not answer["total"]:
        print("nothing changed")
    return 0


def export(given: argparse.Namespace) -> int:
    """The world as it is, or a snapshot, as a scenario."""
    path = None if given.output is None else Path(given.output)
    if path is not None and path.suffix not in _FORMATS:
        raise UserError(f"--output {path}: the name must end in {', '.join(_FORMATS)}, so that it can be loaded again")
    query = {
        "snapshot": given.name,
        "format": None if path is None else _FORMATS[path.suffix],
        "credentials": "include" if given.credentials else None,
        "unfinished": given.unfinished,
    }
    text = ControlClient(given.url, given.world, given.token).read(f"state?{_query(query)}")
    if path is None:
        write_bytes(text)
    else:
        _write(path, text)
        print(f"wrote {path}")
    return 0


def _query(parameters: dict[str, object]) -> str:
    return urlencode({name: value for name, value in parameters.items() if value is not None})


def _write(path: Path, text: bytes) -> None:
    """The file appears whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(text)
        temporary.replace(path)
    except OSError as error:
        raise UserError(f"--output {path}: {error.strerror or error}") from None
    finally:
        temporary.unlink(missing_ok=True)
