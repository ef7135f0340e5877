"""The verbs about what was asked and answered: journal, explain, verify, advice."""

from __future__ import annotations

import argparse
import json
import sys
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from emulator.client import Refused
from emulator.core.errors import UserError
from emulator.verbs.options import Verbs, call
from emulator.verbs.result import NO, Line, Result, bad, good, heading

_FILTERS = "for example operation=emma.members.add, status=4xx or body=email=ann@shop.test; docs/journal.md has all"


def add_verbs(verbs: Verbs) -> None:
    journal = verbs.add("journal", "list what was asked and answered", _journal)
    journal.add_argument("filters", nargs="*", metavar="FILTER=VALUE", help=_FILTERS)
    explain = verbs.add("explain", "say why a request got its answer", _explain)
    explain.add_argument("entry", nargs="?", default="last", metavar="last|NUMBER", help="entry [default last]")
    verify = verbs.add("verify", "exit 0 if requests were seen as expected, 1 if not", _verify)
    verify.add_argument("filters", nargs="*", metavar="FILTER=VALUE", help=_FILTERS)
    for name in ("count", "at-least", "at-most"):
        verify.add_argument(f"--{name}", type=int, metavar="N", help=f"{name.replace('-', ' ')} so many")
    verify.add_argument("--file", metavar="FILE", help="a JSON document for POST /_emulator/journal/verify; - is stdin")
    verbs.add("advice", "say what the traffic tells of the integration", _advice)


def _filters(given: argparse.Namespace) -> list[tuple[str, str]]:
    pairs = [each.partition("=") for each in given.filters]
    for name, equals, _ in pairs:
        if not equals:
            raise UserError(f"{name!r} is no filter; write FILTER=VALUE, {_FILTERS}")
    return [(name, value) for name, _, value in pairs]


def _journal(given: argparse.Namespace) -> Result:
    query = urlencode(_filters(given))
    answer = call(given, "GET", f"journal?{query}" if query else "journal")
    return Result(answer, [f"{entry['id']}  {entry['at']}  {_line(entry)}" for entry in answer["entries"]])


def _line(entry: dict[str, Any]) -> str:
    path = f"{entry['path']}?{entry['query']}" if entry["query"] else entry["path"]
    return f"{entry['method']} {path}  {entry['status'] or 'no answer'}  {entry['operation'] or 'no operation'}"


def _explain(given: argparse.Namespace) -> Result:
    entry = call(given, "GET", f"journal/{quote(given.entry, safe='')}")
    explain = entry["explain"]
    lines: list[Line] = [heading(f"entry {entry['id']}  {_line(entry)}")]
    if explain["rule"] is not None:
        lines.append(f"rule: {explain['rule']} ({explain['source']})")
    if explain["refused"] is not None:
        refused = explain["refused"]
        lines.append(f"refused by {refused['by'] or 'the emulator'} ({refused['stage']}): {refused['why']}")
    if entry["hint"] is not None:
        lines.append(f"hint: {entry['hint']}")
    for place, keys in (explain["unread"] or {}).items():
        if keys:
            lines.append(f"nothing reads of the {place}: {', '.join(keys)}")
    lines += [
        f"looked up: {each['id']}={each['choice']} ({each['evidence']}; {each['source']}): {each['about']}"
        for each in explain["behaviours"]
    ]
    lines += [f"note: {note}" for note in entry["notes"]]
    return Result(entry, lines)


def _verify(given: argparse.Namespace) -> Result:
    try:
        answer = call(given, "POST", "journal/verify", _expected(given))
    except Refused as error:
        if error.status != HTTPStatus.BAD_REQUEST:
            raise
        # A question that makes no sense must not look like the answer no.
        raise UserError(f"verify: {error}") from None
    if answer["ok"]:
        return Result(answer, [good("ok")])
    return Result(answer, [bad(line) for line in answer["instead"]], NO)


def _expected(given: argparse.Namespace) -> object:
    counts = {name: getattr(given, name) for name in ("count", "at_least", "at_most")}
    flat = {name: value for name, value in counts.items() if value is not None}
    if given.file is None:
        several: dict[str, Any] = {}
        for name, value in _filters(given):
            several.setdefault(name, []).append(value)
        return several | flat
    if given.filters or flat:
        raise UserError("verify: give filters or --file, not both")
    return _read(given.file)


def _read(name: str) -> object:
    try:
        if name == "-":
            return json.load(sys.stdin)
        with open(name, encoding="utf-8") as file:  # noqa: PTH123 - the name may be a pipe
            return json.load(file)
    except OSError as error:
        raise UserError(f"--file {name}: {error.strerror or error}") from None
    except ValueError as error:
        raise UserError(f"--file {name}: is no JSON: {error}") from None


def _advice(given: argparse.Namespace) -> Result:
    answer = call(given, "GET", "advice")
    lines: list[Line] = []
    for each in answer["advice"]:
        said = f'{each["document"]}: "{each["quote"]}"' if each["quote"] else each["document"]
        lines += [
            (heading(f"{each['kind']}:"), f" {each['text']}"),
            f"  {said}",
            f"  entries {', '.join(map(str, each['entries']))}",
        ]
    return Result(answer, lines or ["nothing to advise"])
