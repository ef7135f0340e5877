"""Emma: imports beside other clients, reads against bare routes, and a large audience."""

from __future__ import annotations

import base64
import json
from statistics import median

from benchmarks.generators import percentile, poll, send
from benchmarks.plan import Plan
from benchmarks.reads import alternate
from benchmarks.report import Row, faster, slower, within
from benchmarks.request import Request
from benchmarks.servers import Server, emulator

IMPORT = 100_000
"""Rows of one import; with three fields each as many as the payload limit lets in."""
_PAGE = 500
_MOST_SECONDS = 2.0
_MOST_WAIT = 15  # milliseconds
_MOST_MEMORY = 800  # megabytes
_FIRST_MEMBER = 1024
_HEADERS = {"Authorization": "Basic " + base64.b64encode(b"public_key:private_key").decode()}
_FOODS = ("tacos", "toast", "pizza", "soup", "rice", "figs", "plums")


def audience_rows(plan: Plan) -> list[Row]:
    rows = _import_rows(plan)
    with emulator() as server:
        empty = server.memory()
        for first in range(0, plan.audience, IMPORT):
            _import(server, first)
            poll(server.port, _status(server), '"status":"o"', _get("/fields"))
        size = plan.audience
        memory = server.memory()
        member_rate, bare_rate = alternate(plan, server, _get(f"/members/{_FIRST_MEMBER}"))
        page_rate, bare_page_rate = alternate(plan, server, _page(0))
        first_page, last_page = _pages(plan, server, size)
    rows += [
        faster(f"Emma: GET member, {size:,} members", member_rate, bare_rate, at_least=1),
        faster(f"Emma: page of {_PAGE}, {size:,} members", page_rate, bare_page_rate, at_least=2),
        slower(f"Emma: last page of {_PAGE} of {size:,}", last_page, first_page, at_most=1.2, name=" for the first"),
    ]
    if memory is not None and empty is not None:
        what = f"Emma: memory with {size:,} members of three fields"
        rows.append(within(what, memory, _MOST_MEMORY, "MB", reference=f"{empty:.0f} MB empty"))
    return rows


def _import_rows(plan: Plan) -> list[Row]:
    """Imports into an empty audience, each in a new process, while another client reads a member without pause."""
    seconds: list[float] = []
    waits: list[float] = []
    at_once: list[float] = []
    waits_at_once: list[float] = []
    for _ in range(plan.growths):
        with emulator() as server:
            probe = _probe(server)
            begun = send(server.port, _import_request(0), 1, probe=probe)
            rest = poll(server.port, _status(server), '"status":"o"', probe)
            seconds.append(begun["seconds"] + rest["seconds"])
            waits += begun["probes"] + rest["probes"]
        with emulator() as server:
            choice = json.dumps({"emma.job_progress": "immediate"})
            server.call(Request("PUT", "/_emulator/behaviours", body=choice))
            probe = _probe(server)
            result = send(server.port, _import_request(0), 1, probe=probe)
            at_once.append(result["seconds"])
            waits_at_once += result["probes"]
    what, immediate = f"Emma: import of {IMPORT:,} rows", f"Emma: import of {IMPORT:,} rows, job_progress=immediate"
    return [
        within(what, median(seconds), _MOST_SECONDS, "s"),
        within(
            f"GET member on another connection during: {what}",
            percentile(waits, 99),
            _MOST_WAIT,
            more=f" p99 (longest {max(waits):.3g})",
        ),
        within(immediate, median(at_once), _MOST_SECONDS, "s"),
        within(
            f"GET member on another connection during: {immediate}",
            percentile(waits_at_once, 99),
            _MOST_WAIT,
            more=f" p99 (longest {max(waits_at_once):.3g})",
        ),
    ]


def _probe(server: Server) -> Request:
    """A member to read, with whom the input models are imported, too."""
    added = server.call(Request("POST", "/100/members/add", _HEADERS, json.dumps({"email": "probe@shop.test"})))
    return _get(f"/members/{added['member_id']}")


def _pages(plan: Plan, server: Server, size: int) -> tuple[float, float]:
    """Milliseconds of the first and the last page, each read once before."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(plan.rounds):
        for position, start in enumerate((0, size - _PAGE)):
            times[position].append(median(send(server.port, _page(start), plan.singles)["latencies"]))
    return median(times[0]), median(times[1])


def _get(path: str) -> Request:
    return Request("GET", f"/100{path}", _HEADERS)


def _page(start: int) -> Request:
    return _get(f"/members?start={start}&end={start + _PAGE}")


def _status(server: Server) -> Request:
    """The state of the newest import."""
    newest = server.call(_get("/members/imports"))[-1]["import_id"]
    return _get(f"/members/imports/{newest}")


def _import(server: Server, first: int) -> None:
    server.call(_import_request(first))


def _import_request(first: int) -> Request:
    rows = [
        {
            "email": f"m{number:07d}@mail.test",
            "first_name": f"Ann{number % 997}",
            "last_name": f"Lee{number:07d}",
            "favorite_food": _FOODS[number % len(_FOODS)],
        }
        for number in range(first, first + IMPORT)
    ]
    return Request("POST", "/100/members", _HEADERS, json.dumps({"members": rows}, separators=(",", ":")))
