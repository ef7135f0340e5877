"""`emulator completion`: what shells source to complete the command."""

from __future__ import annotations

import argparse
from itertools import chain
from typing import Any

from emulator.verbs.options import Verbs
from emulator.verbs.result import Result

_SHELLS = ("bash", "zsh", "tcsh")
_FILES = {"bash": "_shtab_compgen_files", "zsh": "_files", "tcsh": "f"}


def add_verbs(verbs: Verbs) -> None:
    completion = verbs.add("completion", "print what a shell sources to complete the command", _completion, talks=False)
    completion.add_argument("shell", choices=_SHELLS)


def _completion(given: argparse.Namespace) -> Result:
    # Imported here because only those pay for it who ask, and the command has this verb.
    import shtab

    from emulator.cli import make_parser
    from emulator.core.scenario_file import built_in

    parser = make_parser()
    names = sorted(built_in())
    for action in chain(parser.arguments, *(verb.arguments for verb in parser.verbs.values())):
        found = _completes(action, names)
        if found is not None:
            vars(action)["complete"] = found
    script = shtab.complete(parser, given.shell, preamble=_in_bash(names) if given.shell == "bash" else "")
    return Result({"shell": given.shell, "script": script}, script.rstrip().splitlines())


def _completes(action: argparse.Action, names: list[str]) -> dict[str, Any] | None:
    """How shells complete an argument, by what it is called."""
    what = str(action.metavar)
    if what in ("NAME|FILE", "SCENARIO"):
        zsh = f"{{_files; compadd -- {' '.join(names)}}}"
        return {"bash": "_emulator_scenarios", "zsh": zsh, "tcsh": "f"}
    if what in ("FILE", "READY_FILE"):
        return dict(_FILES)
    if what.endswith(("DIRECTORY", "FOLDER")):
        return {"bash": "_shtab_compgen_dirs", "zsh": "_files -/", "tcsh": "d"}
    return None


def _in_bash(names: list[str]) -> str:
    return f"""_emulator_scenarios() {{
  compgen -W "{" ".join(names)}" -- "$1"
  compgen -f -- "$1"
}}
"""
