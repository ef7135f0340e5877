"""What was measured, as Markdown; the machine it was measured on; and the place in README.md that keeps both."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.generators import BenchmarkError, generators

README = Path(__file__).with_name("README.md")
_LIBRARIES = ("uvicorn", "httptools", "uvloop", "starlette", "pydantic", "msgspec", "pyroaring")
_HEAD = ("what", "measured", "reference", "ratio or limit", "target", "met?")


@dataclass(frozen=True)
class Row:
    """One line of the table; `met` is None where there is nothing to meet."""

    what: str
    measured: str
    reference: str = "-"
    ratio: str = "-"
    target: str = "-"
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        met = "-" if self.met is None else "yes" if self.met else "**no**"
        return (self.what, self.measured, self.reference, self.ratio, self.target, met)


def faster(what: str, measured: float, reference: float, *, at_least: float, aim: str = "") -> Row:
    """Requests per second against those of the reference."""
    ratio = measured / reference
    target = f"at least {at_least:g}x{aim}"
    return Row(what, f"{measured:,.0f}/s", f"{reference:,.0f}/s", f"{ratio:.2f}x", target, ratio >= at_least)


def slower(what: str, measured: float, reference: float, *, at_most: float, name: str = "") -> Row:
    """Milliseconds against those of the reference."""
    ratio = measured / reference
    shown = f"{reference:.3g} ms{name}"
    return Row(what, f"{measured:.3g} ms", shown, f"{ratio:.2f}x", f"at most {at_most:g}x", ratio <= at_most)


def within(what: str, measured: float, limit: float, unit: str = "ms", *, reference: str = "-", more: str = "") -> Row:
    """A figure with a limit of its own."""
    ratio = f"{measured / limit:.0%} of the limit"
    return Row(what, f"{measured:.3g} {unit}{more}", reference, ratio, f"at most {limit:g} {unit}", measured <= limit)


def table(rows: Iterable[Row]) -> str:
    return markdown(_HEAD, [row.cells() for row in rows])


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> str:
    """Where and with what: nothing that names the machine or its owner."""
    libraries = ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES)
    return "\n".join(
        [
            f"* {datetime.now(UTC):%Y-%m-%d}, audience-emulator {_version('audience-emulator')}",
            f"* {_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
            f"* {platform.python_implementation()} {platform.python_version()}, {libraries}",
            f"* {generators()}",
        ]
    )


def keep(name: str, text: str) -> None:
    """Put the text between the markers of this name in README.md."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found, rest = README.read_text().partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found and found_end):
        raise BenchmarkError(f"{README.name} has no markers {begin} and {end}")
    README.write_text(f"{before}{begin}\n{text}\n{end}{after}")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(absent)"


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or "unknown processor"
