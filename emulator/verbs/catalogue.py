"""The verbs that need no running emulator: operations, scenarios, validate."""

from __future__ import annotations

import argparse
import os
from typing import Any

from emulator.core.errors import UserError
from emulator.settings import Settings, flag, read_settings, variable
from emulator.verbs.options import Verbs
from emulator.verbs.result import DONE, NO, Line, Result, bad, good, heading


def add_verbs(verbs: Verbs) -> None:
    verbs.add("operations", "list what is emulated and what is declined", _operations, talks=False)
    scenarios = verbs.add("scenarios", "list the scenarios that can be named", _scenarios, talks=False)
    about = "say what is wrong with scenarios: file, line and how to mend it"
    validate = verbs.add("validate", about, _validate, talks=False)
    validate.add_argument("scenarios", nargs="+", metavar="NAME|FILE")
    for parser in (scenarios, validate):
        about = f"with those in it, too [{variable('scenario_folder')}]"
        parser.add_argument(flag("scenario_folder"), metavar="DIRECTORY", help=about)


def _operations(given: argparse.Namespace) -> Result:
    from emulator.app import make_vendors

    value = []
    lines: list[Line] = []
    for vendor in make_vendors():
        lines.append(heading(vendor.title))
        served = [{"id": each.id, "method": each.method, "path": each.path} for each in vendor.operations]
        declined = [
            {"id": each.id, "method": each.method, "path": each.path, "reason": each.reason} for each in vendor.declined
        ]
        lines += [f"  {each['method']:<6} {each['path']}  {each['id']}" for each in served]
        lines += [
            f"  {each['method']:<6} {each['path']}  {each['id']}: not emulated yet, {each['reason']}"
            for each in declined
        ]
        value.append({"vendor": vendor.id, "title": vendor.title, "served": served, "declined": declined})
    return Result({"vendors": value}, lines)


def _scenarios(given: argparse.Namespace) -> Result:
    from emulator.core.scenarios.scenario_folder import available, refuse_doubles

    folder = _folder(given)
    refuse_doubles(folder)
    found = [each._asdict() for each in available(folder)]
    return Result({"scenarios": found}, [f"{each['name']}  {each['about']}" for each in found])


def _folder(given: argparse.Namespace) -> str | None:
    settings = read_settings({"scenario_folder": given.scenario_folder}, os.environ)
    return settings.scenario_folder


def _validate(given: argparse.Namespace) -> Result:
    found = [_looked_at(scenario, _folder(given)) for scenario in given.scenarios]
    code = DONE if all(each["valid"] for each in found) else NO
    return Result({"scenarios": found}, [_verdict(each) for each in found], code)


def _verdict(found: dict[str, Any]) -> Line:
    if not found["valid"]:
        return bad(found["error"])
    accounts = [f"{count} of {vendor}" for vendor, count in found["accounts"].items() if count]
    return found["scenario"] + ": ", good("valid"), f"; accounts: {', '.join(accounts) or 'none'}"


def _looked_at(scenario: str, folder: str | None) -> dict[str, Any]:
    # Imported here because the other verbs must not pay for the vendors.
    from emulator.app import load_start, make_worlds

    settings = Settings(scenario=(scenario,), scenario_folder=folder)
    worlds = make_worlds(settings)
    try:
        load_start(worlds, settings)
    except UserError as error:
        return {"scenario": scenario, "valid": False, "error": str(error)}
    accounts = {vendor: len(each) for vendor, each in worlds.start.accounts.items()}
    return {"scenario": scenario, "valid": True, "accounts": accounts}
