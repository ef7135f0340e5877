"""An emulator for the tests: the one at EMULATOR_URL, as in CI, or one that is started for them."""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its URL."""
    if url := os.environ.get("EMULATOR_URL"):
        yield url
        return
    ready = tmp_path_factory.mktemp("emulator") / "ready"
    # Port 0 takes a free one; the file says which, once it answers.
    command = [sys.executable, "-m", "emulator", "start", "--port", "0", "--ready-file", str(ready)]
    process = subprocess.Popen(command)  # noqa: S603 - it is ours
    try:
        yield _url_in(ready, process)
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def world(emulator: str) -> Iterator[str]:
    """The URL of a world of this test's own, so that tests do not see each other and can run at the same time."""
    name = uuid.uuid4().hex
    yield f"{emulator}/_world/{name}"
    requests.delete(f"{emulator}/_emulator/worlds/{name}", timeout=10)


def _url_in(ready: Path, process: subprocess.Popen[bytes]) -> str:
    for _ in range(300):
        if ready.exists():
            return ready.read_text().strip()
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError("the emulator did not start; what it said stands above")
