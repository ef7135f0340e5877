"""Requests per second of what is read most, each against a bare route that answers the same JSON as a constant."""

from __future__ import annotations

from statistics import median

from benchmarks.generators import rate
from benchmarks.members import get, page, save
from benchmarks.plan import Plan
from benchmarks.report import Row, faster
from benchmarks.request import Request
from benchmarks.servers import Server, bare

_WORLD = "/_world/benchmark"
_PAGE = 100


def read_rows(plan: Plan, server: Server, size: int) -> list[Row]:
    member = get(server.call(page())["result"][0]["member_id"])
    created = server.call(save(1, world=_WORLD).numbered(0))["created_members"][0]
    in_world = get(created["member_id"], _WORLD)
    member_rate, world_rate, bare_rate = alternate(plan, server, member, in_world)
    page_rate, bare_page_rate = alternate(plan, server, page(_PAGE))
    aim = " (aim 1.2x)"
    return [
        faster(f"GET member, {size:,} members", member_rate, bare_rate, at_least=1, aim=aim),
        faster("GET member in a named world (path prefix)", world_rate, bare_rate, at_least=1, aim=aim),
        faster(f"list_members?limit={_PAGE}, {size:,} members", page_rate, bare_page_rate, at_least=2),
    ]


def alternate(plan: Plan, server: Server, first: Request, *others: Request) -> list[float]:
    """Median requests per second of these requests, and of the bare route that answers what the first is answered."""
    with bare(first, server.call(first)) as reference:
        runs = [(server, request) for request in (first, *others)] + [(reference, first)]
        for target, request in runs:
            rate(target.port, request, 1)
        rounds = [[rate(target.port, request, plan.seconds) for target, request in runs] for _ in range(plan.rounds)]
    return [median(rates) for rates in zip(*rounds, strict=True)]
