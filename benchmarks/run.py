"""Measure everything and print it: `python -m benchmarks.run [--quick] [--peers] [--write]`."""

from __future__ import annotations

import argparse
import signal
import sys
from types import FrameType

from benchmarks.audience import audience_rows
from benchmarks.doors import door_rows
from benchmarks.durable import durable_rows
from benchmarks.filters import filter_rows
from benchmarks.generators import BenchmarkError
from benchmarks.members import Crowd
from benchmarks.plan import QUICK, Plan
from benchmarks.reads import read_rows
from benchmarks.report import Row, keep, machine, table
from benchmarks.servers import clean_environment, emulator
from benchmarks.start import start_rows
from benchmarks.states import state_rows
from benchmarks.writes import SIZES, write_rows


def main() -> int:
    """Run what is asked for; the exit code."""
    given = _arguments()
    signal.signal(signal.SIGTERM, _stop)
    try:
        with clean_environment():
            _run(QUICK if given.quick else Plan(), peers=given.peers, write=given.write)
    except BenchmarkError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="Measure the emulator.")
    parser.add_argument("--quick", action="store_true", help="a short run that shows that all of this works, no more")
    parser.add_argument("--peers", action="store_true", help="also install and measure other tools of the kind")
    parser.add_argument("--write", action="store_true", help="keep what was measured in benchmarks/README.md")
    given = parser.parse_args()
    if given.quick and given.write:
        parser.error("what a quick run measures is not worth keeping")
    return given


def _run(plan: Plan, *, peers: bool, write: bool) -> None:
    measured = f"{machine()}\n\n{table(_measure(plan))}"
    print(measured)
    if write:
        keep("measured", measured)
    if peers:
        # Imported here because hardly anybody asks for it.
        from benchmarks.contest import compare

        compared = compare(plan, _say)
        print(f"\n{compared}")
        if write:
            keep("peers", compared)


def _measure(plan: Plan) -> list[Row]:
    _say("start and idle memory")
    rows = start_rows(plan)
    with emulator() as server:
        size = SIZES[-1]
        _say(f"loading {size:,} members")
        Crowd(server).grow(size)
        _say("reads")
        rows += read_rows(plan, server, size)
        _say("filters")
        rows += filter_rows(plan, server, size)
    _say("writes")
    rows += write_rows(plan)
    _say("writes that are kept on disk")
    rows += durable_rows(plan)
    _say("states")
    rows += state_rows(plan)
    _say(f"an audience of {plan.audience:,}")
    rows += audience_rows(plan)
    _say("emulators for blocks of code, and worlds for tests")
    return rows + door_rows(plan)


def _say(what: str) -> None:
    print(f"... {what}", file=sys.stderr, flush=True)


def _stop(number: int, frame: FrameType | None) -> None:
    # As an exception, so that every server is stopped on the way out.
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
