"""How long it takes to get a world into another state: reset, snapshot, restore, a new world; in memory and on disk."""

from __future__ import annotations

import json
import tempfile
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.generators import BenchmarkError
from benchmarks.plan import Plan
from benchmarks.report import Row, within
from benchmarks.servers import Server, emulator

SIZE = 10_000
_MOST = 5  # milliseconds
_GROUPS = (1024, 1025)
_ADD = ("POST", "/100/members/add", '{"email": "new@example.test"}')


def state_rows(plan: Plan) -> list[Row]:
    """Each with a member added before, so that there is something to undo or to keep."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder, "audience.json")
        scenario.write_text(json.dumps(_scenario()))
        for store in ("memory", f"tinydb:{folder}/worlds"):
            with emulator("--scenario", str(scenario), "--store", store) as server:
                kind = store.partition(":")[0]
                times = _times(plan, server)
                rows += [within(f"{what}, {SIZE:,} members, store {kind}", median(each), _MOST) for what, each in times]
    return rows


def _times(plan: Plan, server: Server) -> list[tuple[str, list[float]]]:
    """Milliseconds of each."""
    times: dict[str, list[float]] = {"reset": [], "snapshot": [], "restore": [], "new world": []}
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    for round_ in range(plan.states):
        for what, method, path, body in (
            ("snapshot", "PUT", "/_emulator/snapshots/kept", ""),
            ("restore", "POST", "/_emulator/snapshots/kept/restore", ""),
            ("reset", "POST", "/_emulator/reset", ""),
            ("new world", "POST", "/_emulator/worlds", json.dumps({"name": f"world-{round_}"})),
        ):
            _send(connection, *_ADD)
            times[what].append(_send(connection, method, path, body))
        _send(connection, "DELETE", f"/_emulator/worlds/world-{round_}", "")
    connection.close()
    return list(times.items())


def _send(connection: HTTPConnection, method: str, path: str, body: str) -> float:
    """Milliseconds until the answer, which must be a 2xx, is there."""
    begun = perf_counter()
    connection.request(method, path, body or None, {"Authorization": "Basic cHVibGljX2tleTpwcml2YXRlX2tleQ=="})
    response = connection.getresponse()
    text = response.read()
    taken = (perf_counter() - begun) * 1000
    if response.status >= 300:
        raise BenchmarkError(f"{method} {path}: {response.status} {text[:400].decode('latin-1')}")
    return taken


def _scenario() -> dict[str, object]:
    """An Emma account whose members have three fields each and are in a group or two."""
    members = [
        {
            "email": f"member-{number:05d}@example.test",
            "fields": {"first_name": f"First {number}", "last_name": f"Last {number}", "favorite_food": "soup"},
            "groups": _GROUPS[: 1 + number % 2],
        }
        for number in range(SIZE)
    ]
    groups = [{"member_group_id": group_id, "group_name": f"Group {group_id}"} for group_id in _GROUPS]
    return {"emma": {"accounts": [{"account_id": 100, "groups": groups, "members": members}]}}
