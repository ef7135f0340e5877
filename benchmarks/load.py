"""A small HTTP/1.1 load generator: connections that stay open and send a request as soon as the last one is answered.

It runs as a script, in a process of its own, and imports nothing of this project: a Job comes as JSON on the standard
input, the Result (or {"error": text}) goes as JSON to the standard output.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import sys
from collections.abc import Callable, Coroutine, Iterator
from itertools import count
from time import perf_counter
from typing import Any, TypedDict, cast

NUMBER = b"########"
"""Eight marks in a request, replaced by a number of eight digits that no other request of the job has."""
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


class Job(TypedDict):
    """What to send. It ends after `count` requests or after `seconds`, whichever is not 0, or when an answer has the
    text `until` in it, if that is not empty.

    `probe` is sent all the while on one more connection, if it is not empty.
    """

    port: int
    request: str
    probe: str
    until: str
    first: int
    count: int
    seconds: float
    connections: int


class Result(TypedDict):
    """Milliseconds from the sending of a request to the end of its answer; `seconds` is how long the job took."""

    latencies: list[float]
    probes: list[float]
    seconds: float


class LoadError(Exception):
    """The server did not answer 200."""


class Stream:
    """Requests made from one template, shared by any number of connections, and how long each answer took."""

    def __init__(self, template: str, numbers: Iterator[int], goes_on: Callable[[], bool], until: str = "") -> None:
        self.latencies: list[float] = []
        self._until = until.encode()
        self._met = False
        self._template = template.encode()
        self._varies = NUMBER in self._template
        self._numbers = numbers
        self._goes_on = goes_on

    def next_request(self) -> bytes | None:
        number = next(self._numbers, None) if self._goes_on() and not self._met else None
        if number is None:
            return None
        return self._template.replace(NUMBER, b"%08d" % number) if self._varies else self._template

    def answered(self, milliseconds: float, answer: bytes) -> None:
        self.latencies.append(milliseconds)
        self._met = self._met or (self._until != b"" and self._until in answer)


class Connection(asyncio.Protocol):
    """Sends the requests of a stream one after the other; `done` is set when there are no more."""

    _transport: asyncio.Transport

    def __init__(self, stream: Stream) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._stream = stream
        self._received = b""
        self._wanted = 0
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._wanted and not self._read_head():
            return
        if len(self._received) >= self._wanted:
            self._stream.answered((perf_counter() - self._sent) * 1000, self._received)
            self._received = b""
            self._wanted = 0
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("the server closed the connection")

    def _send(self) -> None:
        request = self._stream.next_request()
        if request is None:
            if not self.done.done():
                self.done.set_result(None)
            self._transport.close()
            return
        self._sent = perf_counter()
        self._transport.write(request)

    def _read_head(self) -> bool:
        """Whether the head is here and the answer is one to wait for."""
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return False
        length = _LENGTH.search(self._received, 0, end)
        if not self._received.startswith(b"HTTP/1.1 200") or length is None:
            self._fail(f"unexpected answer: {self._received[:400].decode('latin-1')}")
            self._transport.close()
            return False
        self._wanted = end + 4 + int(length[1])
        return True

    def _fail(self, text: str) -> None:
        if not self.done.done():
            self.done.set_exception(LoadError(text))


async def run(job: Job) -> Result:
    """Do the job. Raises LoadError and OSError."""
    started = perf_counter()
    end = started + job["seconds"] if job["seconds"] else float("inf")
    running = True
    numbers = iter(range(job["first"], job["first"] + job["count"])) if job["count"] else count(job["first"])
    stream = Stream(job["request"], numbers, lambda: perf_counter() < end, job["until"])
    probe = Stream(job["probe"], count(), lambda: running)
    probes = [await _connect(job["port"], probe)] if job["probe"] else []
    connections = [await _connect(job["port"], stream) for _ in range(job["connections"])]
    await asyncio.gather(*(connection.done for connection in connections))
    seconds = perf_counter() - started
    running = False
    await asyncio.gather(*(connection.done for connection in probes))
    return {"latencies": stream.latencies, "probes": probe.latencies, "seconds": seconds}


async def _connect(port: int, stream: Stream) -> Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(lambda: Connection(stream), "127.0.0.1", port)
    return connection


def main() -> None:
    job: Job = json.load(sys.stdin)
    # A collection here would look like a slow answer there.
    gc.disable()
    try:
        answer: object = _on_fast_loop(run(job))
    except (LoadError, OSError) as error:
        answer = {"error": str(error)}
    json.dump(answer, sys.stdout)


def _on_fast_loop(work: Coroutine[Any, Any, Result]) -> Result:
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


if __name__ == "__main__":
    main()
