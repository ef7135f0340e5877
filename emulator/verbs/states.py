"""`emulator snapshot`: keep states of a world, return to them, compare two, write one into a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from urllib.parse import quote, urlencode

from emulator.core.errors import UserError
from emulator.core.whole_file import EVERYBODY, OWNER, write_whole
from emulator.verbs.options import Verbs, call, client
from emulator.verbs.result import Result

_FORMATS = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}
_WHAT = ("save", "load", "list", "drop", "diff", "export")


def add_verbs(verbs: Verbs) -> None:
    parser = verbs.add("snapshot", "keep states of a world, and return to them", _snapshot)
    parser.add_argument("what", choices=_WHAT, metavar="|".join(_WHAT))
    parser.add_argument("name", nargs="?", metavar="NAME", help="diff: from this one, else from the start")
    parser.add_argument("other", nargs="?", metavar="TO", help="diff: up to this one, else up to now")
    parser.add_argument("--limit", type=int, default=200, metavar="NUMBER", help="diff: most lines [default 200]")
    parser.add_argument("--output", metavar="FILE", help="export: into a .json or .yaml file, not to standard output")
    parser.add_argument("--credentials", action="store_true", help="export: with keys and tokens")
    parser.add_argument("--unfinished", choices=("refuse", "fail"), help="export: what becomes of jobs under way")


def _snapshot(given: argparse.Namespace) -> Result:
    if given.what == "diff":
        return _diff(given)
    if given.other is not None:
        raise UserError(f"snapshot {given.what}: {given.other!r} is one name too many")
    if given.what == "export":
        return _export(given)
    if given.what == "list":
        answer = call(given, "GET", "snapshots")
        return Result(answer, [f"{each['name']}  {each['at']}" for each in answer["snapshots"]])
    if given.name is None:
        raise UserError(f"snapshot {given.what}: name one")
    path = f"snapshots/{quote(given.name, safe='')}"
    if given.what == "load":
        answer = call(given, "POST", f"{path}/restore")
        return Result(answer, [f"restored {given.name}; it is {answer['now']}"])
    answer = call(given, "PUT" if given.what == "save" else "DELETE", path)
    return Result(answer, [f"{'saved' if given.what == 'save' else 'dropped'} {given.name}"])


def _diff(given: argparse.Namespace) -> Result:
    query = {"from": given.name, "to": given.other, "limit": given.limit}
    answer = call(given, "GET", f"state/diff?{_query(query)}")
    lines = []
    for each in answer["differences"]:
        where = " ".join(each[key] for key in ("vendor", "account") if key in each)
        lines.append(f"{where}: {each['text']}" if where else each["text"])
    if answer["left_out"]:
        lines.append(f"and {answer['left_out']} more; --limit shows them")
    elif not answer["total"]:
        lines.append("nothing changed")
    return Result(answer, lines)


def _export(given: argparse.Namespace) -> Result:
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
    text = client(given).read(f"state?{_query(query)}")
    if path is None:
        return Result(raw=text)
    try:
        write_whole(path, text, OWNER if given.credentials else EVERYBODY)
    except OSError as error:
        raise UserError(f"--output {path}: {error.strerror or error}") from None
    return Result({"wrote": str(path)}, [f"wrote {path}"])


def _query(parameters: dict[str, object]) -> str:
    return urlencode({name: value for name, value in parameters.items() if value is not None})
