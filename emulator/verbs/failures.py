"""`emulator faults` and `emulator limits`."""

from __future__ import annotations

import argparse
import json
from typing import Any
from urllib.parse import quote

from emulator.core.errors import UserError
from emulator.verbs.options import Verbs, client
from emulator.verbs.result import Result

_COUNTED = ("id", "calls", "hits")
_WHAT = ("list", "add", "clear")


def add_verbs(verbs: Verbs) -> None:
    faults = verbs.add("faults", "list, add or clear failures on request", _faults)
    faults.add_argument("what", choices=_WHAT, metavar="|".join(_WHAT))
    faults.add_argument(
        "details", nargs="*", metavar="KEY=VALUE|ID", help="add: operation=... status=500 nth=3; clear: only this one"
    )
    limits = verbs.add("limits", "list or set rate limits", _limits)
    limits.add_argument("changes", nargs="*", metavar="VENDOR=on|off|CALLS/SECONDS")


def _faults(given: argparse.Namespace) -> Result:
    control = client(given)
    if given.what == "add":
        if not given.details:
            raise UserError("faults add: say what fails, for example operation=emma.members.add status=500")
        fault = control.call("POST", "faults", dict(_pair(text) for text in given.details))
        return Result(fault, [_line(fault)])
    if given.what == "clear":
        if not given.details:
            answer = control.call("DELETE", "faults")
            return Result(answer, [f"cleared {answer['cleared']}"])
        dropped = [control.call("DELETE", f"faults/{quote(fault, safe='')}")["dropped"] for fault in given.details]
        return Result({"dropped": dropped}, [f"dropped {each}" for each in dropped])
    if given.details:
        raise UserError("faults list takes nothing else")
    listed = control.call("GET", "faults")
    return Result(listed, [_line(fault) for fault in listed["faults"]])


def _limits(given: argparse.Namespace) -> Result:
    control = client(given)
    changes = dict(_change(text) for text in given.changes)
    answer = control.call("PUT", "limits", changes) if changes else control.call("GET", "limits")
    return Result(answer, [_limit(each) for each in answer["limits"]])


def _limit(limit: dict[str, Any]) -> str:
    refused = sum(caller["refused"] for caller in limit["callers"])
    state = "on" if limit["on"] else "off"
    return f"{limit['vendor']}={state}  {limit['calls']} calls in {limit['seconds']:g} s  refused {refused}"


def _line(fault: dict[str, Any]) -> str:
    said = " ".join(f"{key}={_written(value)}" for key, value in fault.items() if key not in _COUNTED)
    return f"{fault['id']}  {fault['hits']} of {fault['calls']} calls  {said}"


def _pair(text: str) -> tuple[str, object]:
    key, equals, value = text.partition("=")
    if not (key and equals and value):
        raise UserError(f"faults add: {text!r}: write it as KEY=VALUE")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _change(text: str) -> tuple[str, object]:
    vendor, _, value = text.partition("=")
    calls, slash, seconds = value.partition("/")
    try:
        if slash:
            return vendor, {"calls": int(calls), "seconds": float(seconds)}
    except ValueError:
        pass
    if vendor and value in ("on", "off"):
        return vendor, value == "on"
    raise UserError(f"limits: {text!r}: write it as VENDOR=on, VENDOR=off or VENDOR=CALLS/SECONDS")
