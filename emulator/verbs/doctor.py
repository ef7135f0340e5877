"""`emulator doctor`: would a start with these flags work here? Each check is a function of `checks.py`."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from emulator.core.errors import UserError
from emulator.verbs.options import Verbs, add_start_flags
from emulator.verbs.result import DONE, NO, Line, Result, bad, good
from emulator.verbs.start import start_settings

if TYPE_CHECKING:
    from emulator.verbs.checks import Finding


def add_verbs(verbs: Verbs) -> None:
    about = "check whether `start` with the same flags would work here, and say how to mend what is wrong"
    add_start_flags(verbs.add("doctor", about, _doctor, talks=False))


def _doctor(given: argparse.Namespace) -> Result:
    # Imported here because the other verbs must not pay for it.
    from emulator.verbs import checks

    findings = [*checks.of_the_machine(), checks.variables(os.environ)]
    try:
        settings = start_settings(given)
    except UserError as error:
        findings.append(checks.Finding("settings", str(error), ok=False))
    else:
        findings += checks.of_a_start(settings)
    value = [{"check": each.check, "ok": each.ok, "text": each.text} for each in findings]
    well = all(each.ok for each in findings)
    return Result({"ok": well, "checks": value}, [_line(each) for each in findings], DONE if well else NO)


def _line(finding: Finding) -> Line:
    verdict = good("ok     ") if finding.ok else bad("problem")
    return verdict, f"  {finding.check}: {finding.text}"
