"""What a test suite pays: an emulator for a block of code, however it runs, and a world for each test."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter

from benchmarks.plan import Plan
from benchmarks.report import Row
from emulator import Emulator
from emulator.hosting.hosted import MODES, Mode


def door_rows(plan: Plan) -> list[Row]:
    """Without targets: nothing else does the same."""
    rows = []
    for mode in MODES:
        with Emulator(mode=mode) as emulator:  # which imports all that is needed, once
            world = _times(plan.states, partial(_use_world, emulator))
        whole = _times(plan.starts, partial(_use, mode))
        rows.append(Row(f"`Emulator(mode={mode!r})` from start to end", f"{median(whole):.3g} ms"))
        rows.append(Row(f"a world of a test's own, made and dropped, {mode}", f"{median(world):.3g} ms"))
    return rows


def _use(mode: Mode) -> None:
    with Emulator(mode=mode) as emulator:
        emulator.client.clock.get()


def _use_world(emulator: Emulator) -> None:
    with emulator.world():
        pass


def _times(rounds: int, work: Callable[[], None]) -> list[float]:
    """Milliseconds of each."""
    times = []
    for _ in range(rounds):
        begun = perf_counter()
        work()
        times.append((perf_counter() - begun) * 1000)
    return times
