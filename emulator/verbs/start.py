"""`emulator start`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from emulator.core.printable import printable
from emulator.settings import Settings, read_settings
from emulator.verbs.bar import bar
from emulator.verbs.options import Verbs, add_start_flags, unknown_variables
from emulator.verbs.result import Result

FOUND = "emulator.yaml"
"""The scenario of `start` when none is named, if the working directory has it."""


def add_verbs(verbs: Verbs) -> None:
    add_start_flags(verbs.add("start", "serve until stopped", _start, talks=False))


def _start(given: argparse.Namespace) -> Result:
    # Imported here because the other verbs must not pay for the server.
    from emulator.serving.announcement import announcement, announcement_in_json
    from emulator.serving.server import run

    settings = start_settings(given)
    for text in unknown_variables(os.environ):
        print(f"emulator: {printable(text)}", file=sys.stderr)
    if settings.scenario and settings.scenario != read_settings(vars(given), os.environ).scenario:
        print(f"emulator: starting with the {FOUND} of this folder; --scenario empty does without", file=sys.stderr)
    _end_with_the_terminal()
    run(
        settings,
        announce=announcement_in_json if given.json else announcement,
        watch=lambda progress: bar(lambda: (progress.rows, progress.total)),
    )
    return Result()


def _end_with_the_terminal() -> None:
    """Whoever closes the terminal wants the same as with Ctrl-C, unless the start is to outlive it (nohup)."""
    hangup = getattr(signal, "SIGHUP", None)  # which Windows does not have
    if hangup is not None and signal.getsignal(hangup) is signal.SIG_DFL:
        signal.signal(hangup, lambda *_: signal.raise_signal(signal.SIGTERM))


def start_settings(given: argparse.Namespace) -> Settings:
    """What a start is told by flags, environment and working directory. Raises UserError."""
    settings = read_settings(vars(given), os.environ)
    if not settings.scenario and Path(FOUND).is_file():
        return replace(settings, scenario=(FOUND,))
    return settings
