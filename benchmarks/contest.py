"""The emulator beside the peers, each started anew in every round: start, memory, requests per second."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.generators import BenchmarkError, rate
from benchmarks.installs import Installed, NotInstalled, install
from benchmarks.members import Crowd, get, page
from benchmarks.peers import OBJECTS, Peer, peers
from benchmarks.plan import Plan
from benchmarks.report import markdown
from benchmarks.request import Request
from benchmarks.servers import EMULATOR, LIVEZ, Server, free_port, started

_HEAD = ("tool", "work", "requests/s", "start to first answer", "idle memory")


@dataclass
class Contestant:
    """A tool that runs here, and what was measured of it. `prepare` loads it and gives the request to measure."""

    name: str
    work: str
    command: Callable[[int], Sequence[str]]
    ready: Request
    prepare: Callable[[Server], Request]
    rates: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)

    def run(self, seconds: int, *, counts: bool) -> None:
        """One round. Raises BenchmarkError."""
        port = free_port()
        with started(self.name, self.command(port), port, self.ready) as server:
            start, size = server.start, server.memory()
            request = self.prepare(server)
            rate(port, request, 1)
            per_second = rate(port, request, seconds if counts else 1)
        if counts:
            self.rates.append(per_second)
            self.starts.append(start)
            self.sizes += [] if size is None else [size]

    def cells(self) -> tuple[str, ...]:
        size = f"{median(self.sizes):.0f} MB" if self.sizes else "no /proc here"
        return (self.name, self.work, f"{median(self.rates):,.0f}", f"{median(self.starts):.0f} ms", size)


def compare(plan: Plan, say: Callable[[str], None]) -> str:
    """Install the peers, measure them in alternating rounds, forget them; a Markdown table."""
    skipped: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory() as folder:
        contestants = [_emulator()]
        for peer in peers():
            say(f"installing {peer.name}")
            try:
                contestants.append(_contestant(peer, Path(folder, peer.package.registry, peer.name.split()[0])))
            except NotInstalled as error:
                skipped.append(_skip(peer.name, str(error)))
        # As in start.py, the first round only warms caches.
        for number in range(plan.peers + 1):
            for contestant in contestants.copy():
                say(f"peers, round {number}: {contestant.name}")
                try:
                    contestant.run(plan.seconds, counts=number > 0)
                except BenchmarkError as error:
                    contestants.remove(contestant)
                    say(f"{contestant.name}: {error}")
                    skipped.append(_skip(contestant.name, "it does not run here"))
    return markdown(_HEAD, [contestant.cells() for contestant in contestants] + skipped)


def _emulator() -> Contestant:
    def prepare(server: Server) -> Request:
        Crowd(server).grow(OBJECTS)
        return get(server.call(page())["result"][0]["member_id"])

    work = f"GET member, {OBJECTS:,} members"
    return Contestant("Audience Emulator", work, lambda port: [*EMULATOR, "--port", str(port)], LIVEZ, prepare)


def _contestant(peer: Peer, folder: Path) -> Contestant:
    folder.mkdir(parents=True)
    installed: Installed = install(peer.package, folder)
    file = folder / "served.json"
    file.write_text(json.dumps(peer.file))

    def prepare(server: Server) -> Request:
        for request in peer.before:
            server.call(request)
        return peer.request

    name = f"{peer.name} {installed.version}"
    return Contestant(name, peer.work, lambda port: peer.command(installed.commands, port, file), peer.ready, prepare)


def _skip(name: str, reason: str) -> tuple[str, ...]:
    return (name, f"skipped: {reason}", "-", "-", "-")
