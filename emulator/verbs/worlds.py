"""The verbs about a world as a whole: ready, reset, seed, behaviours, clock."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from emulator.client import Refused
from emulator.verbs.bar import bar
from emulator.verbs.options import Verbs, call, client
from emulator.verbs.result import NO, Result

if TYPE_CHECKING:
    from emulator.client.scenarios import Loading


def add_verbs(verbs: Verbs) -> None:
    ready = verbs.add("ready", "exit 0 if a running emulator is ready, 1 if not", _ready)
    ready.add_argument("--wait", type=_seconds, default=0.0, metavar="SECONDS", help="how long to wait for it")
    reset = verbs.add("reset", "return a world to its start-up state", _reset)
    reset.add_argument("--scope", action="append", metavar="SCOPE", help="only this; may be repeated")
    seed = verbs.add("seed", "put a world into the state of a scenario", _seed)
    seed.add_argument("scenario", metavar="NAME|FILE")
    behaviours = verbs.add("behaviours", "list or set what the documents leave open", _behaviours)
    behaviours.add_argument("changes", nargs="*", metavar="ID=CHOICE")
    clock = verbs.add("clock", "show or set the time in a world", _clock)
    change = clock.add_mutually_exclusive_group()
    change.add_argument("--set", metavar="MODE[:INSTANT]", help="real, frozen or shifted, from an instant if given")
    change.add_argument("--advance", metavar="DURATION", help="for example 90s, 15m, 2h, 1d or 1d2h30m")
    change.add_argument("--to", metavar="INSTANT", help="for example 2024-05-01T12:00:00Z")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return value


def _ready(given: argparse.Namespace) -> Result:
    # Nothing secret is sent, so whoever answers may.
    given.token = None
    if client(given, insecure=True).wait_until_ready(given.wait):
        return Result({"ready": True, "url": given.url})
    return Result({"ready": False, "url": given.url}, (), NO, trouble=f"nothing is ready at {given.url}")


def _reset(given: argparse.Namespace) -> Result:
    answer = call(given, "POST", "reset", {"scopes": given.scope} if given.scope else {})
    return Result(answer, [f"world {answer['world']}: reset {', '.join(answer['reset'])}"])


def _seed(given: argparse.Namespace) -> Result:
    from emulator.client.scenarios import is_name, loading_by_name
    from emulator.core.scenarios.bundle import SENT

    loading = loading_by_name(given.scenario) if is_name(given.scenario) else _loading_of_file(given.scenario)

    def progress() -> tuple[int, int | None]:
        answer = call(given, "GET", "state/progress")
        return answer["rows"], answer["total"]

    try:
        with bar(progress):
            answer = json.loads(client(given).read(loading.path, loading.method, loading.body))
    except Refused as error:
        # If the emulator has the text only, people know it by its name.
        raise Refused(str(error).replace(SENT, given.scenario, 1)) from None
    return Result(answer, [f"world {answer['world']}: {given.scenario} loaded"])


def _loading_of_file(name: str) -> Loading:
    from emulator.client.scenarios import Loading
    from emulator.core.errors import UserError
    from emulator.core.scenarios.bundle import packed
    from emulator.core.scenarios.scenario_file import scenario_text

    found = scenario_text(name)
    try:
        return Loading("PUT", "state", packed(*found))
    except UserError as error:  # what it says is wrong, not how it was asked for
        raise Refused(str(error)) from None


def _behaviours(given: argparse.Namespace) -> Result:
    from emulator.core.behaviours import read_choice

    changes = dict(read_choice(change) for change in given.changes)
    answer = call(given, "PUT", "behaviours", changes) if changes else call(given, "GET", "behaviours")
    shown = [each for each in answer["behaviours"] if not changes or each["id"] in changes]
    lines = []
    for behaviour in shown:
        others = " ".join(choice for choice in behaviour["choices"] if choice != behaviour["choice"])
        if behaviour["least"] is not None:
            others = f"another number from {behaviour['least']:g}"
        choice = f"{behaviour['id']}={behaviour['choice']}"
        lines.append(f"{choice}  (or {others}; {behaviour['evidence']})  {behaviour['about']}")
    return Result({"behaviours": shown}, lines)


def _clock(given: argparse.Namespace) -> Result:
    if given.set is not None:
        mode, _, at = given.set.partition(":")
        answer = call(given, "PUT", "clock", {"mode": mode, "at": at} if at else {"mode": mode})
    elif given.advance is not None:
        answer = call(given, "POST", "clock/advance", {"by": given.advance})
    elif given.to is not None:
        answer = call(given, "POST", "clock/advance", {"to": given.to})
    else:
        answer = call(given, "GET", "clock")
    return Result(answer, [f"{answer['now']} {answer['mode']}"])
