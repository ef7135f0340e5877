"""A real emulator process for tests that need a socket, a signal or an exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

SECONDS = 30
COMMAND = [sys.executable, "-m", "emulator"]


class Running(NamedTuple):
    """A started emulator."""

    process: subprocess.Popen[str]
    url: str

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.url.partition("://")[2].rpartition(":")
        return host, int(port)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, output, errors


def environment(**more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EMULATOR_")}
    return clean | more


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a verb to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=environment(**variables),
        check=False,
    )


def wait_for(ready: Path, process: subprocess.Popen[str] | None = None) -> str:
    """The base URL, once it is in the ready file."""
    end = time.monotonic() + SECONDS
    while not ready.exists():
        if time.monotonic() > end or (process is not None and process.poll() is not None):
            raise RuntimeError(f"it did not start: {process and process.communicate()}")
        time.sleep(0.01)
    return ready.read_text().strip()


@contextmanager
def running(folder: Path, *arguments: str, before: Sequence[str] = (), **variables: str) -> Iterator[Running]:
    """Start one on a free port; it is killed in the end if it was not stopped. `before` is a command that runs it."""
    ready = folder / "ready"
    command = [*before, *COMMAND, "start", "--port", "0", "--ready-file", str(ready), *arguments]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment(**variables))
    try:
        yield Running(process, wait_for(ready, process))
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=SECONDS)
