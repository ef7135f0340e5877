"""The command `emulator`.

Exit codes: 0 done, 1 the emulator said no or is not ready, 2 it was asked wrongly, 130 interrupted.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

from emulator import __version__
from emulator.client import ControlClient, Refused, Unreachable
from emulator.core.errors import UserError
from emulator.output import open_standard_files, unread_output_allowed
from emulator.settings import DEFAULTS, TABLE, flag, read_settings, variable
from emulator.verbs import failures, proof, states

FOUND = "emulator.yaml"
"""The scenario of `start` when none is named, if the working directory has it."""
DEFAULT_URL = "http://127.0.0.1:8025"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code."""
    open_standard_files()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    given = _parser().parse_args(arguments)
    code: int = 0
    try:
        with unread_output_allowed():
            code = given.verb(given)
    except UserError as error:
        print(f"emulator: {error}", file=sys.stderr)
        code = 1 if isinstance(error, Refused | Unreachable) else 2
    except KeyboardInterrupt:
        code = 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="emulator", description="A local stand-in for e-mail-marketing APIs.")
    parser.add_argument("--version", action="version", version=f"emulator {__version__}")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    _add_start(verbs)
    ready = _add_client_verb(verbs, "ready", "exit 0 if a running emulator is ready, 1 if not", _ready)
    ready.add_argument("--wait", type=_seconds, default=0.0, metavar="SECONDS", help="how long to wait for it")
    reset = _add_client_verb(verbs, "reset", "return a world to its start-up state", _reset)
    reset.add_argument("--scope", action="append", metavar="SCOPE", help="only this; may be repeated")
    operations = verbs.add_parser("operations", help="list what is emulated and what is declined")
    operations.set_defaults(verb=_operations)
    scenarios = verbs.add_parser("scenarios", help="list the scenarios that come along")
    scenarios.set_defaults(verb=_scenarios)
    validate = verbs.add_parser("validate", help="say what is wrong with scenarios: file, line and how to mend it")
    validate.add_argument("scenarios", nargs="+", metavar="NAME|FILE")
    validate.set_defaults(verb=_validate)
    seed = _add_client_verb(verbs, "seed", "put a world into the state of a scenario", _seed)
    seed.add_argument("scenario", metavar="NAME|FILE")
    snapshot = _add_client_verb(verbs, "snapshot", "keep states of a world, and return to them", _snapshot)
    snapshot.add_argument("what", choices=("save", "load", "list", "drop", "diff", "export"))
    snapshot.add_argument("name", nargs="?", metavar="NAME", help="diff: from this one, else from the start")
    states.add_arguments(snapshot)
    behaviours = _add_client_verb(verbs, "behaviours", "list or set what the documents leave open", _behaviours)
    behaviours.add_argument("changes", nargs="*", metavar="ID=CHOICE")
    failures.add_verbs(partial(_add_client_verb, verbs))
    clock = _add_client_verb(verbs, "clock", "show or set the time in a world", _clock)
    change = clock.add_mutually_exclusive_group()
    change.add_argument("--set", metavar="MODE[:INSTANT]", help="real, frozen or shifted, from an instant if given")
    change.add_argument("--advance", metavar="DURATION", help="for example 90s, 15m, 2h, 1d or 1d2h30m")
    change.add_argument("--to", metavar="INSTANT", help="for example 2024-05-01T12:00:00Z")
    proof.add_verbs(partial(_add_client_verb, verbs), _call)
    return parser


def _add_start(verbs: argparse._SubParsersAction[_Parser]) -> None:
    start = verbs.add_parser("start", help="serve until stopped")
    for name, setting in TABLE.items():
        default = DEFAULTS[name]
        text = f"{setting.about} [{variable(name)}" + (f", default {default}]" if default not in (None, ()) else "]")
        if setting.switch:
            start.add_argument(flag(name), action="store_true", default=None, help=text)
        else:
            action = "append" if setting.many else "store"
            start.add_argument(flag(name), action=action, metavar=name.upper(), help=text.replace("%", "%%"))
    start.set_defaults(verb=_start)


def _add_client_verb(verbs: argparse._SubParsersAction[_Parser], name: str, about: str, verb: object) -> _Parser:
    parser = verbs.add_parser(name, help=about)
    url = os.environ.get("EMULATOR_URL", DEFAULT_URL)
    parser.add_argument("--url", default=url, help=f"where the emulator runs [EMULATOR_URL, default {DEFAULT_URL}]")
    token = os.environ.get("EMULATOR_CONTROL_TOKEN")
    parser.add_argument("--token", default=token, help="of the control plane, if it has one [EMULATOR_CONTROL_TOKEN]")
    parser.add_argument("--world", default="default", help="which world [default default]")
    parser.set_defaults(verb=verb)
    return parser


def _start(given: argparse.Namespace) -> int:
    # Imported here because the other verbs must not pay for the server.
    from emulator.server import run

    settings = read_settings(vars(given), os.environ)
    if not settings.scenario and Path(FOUND).is_file():
        print(f"emulator: starting with the {FOUND} of this folder; --scenario empty does without", file=sys.stderr)
        settings = replace(settings, scenario=(FOUND,))
    run(settings)
    return 0


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return value


