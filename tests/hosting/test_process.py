"""An emulator in a process of its own: how it ends when nobody ends it, and what reaches it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emulator import Emulator
from emulator.client import ControlClient
from emulator.hosting.hosted import MODES, Mode
from tests.process import SECONDS, environment

START = "from emulator import Emulator\nemulator = Emulator(mode='process').start()\nprint(emulator.url, flush=True)\n"
SUITE = """
from pathlib import Path
import time

def test_it(emulator_world):
    Path("ready").write_text(emulator_world.control.address.origin)
    time.sleep(60)
"""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs sessions and signals as POSIX has them")


def has_ended(url: str) -> bool:
    """In a while: it does so by itself."""
    control = ControlClient(url)
    end = time.monotonic() + SECONDS
    while control.is_ready():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def parent(code: str, folder: Path, warnings: str = "error") -> subprocess.Popen[str]:
    command = [sys.executable, "-W", warnings, "-c", code]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment(), cwd=folder)


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    process = parent(f"{START}import time\ntime.sleep(60)\n", tmp_path)
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert ControlClient(url).is_ready()
    process.kill()
    process.communicate()
    assert has_ended(url)


def test_it_ends_with_a_parent_that_forgot_to_close_it_and_leaves_nothing_behind(tmp_path: Path) -> None:
    code = f"import tempfile\ntempfile.tempdir = {str(tmp_path)!r}\n{START}"
    output, errors = parent(code, tmp_path).communicate(timeout=SECONDS)
    assert errors == ""
    assert not ControlClient(output.strip()).is_ready()
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_was_forked_of_its_parent_does_not_end_it(tmp_path: Path) -> None:
    fork = "import os, sys\nif os.fork() == 0:\n    sys.exit()\nos.wait()\n"
    process = parent(f"{START}{fork}emulator.client.clock.get()\nemulator.close()", tmp_path, "ignore")  # Python's own
    _, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("mode", MODES)
def test_ctrl_c_ends_a_suite_as_it_ends_any_other(mode: Mode, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--emulator-mode={mode}"]
    pipe = subprocess.PIPE
    suite = subprocess.Popen(
        command, stdout=pipe, stderr=pipe, text=True, env=environment(), cwd=tmp_path, start_new_session=True
    )
    ready = tmp_path / "ready"
    while not ready.exists() and suite.poll() is None:
        time.sleep(0.05)
    time.sleep(0.2)
    os.killpg(suite.pid, signal.SIGINT)  # as a terminal does
    output, errors = suite.communicate(timeout=SECONDS)
    assert suite.returncode == pytest.ExitCode.INTERRUPTED, output + errors
    assert "KeyboardInterrupt" in output
    assert "ended with" not in output + errors
    assert "Unreachable" not in output + errors
    if mode != "in-process":
        assert has_ended(ready.read_text())


@pytest.mark.parametrize("mode", MODES)
def test_a_scenario_that_lies_in_the_working_directory_is_not_meant(
    mode: Mode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "emulator.yaml").write_text("clock: {mode: frozen, at: 2020-01-01T00:00:00Z}\n")
    monkeypatch.chdir(tmp_path)
    with Emulator(mode=mode) as emulator:
        assert emulator.client.clock.get().mode == "real"
