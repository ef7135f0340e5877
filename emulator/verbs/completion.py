"""`emulator completion`: what shells source to complete the command."""

from __future__ import annotations

import argparse
from itertools import chain

from emulator.verbs.environment import ALL
from emulator.verbs.options import Verbs
from emulator.verbs.result import Result

_SHELLS = ("bash", "zsh", "tcsh")
_BASH = """_emulator_scenarios() {{
  compgen -W "{scenarios}" -- "$1"
  compgen -f -- "$1"
}}

_emulator_vendors() {{
  compgen -W "{vendors}" -- "$1"
}}
"""


def add_verbs(verbs: Verbs) -> None:
    completion = verbs.add("completion", "print what a shell sources to complete the command", _completion, talks=False)
    completion.add_argument("shell", choices=_SHELLS)


def _completion(given: argparse.Namespace) -> Result:
    # Imported here because only those pay for it who ask, and the command has this verb.
    import shtab

    from emulator.app import make_vendors
    from emulator.cli import make_parser
    from emulator.core.scenarios.scenario_file import built_in

    parser = make_parser()
    scenarios = " ".join(sorted(built_in()))
    vendors = " ".join([*(vendor.id for vendor in make_vendors()), ALL])
    for action in chain(parser.arguments, *(verb.arguments for verb in parser.verbs.values())):
        found = _completes(action, scenarios, vendors)
        if found is not None:
            vars(action)["complete"] = found
    functions = _BASH.format(scenarios=scenarios, vendors=vendors) if given.shell == "bash" else ""
    script = shtab.complete(parser, given.shell, preamble=functions)
    return Result({"shell": given.shell, "script": script}, script=script.rstrip())


def _completes(action: argparse.Action, scenarios: str, vendors: str) -> dict[str, str] | None:
    """How shells complete an argument, by what it is called."""
    what = str(action.metavar)
    if what in ("NAME|FILE", "SCENARIO"):
        return {"bash": "_emulator_scenarios", "zsh": f"{{_files; compadd -- {scenarios}}}", "tcsh": "f"}
    if what == "VENDOR|all":
        return {"bash": "_emulator_vendors", "zsh": f"({vendors})", "tcsh": f"({vendors})"}
    if what in ("FILE", "READY_FILE"):
        return {"bash": "_shtab_compgen_files", "zsh": "_files", "tcsh": "f"}
    if what.endswith(("DIRECTORY", "FOLDER")):
        return {"bash": "_shtab_compgen_dirs", "zsh": "_files -/", "tcsh": "d"}
    return None
