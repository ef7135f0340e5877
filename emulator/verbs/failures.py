"""`emulator faults` and `emulator limits`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from emulator.client import ControlClient
from emulator.core.errors import UserError

AddVerb = Callable[[str, str, Callable[[argparse.Namespace], int]], argparse.ArgumentParser]

_COUNTED = ("id", "calls", "hits")


def add_verbs(add: AddVerb) -> None:
    """Tell the command of these verbs; `add` makes one that talks to a running emulator."""
    faults = add("faults", "list, add or clear failures on request", _faults)
    faults.add_argument("what", choices=("list", "add", "clear"))
    faults.add_argument(
        "details", nargs="*", metavar="KEY=VALUE|ID", help="add: operation=... status=500 nth=3; clear: only this one"
    )
    limits = add("limits", "list or set rate limits", _limits)
    limits.add_argument("changes", nargs="*", metavar="VENDOR=on|off|CALLS/SECONDS")


def _faults(given: argparse.Namespace) -> int:
    call = ControlClient(given.url, given.world, given.token).call
    if given.what == "add":
        if not given.details:
            raise UserError("faults add: say what fails, for example operation=emma.members.add status=500")
        print(_line(call("POST", "faults", dict(_pair(text) for text in given.details))))
    elif given.what == "clear":
        for fault in given.details:
            print(f"dropped {call('DELETE', f'faults/{quote(fault)}')['dropped']}")
        if not given.details:
            print(f"cleared {call('DELETE', 'faults')['cleared']}")
    elif given.details:
        raise UserError("faults list takes nothing else")
    else:
        for fault in call("GET", "faults")["faults"]:
            print(_line(fault))
    return 0


def _limits(given: argparse.Namespace) -> int:
    call = ControlClient(given.url, given.world, given.token).call
    changes = dict(_change(text) for text in given.changes)
    answer = call("PUT", "limits", changes) if changes else call("GET", "limits")
    for each in answer["limits"]:
        refused = sum(caller["refused"] for caller in each["callers"])
        state = "on" if each["on"] else "off"
        print(f"{each['vendor']}={state}  {each['calls']} calls in {each['seconds']:g} s  refused {refused}")
    return 0


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
