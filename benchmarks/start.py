"""How soon it answers after it was spawned, and what it occupies then."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.plan import Plan
from benchmarks.report import Row, slower, within
from benchmarks.servers import EMULATOR, LIVEZ, bare, free_port, started

_MOST_TIMES = 1.7
_MOST_MEMORY = 45  # megabytes

_Run = tuple[float, float | None]


def start_rows(plan: Plan) -> list[Row]:
    ours: list[_Run] = []
    theirs: list[_Run] = []
    # The first run of each only warms the caches of files and bytecode.
    for _ in range(plan.starts + 1):
        port = free_port()
        with started("the emulator", [*EMULATOR, "--port", str(port)], port, LIVEZ) as server:
            ours.append((server.start, server.memory()))
        with bare(LIVEZ, {"status": "ok"}) as server:
            theirs.append((server.start, server.memory()))
    return [_start_row(ours[1:], theirs[1:]), _memory_row(ours[1:], theirs[1:])]


def _start_row(ours: Sequence[_Run], theirs: Sequence[_Run]) -> Row:
    times, bare_times = ([run[0] for run in runs] for runs in (ours, theirs))
    return slower("start to first answer", median(times), median(bare_times), at_most=_MOST_TIMES)


def _memory_row(ours: Sequence[_Run], theirs: Sequence[_Run]) -> Row:
    what = "idle memory (VmRSS after the first answer)"
    sizes, bare_sizes = ([run[1] for run in runs if run[1] is not None] for runs in (ours, theirs))
    if not sizes or not bare_sizes:
        return Row(what, "skipped: no /proc here", target=f"at most {_MOST_MEMORY} MB")
    return within(what, median(sizes), _MOST_MEMORY, "MB", reference=f"{median(bare_sizes):.3g} MB")
