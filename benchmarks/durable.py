"""What it costs to keep what is written on disk, beside writing it to memory only."""

from __future__ import annotations

import tempfile
from statistics import median

from benchmarks.generators import CONNECTIONS, percentile
from benchmarks.members import BATCH, Crowd
from benchmarks.plan import Plan
from benchmarks.report import Row, slower, within
from benchmarks.servers import emulator
from benchmarks.writes import SIZES

_MOST_TIMES = 3
_MOST_SINGLE = 3  # milliseconds
_BATCHES = 10

Times = dict[int, list[float]]


def durable_rows(plan: Plan) -> list[Row]:
    """Batches and single creates while an empty list grows, by turns in memory and on disk."""
    batches: dict[str, Times] = {store: {size: [] for size in SIZES} for store in ("memory", "tinydb")}
    singles: Times = {size: [] for size in SIZES}
    for _ in range(plan.growths):
        for store, times in batches.items():
            with tempfile.TemporaryDirectory() as folder:
                where = store if store == "memory" else f"{store}:{folder}/worlds"
                with emulator("--store", where) as server:
                    crowd = Crowd(server)
                    crowd.add_batches(1)  # the server imports the input models for it
                    for size in SIZES:
                        crowd.grow(size)
                        times[size] += crowd.add_batches(_BATCHES)
                        if store != "memory":
                            singles[size] += crowd.add_singles(plan.singles * 4, CONNECTIONS)
    rows = [
        slower(
            f"batch of {BATCH:,} new members kept on disk, p50 at {size:,}",
            median(batches["tinydb"][size]),
            median(batches["memory"][size]),
            at_most=_MOST_TIMES,
            name=" in memory",
        )
        for size in SIZES
    ]
    return rows + [
        within(
            f"single create kept on disk, {CONNECTIONS} connections, p50 at {size:,}",
            median(singles[size]),
            _MOST_SINGLE,
            more=f" (p99 {percentile(singles[size], 99):.3g})",
        )
        for size in SIZES
    ]
