"""The command `emulator`: which verbs it has, what they print and how they end.

A verb computes a result; `main` prints it, for people or as JSON. Exit codes are those of `verbs/result.py`.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from emulator import __version__
from emulator.client import Refused, Unreachable
from emulator.core.errors import UserError
from emulator.output import open_standard_files, print_error, print_result, unread_output_allowed
from emulator.verbs import start
from emulator.verbs.options import Misused, Parser, Verbs, complete
from emulator.verbs.result import INTERRUPTED, NO, NOBODY, WRONG


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    open_standard_files()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return _run(arguments)
    except UserError as error:
        command = error.command if isinstance(error, Misused) else "emulator"
        # Looked for like this, because a parser that fails has told nothing.
        print_error(command, str(error), as_json="--json" in arguments)
        return NOBODY if isinstance(error, Unreachable) else NO if isinstance(error, Refused) else WRONG
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(arguments: Sequence[str]) -> int:
    with unread_output_allowed():
        # How soon it answers matters, so a start does not pay for the other verbs.
        parser = _parser_of(start) if arguments[:1] == ["start"] else make_parser()
        given = parser.parse_args(arguments)
        given.json = "json" in given
        complete(given, os.environ)
        result = given.verb(given)
        print_result(result, as_json=given.json)
    code: int = result.code
    return code


def make_parser() -> Parser:
    """The command line as it can be written."""
    from emulator.verbs import catalogue, completion, doctor, environment, failures, proof, states, worlds

    return _parser_of(start, worlds, environment, catalogue, states, failures, proof, doctor, completion)


def _parser_of(*groups: ModuleType) -> Parser:
    parser = Parser(prog="emulator", description="A local stand-in for e-mail-marketing APIs.")
    parser.add_argument("--version", action="version", version=f"emulator {__version__}")
    verbs = Verbs(parser)
    for group in groups:
        group.add_verbs(verbs)
    return parser
