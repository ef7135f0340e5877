"""How long writes take while an empty list grows to its full size, and that the size does not matter."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from benchmarks.generators import CONNECTIONS, percentile
from benchmarks.members import BATCH, Crowd
from benchmarks.plan import Plan
from benchmarks.report import Row, slower, within
from benchmarks.servers import emulator

SIZES = (1_000, 10_000, 100_000)
_MOST_BATCH = 12  # milliseconds
_MOST_CREATE = 10
_FLAT = 1.25  # what is called flat: times the figure at the smallest size
_BATCHES = 5


@dataclass
class Growth:
    """Milliseconds of batches and of single creates: all the batches, both by size, and at the end the p99 of each
    round under load.
    """

    batches: list[float] = field(default_factory=list)
    batches_at: dict[int, list[float]] = field(default_factory=lambda: {size: [] for size in SIZES})
    singles_at: dict[int, list[float]] = field(default_factory=lambda: {size: [] for size in SIZES})
    busy: list[float] = field(default_factory=list)


def write_rows(plan: Plan) -> list[Row]:
    growth = Growth()
    for _ in range(plan.growths):
        with emulator() as server:
            _grow(plan, Crowd(server), growth)
    last = SIZES[-1]
    return [
        within(
            f"batch of {BATCH:,} new members, p50 from {SIZES[0]:,} to {last:,}", median(growth.batches), _MOST_BATCH
        ),
        *_flat_rows(f"batch of {BATCH:,} new members", growth.batches_at),
        *_flat_rows("single create, one connection", growth.singles_at),
        within(
            f"single creates, {CONNECTIONS} connections, p99 at {last:,} members", median(growth.busy), _MOST_CREATE
        ),
    ]


def _grow(plan: Plan, crowd: Crowd, growth: Growth) -> None:
    # The first batch is not counted: the server imports the input models for it.
    crowd.add_batches(1)
    for size in SIZES:
        growth.batches += crowd.grow(size)
        batches = crowd.add_batches(_BATCHES)
        growth.batches += batches
        growth.batches_at[size] += batches
        growth.singles_at[size] += crowd.add_singles(plan.singles, connections=1)
    growth.busy.append(percentile(crowd.add_singles(plan.creates, CONNECTIONS), 99))


def _flat_rows(what: str, times: dict[int, list[float]]) -> list[Row]:
    smallest, *larger = SIZES
    name = f" at {smallest:,}"
    return [
        slower(f"{what}, p50 at {size:,}", median(times[size]), median(times[smallest]), at_most=_FLAT, name=name)
        for size in larger
    ]