def _ready(given: argparse.Namespace) -> int:
    if ControlClient(given.url, given.world, given.token).wait_until_ready(given.wait):
        return 0
    print(f"emulator: nothing is ready at {given.url}", file=sys.stderr)
    return 1


def _reset(given: argparse.Namespace) -> int:
    answer = _call(given, "POST", "reset", {"scopes": given.scope} if given.scope else {})
    print(f"world {answer['world']}: reset {', '.join(answer['reset'])}")
    return 0


def _operations(given: argparse.Namespace) -> int:
    from emulator.app import make_vendors

    for vendor in make_vendors():
        print(vendor.title)
        for operation in vendor.operations:
            print(f"  {operation.method:<6} {operation.path}  {operation.id}")
        for declined in vendor.declined:
            print(f"  {declined.method:<6} {declined.path}  {declined.id}: not emulated yet, {declined.reason}")
    return 0


def _scenarios(given: argparse.Namespace) -> int:
    from emulator.core.scenario_file import built_in

    for name, file in sorted(built_in().items()):
        print(f"{name}  {_first_comment(file.read_text(encoding='utf-8'))}")
    return 0


def _first_comment(text: str) -> str:
    """What the first lines of a scenario say of it, up to the first full stop."""
    lines = []
    for line in text.splitlines():
        if line.startswith("# yaml-language-server:"):
            continue
        if not line.startswith("# "):
            break
        lines.append(line.removeprefix("# "))
    return " ".join(lines).partition(". ")[0].partition(" (")[0].rstrip(".")


def _validate(given: argparse.Namespace) -> int:
    # Imported here because the other verbs must not pay for the vendors.
    from emulator.app import load_start, make_worlds
    from emulator.settings import Settings

    wrong = 0
    for scenario in given.scenarios:
        settings = Settings(scenario=(scenario,))
        worlds = make_worlds(settings)
        try:
            load_start(worlds, settings)
            accounts = (f"{len(each)} of {vendor}" for vendor, each in worlds.start.accounts.items() if len(each))
            print(f"{scenario}: valid; accounts: {', '.join(accounts) or 'none'}")
        except UserError as error:
            wrong += 1
            print(error)
    return 1 if wrong else 0


def _seed(given: argparse.Namespace) -> int:
    from emulator.core.bundle import SENT, packed
    from emulator.core.scenario_file import scenario_text

    name, text, folder, path = scenario_text(given.scenario)
    try:
        body = packed(name, text, folder, path)
    except UserError as error:
        raise Refused(str(error)) from None
    try:
        answer = _call(given, "PUT", "state", body)
    except Refused as error:
        # If the emulator has the text only, people know it by its name.
        raise Refused(str(error).replace(SENT, name, 1)) from None
    print(f"world {answer['world']}: {given.scenario} loaded")
    return 0


def _snapshot(given: argparse.Namespace) -> int:
    if given.what != "diff" and given.other is not None:
        raise UserError(f"snapshot {given.what}: {given.other!r} is one name too many")
    if given.what == "diff":
        return states.diff(given)
    if given.what == "export":
        return states.export(given)
    if given.what == "list":
        for each in _call(given, "GET", "snapshots")["snapshots"]:
            print(f"{each['name']}  {each['at']}")
        return 0
    if given.name is None:
        raise UserError(f"snapshot {given.what}: name one")
    path = f"snapshots/{quote(given.name, safe='')}"
    if given.what == "load":
        print(f"restored {given.name}; it is {_call(given, 'POST', f'{path}/restore')['now']}")
    else:
        _call(given, "PUT" if given.what == "save" else "DELETE", path)
        print(f"{'saved' if given.what == 'save' else 'dropped'} {given.name}")
    return 0


def _behaviours(given: argparse.Namespace) -> int:
    from emulator.core.behaviours import read_choice

    changes = dict(read_choice(change) for change in given.changes)
    answer = _call(given, "PUT", "behaviours", changes) if changes else _call(given, "GET", "behaviours")
    for behaviour in answer["behaviours"]:
        if not changes or behaviour["id"] in changes:
            others = " ".join(choice for choice in behaviour["choices"] if choice != behaviour["choice"])
            if behaviour["least"] is not None:
                others = f"another number from {behaviour['least']:g}"
            print(
                f"{behaviour['id']}={behaviour['choice']}  (or {others}; {behaviour['evidence']})  {behaviour['about']}"
            )
    return 0


def _clock(given: argparse.Namespace) -> int:
    if given.set is not None:
        mode, _, at = given.set.partition(":")
        answer = _call(given, "PUT", "clock", {"mode": mode, "at": at} if at else {"mode": mode})
    elif given.advance is not None:
        answer = _call(given, "POST", "clock/advance", {"by": given.advance})
    elif given.to is not None:
        answer = _call(given, "POST", "clock/advance", {"to": given.to})
    else:
        answer = _call(given, "GET", "clock")
    print(f"{answer['now']} {answer['mode']}")
    return 0


def _call(given: argparse.Namespace, method: str, path: str, body: object = None) -> Any:
    return ControlClient(given.url, given.world, given.token).call(method, path, body)
