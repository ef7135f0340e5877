"""Starting and stopping what is measured, each server in a process of its own on a free port of 127.0.0.1."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.generators import BenchmarkError
from benchmarks.request import Request

LIVEZ = Request("GET", "/_emulator/livez")
EMULATOR = (sys.executable, "-m", "emulator", "start")
_BARE = Path(__file__).with_name("bare.py")
_POLL = 0.001  # seconds
_PATIENCE = 60  # seconds until a server answers
_GRACE = 10  # seconds it has to stop
_RESIDENT = re.compile(r"^VmRSS:\s*([0-9]+) kB", re.MULTILINE)


@dataclass(frozen=True)
class Server:
    """A server that runs. `start` is milliseconds from spawn to the first answer, where that was measured."""

    port: int
    process: subprocess.Popen[bytes]
    start: float = 0.0

    def memory(self) -> float | None:
        """Resident megabytes (of 10^6 bytes); None where there is no /proc."""
        try:
            found = _RESIDENT.search(Path(f"/proc/{self.process.pid}/status").read_text())
        except OSError:
            return None
        return int(found[1]) * 1024 / 1e6 if found else None

    def call(self, request: Request) -> Any:
        """The JSON of a 200."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
        try:
            connection.request(request.method, request.path, request.body.encode() or None, dict(request.headers))
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status != 200:
            raise BenchmarkError(f"{request.method} {request.path}: {response.status} {body[:400].decode('latin-1')}")
        return json.loads(body)


@contextmanager
def clean_environment() -> Iterator[None]:
    """For all that is started: no settings of the person who measures, and bytecode as after an installation."""
    for name in [name for name in os.environ if name.startswith("EMULATOR_")]:
        del os.environ[name]
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        yield


@contextmanager
def emulator(*arguments: str) -> Iterator[Server]:
    """The emulator with its default settings, but for these arguments."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder, "ready")
        command = [*EMULATOR, "--port", "0", "--ready-file", str(ready), *arguments]
        with _spawned("the emulator", command, folder) as process:
            _wait("the emulator", process, ready.exists)
            yield Server(int(ready.read_text().rpartition(":")[2]), process)


@contextmanager
def bare(request: Request, content: object) -> Iterator[Server]:
    """The bare application; its one route answers this request with this JSON."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "content.json")
        file.write_text(json.dumps(content))
        port = free_port()
        path = request.path.partition("?")[0]
        command = [sys.executable, "-P", str(_BARE), str(port), request.method, path, str(file)]
        with started("the bare application", command, port, request) as server:
            yield server


@contextmanager
def started(name: str, command: Sequence[str], port: int, first: Request) -> Iterator[Server]:
    """Any server, timed from its spawn until it answers the first request with 200."""
    text = first.text(port).encode()
    with tempfile.TemporaryDirectory() as folder:
        begin = perf_counter()
        with _spawned(name, command, folder) as process:
            _wait(name, process, lambda: _answers(port, text))
            yield Server(port, process, (perf_counter() - begin) * 1000)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def _spawned(name: str, command: Sequence[str], folder: str) -> Iterator[subprocess.Popen[bytes]]:
    with Path(folder, "log").open("w+b") as log:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        try:
            yield process
        except BenchmarkError as error:
            log.seek(0)
            said = log.read().decode(errors="replace").strip()[-1000:]
            raise BenchmarkError(f"{error}; {name} said: {said}" if said else str(error)) from None
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait(name: str, process: subprocess.Popen[bytes], is_there: Callable[[], bool]) -> None:
    end = perf_counter() + _PATIENCE
    while not is_there():
        if process.poll() is not None:
            raise BenchmarkError(f"{name} ended with exit code {process.returncode} before it answered")
        if perf_counter() > end:
            raise BenchmarkError(f"{name} did not answer within {_PATIENCE} seconds")
        time.sleep(_POLL)


def _answers(port: int, request: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as connection:
            connection.sendall(request)
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
