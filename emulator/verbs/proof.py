"""The verbs about what was asked and answered: journal, explain, verify, advice."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

from emulator.core.errors import UserError

# Name, help and function of a verb to its parser; method, path and body of a control request to its answer.
AddVerb = Callable[[str, str, object], argparse.ArgumentParser]
Call = Callable[..., Any]

_FILTERS = "for example operation=emma.members.add, status=4xx or body=email=ann@shop.test; docs/journal.md has all"


def add_verbs(add: AddVerb, call: Call) -> None:
    """Declare the verbs."""
    journal = add("journal", "list what was asked and answered", lambda given: _journal(given, call))
    journal.add_argument("filters", nargs="*", metavar="FILTER=VALUE", help=_FILTERS)
    explain = add("explain", "say why a request got its answer", lambda given: _explain(given, call))
    explain.add_argument("entry", nargs="?", default="last", metavar="last|NUMBER", help="entry [default last]")
    verify = add("verify", "exit 0 if requests were seen as expected, 1 if not", lambda given: _verify(given, call))
    verify.add_argument("filters", nargs="*", metavar="FILTER=VALUE", help=_FILTERS)
    for name in ("count", "at-least", "at-most"):
        verify.add_argument(f"--{name}", type=int, metavar="N", help=f"{name.replace('-', ' ')} so many")
    verify.add_argument("--file", metavar="FILE", help="a JSON document for POST /_emulator/journal/verify; - is stdin")
    add("advice", "say what the traffic tells of the integration", lambda given: _advice(given, call))


def _filters(given: argparse.Namespace) -> list[tuple[str, str]]:
    pairs = [each.partition("=") for each in given.filters]
    for name, equals, _ in pairs:
        if not equals:
            raise UserError(f"{name!r} is no filter; write FILTER=VALUE, {_FILTERS}")
    return [(name, value) for name, _, value in pairs]


def _journal(given: argparse.Namespace, call: Call) -> int:
    query = urlencode(_filters(given))
    for entry in call(given, "GET", f"journal?{query}" if query else "journal")["entries"]:
        print(f"{entry['id']}  {entry['at']}  {_line(entry)}")
    return 0


def _line(entry: dict[str, Any]) -> str:
    path = f"{entry['path']}?{entry['query']}" if entry["query"] else entry["path"]
    return f"{entry['method']} {path}  {entry['status'] or 'no answer'}  {entry['operation'] or 'no operation'}"


def _explain(given: argparse.Namespace, call: Call) -> int:
    entry = call(given, "GET", f"journal/{quote(given.entry, safe='')}")
    explain = entry["explain"]
    print(f"entry {entry['id']}  {_line(entry)}")
    if explain["rule"] is not None:
        print(f"rule: {explain['rule']} ({explain['source']})")
    if explain["refused"] is not None:
        refused = explain["refused"]
        print(f"refused by {refused['by'] or 'the emulator'} ({refused['stage']}): {refused['why']}")
    if entry["hint"] is not None:
        print(f"hint: {entry['hint']}")
    for place, keys in (explain["unread"] or {}).items():
        if keys:
            print(f"nothing reads of the {place}: {', '.join(keys)}")
    for each in explain["behaviours"]:
        print(f"looked up: {each['id']}={each['choice']} ({each['evidence']}; {each['source']}): {each['about']}")
    for note in entry["notes"]:
        print(f"note: {note}")
    return 0


def _verify(given: argparse.Namespace, call: Call) -> int:
    counts = {name: getattr(given, name) for name in ("count", "at_least", "at_most")}
    flat = {name: value for name, value in counts.items() if value is not None}
    if given.file is None:
        several: dict[str, Any] = {}
        for name, value in _filters(given):
            several.setdefault(name, []).append(value)
        document: object = several | flat
    elif given.filters or flat:
        raise UserError("verify: give filters or --file, not both")
    else:
        document = _read(given.file)
    answer = call(given, "POST", "journal/verify", document)
    if answer["ok"]:
        print("ok")
        return 0
    print("\n".join(answer["instead"]))
    return 1


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


def _advice(given: argparse.Namespace, call: Call) -> int:
    findings = call(given, "GET", "advice")["advice"]
    for each in findings:
        said = f'{each["document"]}: "{each["quote"]}"' if each["quote"] else each["document"]
        print(f"{each['kind']}: {each['text']}\n  {said}\n  entries {', '.join(map(str, each['entries']))}")
    if not findings:
        print("nothing to advise")
    return 0
