"""An emulator in a process of its own, as `emulator start` runs it."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from emulator.client import ControlClient
from emulator.core.clock import stopwatch
from emulator.core.errors import UserError
from emulator.hosting import child
from emulator.hosting.arguments import arguments_of
from emulator.settings import Settings, variable

_START_SECONDS = 60.0  # a large scenario takes a while
_STOP_SECONDS = 15.0
_POLL = 0.01  # seconds


class ProcessHosted:
    """See `Hosted`."""

    exchange = None
    ca: str | None = None

    def __init__(self, settings: Settings) -> None:
        self._folder = folder = Path(tempfile.mkdtemp(prefix="emulator-"))
        ready = folder / "ready"
        self._log = folder / "log"
        if not settings.scenario:
            settings = replace(settings, scenario=("empty",))  # not what lies in the working directory
        command = [sys.executable, "-m", child.__name__, "start", *arguments_of(settings), "--ready-file", str(ready)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=_environment(settings),
                start_new_session=True,  # Ctrl-C is for the parent, which ends it
            )
        self._owner = os.getpid()
        atexit.register(self._end_forgotten)
        try:
            self.url = self._wait_for(ready)
            if settings.speaks_tls:
                # Whom to trust is asked of one that is our own process on this machine.
                self.ca = str(folder / "ca.pem")
                Path(self.ca).write_bytes(ControlClient(self.url, insecure=True).read("ca.pem"))
        except BaseException:
            self._end()
            raise

    def close(self) -> None:
        code = self._process.poll()
        said = self._end()
        if code is not None:
            raise UserError(f"the emulator's process had ended with {code}: {said}")
        if self._process.returncode:
            raise UserError(f"the emulator's process ended with {self._process.returncode}: {said}")

    def _wait_for(self, ready: Path) -> str:
        end = stopwatch() + _START_SECONDS
        while not ready.exists():
            if self._process.poll() is not None:
                raise UserError(self._said().removeprefix("emulator: ") or "the emulator's process ended at its start")
            if stopwatch() > end:
                raise UserError(f"the emulator's process was not ready after {_START_SECONDS:g} s")
            time.sleep(_POLL)
        return ready.read_text().strip()

    def _end_forgotten(self) -> None:
        """For those who never close it; a process that was forked of theirs is not meant."""
        if os.getpid() == self._owner:
            self._end()

    def _end(self) -> str:
        """Ask it to stop, and see to it that it does; what it said last."""
        atexit.unregister(self._end_forgotten)
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        said = self._said()
        shutil.rmtree(self._folder, ignore_errors=True)
        return said

    def _said(self) -> str:
        """The last line of its log."""
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


def _environment(settings: Settings) -> dict[str, str]:
    """Without settings of another emulator; a token is not for the process list."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EMULATOR_")}
    if settings.control_token is not None:
        clean[variable("control_token")] = settings.control_token
    return clean
