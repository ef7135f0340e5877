"""How long one filter over all members takes, and how long other requests wait meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from benchmarks.generators import BenchmarkError, percentile, send
from benchmarks.members import get, page
from benchmarks.plan import Plan
from benchmarks.report import Row, within
from benchmarks.request import MARK, Request
from benchmarks.servers import Server

_MOST_ONE = 10  # milliseconds
_MOST_TEN = 40

_FIELDS = ("Email", "Email", "Email", "Name", "Name", "Name", "Phone", "Phone", "City", "City")
# Each of these is in every member.
_COMMON = ("member0", "@example", ".test", "Member", " 0000", " ", "130", "000", "Town", "on the river")


@dataclass(frozen=True)
class Filter:
    """A condition and how many of the members must meet it; where it has marks, no request is like another."""

    what: str
    request: Request
    matches: int
    limit: float


def filter_rows(plan: Plan, server: Server, size: int) -> list[Row]:
    probe = get(server.call(page())["result"][0]["member_id"])
    filters = _filters(size)
    for each in filters:
        total = server.call(each.request.numbered(0))["total"]
        if total != each.matches:
            raise BenchmarkError(f"{each.what}: {total} members match, not {each.matches}")
    alone: list[list[float]] = [[] for _ in filters]
    probes: list[list[list[float]]] = [[] for _ in filters]
    for _ in range(plan.rounds):
        for position, each in enumerate(filters):
            alone[position] += send(server.port, each.request, plan.filters)["latencies"]
            probes[position].append(send(server.port, each.request, plan.filters, probe=probe)["probes"])
    rows = [within(each.what, median(times), each.limit) for each, times in zip(filters, alone, strict=True)]
    return rows + [_probe_row(each, waits) for each, waits in zip(filters, probes, strict=True)]


def _filters(size: int) -> list[Filter]:
    rare = page(10, "and", ("Email", f"member{MARK}-500"))
    none = [(field, f"nobody{position}-{MARK}") for position, field in enumerate(_FIELDS)]
    common = list(zip(_FIELDS, _COMMON, strict=True))
    over = f"over {size:,} members"
    return [
        Filter(f"`contain` on Email, one hit, {over}", rare, 1, _MOST_ONE),
        Filter(f"ten `contain` items, `or`, no hit, {over}", page(10, "or", *none), 0, _MOST_TEN),
        Filter(f"ten `contain` items, `and`, all hit, {over}", page(10, "and", *common), size, _MOST_TEN),
    ]


def _probe_row(measured: Filter, rounds: list[list[float]]) -> Row:
    worst = median(max(waits) for waits in rounds)
    usual = percentile([wait for waits in rounds for wait in waits], 99)
    longest = max(max(waits) for waits in rounds)
    return within(
        f"GET member on another connection during: {measured.what}",
        worst,
        measured.limit,
        more=f" worst of a round (p99 {usual:.3g}, longest {longest:.3g})",
    )
