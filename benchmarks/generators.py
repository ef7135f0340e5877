"""Sending load to a server on 127.0.0.1, always from another process: wrk where there is one, else load.py.

wrk only counts, so latencies and bodies that differ are load.py's work in any case.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.load import Job, Result
from benchmarks.request import Request

CONNECTIONS = 16
WRK = shutil.which("wrk")
_LOAD = Path(__file__).with_name("load.py")
_PER_SECOND = re.compile(r"^Requests/sec: *([0-9.]+)", re.MULTILINE)
_FAILURES = re.compile(r"^ *(Non-2xx.*|Socket errors.*)", re.MULTILINE)
_PATIENCE = 300  # seconds for one job beyond what it was asked to take


class BenchmarkError(Exception):
    """Nothing can be measured; the text says why."""


def generators() -> str:
    """Which generators measure what, for the report."""
    own = "the asyncio generator of this folder (benchmarks/load.py)"
    if WRK is not None:
        return f"requests per second: wrk, one thread, {CONNECTIONS} connections; latencies: {own}"
    return f"{own}; wrk, which is not installed here, would show the true ratios of the fastest routes"


def rate(port: int, request: Request, seconds: int) -> float:
    """Requests per second at 16 connections, each answered with a 2xx."""
    if WRK is None:
        result = _run_load(_job(port, request, seconds=seconds, connections=CONNECTIONS))
        return len(result["latencies"]) / result["seconds"]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "request.lua")
        script.write_text(request.lua())
        url = f"http://127.0.0.1:{port}{request.path}"
        command = [WRK, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + _PATIENCE)
    found = _PER_SECOND.search(done.stdout)
    failure = _FAILURES.search(done.stdout)
    if found is None or failure is not None:
        reason = failure[1] if failure else (done.stderr or done.stdout).strip()
        raise BenchmarkError(f"wrk on {request.method} {request.path}: {reason}")
    return float(found[1])


def send(
    port: int, request: Request, count: int, *, first: int = 0, connections: int = 1, probe: Request | None = None
) -> Result:
    """Send so many requests, numbered from `first`, and time each; all are answered with 200."""
    return _run_load(_job(port, request, count=count, first=first, connections=connections, probe=probe))


def poll(port: int, request: Request, until: str, probe: Request) -> Result:
    """Send a request again and again until its answer has this text in it, and all the while the probe."""
    return _run_load(_job(port, request, connections=1, seconds=_PATIENCE, probe=probe, until=until))


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def _job(
    port: int,
    request: Request,
    *,
    connections: int,
    count: int = 0,
    seconds: float = 0,
    first: int = 0,
    probe: Request | None = None,
    until: str = "",
) -> Job:
    return {
        "port": port,
        "request": request.text(port),
        "probe": probe.text(port) if probe else "",
        "until": until,
        "first": first,
        "count": count,
        "seconds": seconds,
        "connections": connections,
    }


def _run_load(job: Job) -> Result:
    done = subprocess.run(
        [sys.executable, "-P", str(_LOAD)],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=job["seconds"] + _PATIENCE,
    )
    if done.returncode:
        raise BenchmarkError(f"the load generator failed: {done.stderr.strip()}")
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise BenchmarkError(f"{job['request'].partition(' HTTP/1.1')[0]}: {answer['error']}")
    result: Result = answer
    return result
