"""The journal as proof: verify, wait, advice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from emulator.control import filters
from emulator.control.exchange import json_object, reply, world_of, worlds_of
from emulator.core.errors import UserError
from emulator.core.journal import Journal
from emulator.core.proof.criteria import number, read_criteria
from emulator.core.proof.verification import Expectation, Verdict, Verification, doubts_about, nearest, verify
from emulator.core.proof.watching import Watch
from emulator.core.slices import run_slices
from emulator.core.vendor import Vendor

_MOST_EXPECTED = 100
_LONGEST_WAIT = 600.0  # seconds
_DEFAULT_WAIT = 10.0
_COUNTS = ("count", "at_least", "at_most")


async def verify_journal(request: Request) -> Response:
    """Whether what was expected happened: `{"expect": [{FILTER: ..., "count" | "at_least" | "at_most": N}, ...],
    "where": {FILTER: ...}, "in_order": false, "exactly": false}`. 200 with `ok` and, if not, what was seen instead.
    """
    world, vendors = world_of(request), worlds_of(request).vendors
    asked = _read(await json_object(request), vendors)
    journal = world.journal
    lost = _lost(asked, journal)
    entries = await run_slices(journal.closed())
    verdict: Verdict = await run_slices(verify(entries, asked))
    doubts = verdict.doubts + ([] if _is_sure(asked, verdict) else lost)
    for criteria in (asked.where, *(each.criteria for each in asked.expected)):
        doubts += filters.doubts(criteria, world, vendors, entries)
    expectations = [
        {"expected": f"{each.criteria}: {each.wanted}", "seen": len(ids), "entries": ids[:100]}
        for each, ids in zip(asked.expected, verdict.matched, strict=True)
    ]
    ok = verdict.ok and not doubts
    return reply(
        {
            "ok": ok,
            "instead": [*verdict.said, *dict.fromkeys(doubts)],
            "expectations": expectations,
            "looked_at": len(entries),
        }
    )


async def wait(request: Request) -> Response:
    """Answers when `count` (default 1) requests that pass the filters have been answered, those in the journal
    included; 408 when that has not happened after `timeout` seconds of real time (default 10), 503 when the emulator
    stops. Each says what was `seen`.
    """
    world = world_of(request)
    journal = world.journal
    vendors = worlds_of(request).vendors
    _, criteria = filters.read_filters(request, vendors, "count", "timeout")
    count = number("count", request.query_params.get("count", "1"))
    timeout = _seconds(request.query_params.get("timeout"))
    watch = Watch(journal, criteria, count)
    try:
        await run_slices(watch.look_back())
        await _until(watch, request, timeout)
    finally:
        watch.close()
    answer = {"ok": watch.enough, "seen": len(watch.seen), "entries": watch.seen[-100:]}
    if watch.enough:
        return reply(answer)
    wanted = f"{criteria}: expected at least {count}, saw {len(watch.seen) or 'none'}"
    if watch.stopped:
        return reply(answer | {"error": f"{wanted}; the emulator is stopping"}, 503)
    entries = await run_slices(world.journal.closed())
    near = await run_slices(nearest(criteria, entries))
    doubts = await run_slices(doubts_about(criteria, entries)) + filters.doubts(criteria, world, vendors, entries)
    return reply(answer | {"error": f"{wanted} in {timeout:g} s", "near": near + doubts}, 408)


async def advice(request: Request) -> Response:
    """What the traffic of this world says of the integration, each finding with the vendor's sentence behind it."""
    from emulator.core.proof.advice import give_advice  # which a start need not pay for

    findings = await run_slices(give_advice(world_of(request), worlds_of(request).vendors))
    return reply({"advice": [each._asdict() for each in findings]})


async def _until(watch: Watch, request: Request, timeout: float) -> None:
    """Until the watch changes, the client hangs up, or the time is over."""
    tasks = [asyncio.create_task(watch.changed.wait()), asyncio.create_task(_gone(request))]
    try:
        await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _read(document: Mapping[str, Any], vendors: Sequence[Vendor]) -> Verification:
    """The document of a verification. One expectation may stand alone, without `expect`. Raises UserError."""
    rest = dict(document)
    where = rest.pop("where", {})
    switches = {name: rest.pop(name, False) for name in ("in_order", "exactly")}
    for name, value in switches.items():
        if not isinstance(value, bool):
            raise UserError(f"{name}: write true or false")
    wanted = rest.pop("expect", None)
    if wanted is None:
        wanted, rest = [rest], {}
    if rest:
        raise UserError(f"unknown key {next(iter(rest))!r}; allowed are expect, where, in_order, exactly")
    if not isinstance(wanted, list) or not isinstance(where, dict) or len(wanted) > _MOST_EXPECTED:
        raise UserError(f"expect: write a list of at most {_MOST_EXPECTED} objects; where: an object of filters")
    several = any(switches.values())
    expected = [_expectation(each, several=several) for each in wanted]
    asked = Verification(expected, read_criteria(where.items()), **switches)
    for criteria in (asked.where, *(each.criteria for each in expected)):
        filters.check(criteria, vendors)
    return asked


def _expectation(document: object, *, several: bool) -> Expectation:
    if not isinstance(document, dict):
        raise UserError('expect: write objects such as {"operation": "...", "count": 1}')
    criteria = read_criteria((name, value) for name, value in document.items() if name not in _COUNTS)
    counts = {name: number(name, document[name]) for name in _COUNTS if name in document}
    if several:
        if counts.keys() - {"count"}:
            raise UserError("with in_order or exactly, an expectation has a count (default 1) and no other number")
        counts.setdefault("count", 1)
    if "count" in counts:
        if len(counts) > 1:
            raise UserError("count: leave it out, or at_least and at_most")
        return Expectation(criteria, counts["count"], counts["count"])
    most = counts.get("at_most")
    least = counts.get("at_least", 1 if most is None else 0)
    if most is not None and most < least:
        raise UserError("at_most: must be at_least or greater")
    return Expectation(criteria, least, most)


def _lost(asked: Verification, journal: Journal) -> list[str]:
    """What is said where it matters that entries which are asked about were crowded out."""
    after = max((int(test.wanted) for test in asked.where.tests if test.name == "after"), default=0)
    if journal.has_all_after(after):
        return []
    return [
        f"the journal lost its {journal.crowded_out} oldest entries, so this can not be known; "
        "start with higher --journal-entries and --journal-bytes, or look at later ones with where.after"
    ]


def _is_sure(asked: Verification, verdict: Verdict) -> bool:
    """Whether further entries could not change the verdict."""
    can_not_be_too_much = not asked.exactly and (asked.in_order or all(each.most is None for each in asked.expected))
    return verdict.ok and can_not_be_too_much


def _seconds(text: str | None) -> float:
    try:
        seconds = _DEFAULT_WAIT if text is None else float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _LONGEST_WAIT:
        raise UserError(f"timeout: {text!r} is no number of seconds from 0 to {_LONGEST_WAIT:g}")
    return seconds
