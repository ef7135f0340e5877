"""emma-sdk, installed for the tests, and a running emulator that it talks to."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.process import running

_HERE = Path(__file__).parent
_PACKAGE = "emma-sdk@0.0.3"
_INSTALL_SECONDS = 60
_REASON = 200  # characters
_worlds = itertools.count()

KEYS = {"publicKey": "public_key", "privateKey": "private_key", "accountID": 100}


class Emma:
    """A user of emma-sdk, in a world of its own. The code it runs has the client `emma` and a `callback`."""

    def __init__(self, node: subprocess.Popen[str], base_url: str) -> None:
        self._node = node
        self._base_url = base_url

    def run(self, code: str, **options: Any) -> dict[str, Any]:
        """`{"error": ..., "result": ...}` as the callback got them, or `{"thrown": ...}`."""
        request = {"options": KEYS | options, "baseURL": self._base_url, "code": code}
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(request) + "\n")
        self._node.stdin.flush()
        line = self._node.stdout.readline()
        assert line, f"the client crashed on {code}"
        outcome: dict[str, Any] = json.loads(line)
        return outcome

    def result(self, code: str, **options: Any) -> Any:
        """What a successful call gave."""
        outcome = self.run(code, **options)
        assert (outcome.get("thrown"), outcome.get("error")) == (None, None), f"{code}: {outcome}"
        return outcome["result"]

    def error(self, code: str, **options: Any) -> Any:
        """What a failed call gave."""
        outcome = self.run(code, **options)
        assert outcome.get("error") is not None, f"{code}: {outcome}"
        return outcome["error"]

    def refused(self, code: str, **options: Any) -> str:
        """Emma's text when it refuses a call."""
        error = self.error(code, **options)
        assert list(error) == ["error"], f"{code}: {error}"
        text: str = error["error"]
        return text

    def ids(self, code: str) -> list[int]:
        """The member ids, or else the group ids, of a listing."""
        return [row["member_id"] if "member_id" in row else row["member_group_id"] for row in self.result(code)]

    def advance(self, seconds: int) -> None:
        """Let the world's time pass."""
        answer = httpx2.post(f"{self._base_url}/_emulator/clock/advance", json={"by": seconds}, trust_env=False)
        assert answer.status_code == 200, answer.text

    def sent(self) -> list[tuple[str, str, str, Any]]:
        """Method, path, query and body of each request so far."""
        entries = httpx2.get(f"{self._base_url}/_emulator/journal", trust_env=False).json()["entries"]
        return [(entry["method"], entry["path"], entry["query"], entry["request"]) for entry in entries]


@pytest.fixture(scope="session")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the installed client."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    folder = tmp_path_factory.mktemp("node")
    _install(folder)
    return folder / "node_modules" / "emma-sdk"


@pytest.fixture(scope="session")
def node(sdk: Path) -> Iterator[subprocess.Popen[str]]:
    """A Node process that has loaded it."""
    # A proxy that the environment names must not come between the client and the emulator.
    direct = os.environ | {"NO_PROXY": "*", "no_proxy": "*"}
    command = ["node", str(_HERE / "driver.js"), str(sdk)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=direct) as process:
        yield process


@pytest.fixture(scope="session")
def emulator(node: subprocess.Popen[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an emulator with the documentation's account, whose clock stands still."""
    scenarios = ["--scenario", "emma-documentation", "--scenario", str(_HERE / "oauth.yaml")]
    folder = tmp_path_factory.mktemp("emulator")
    with running(folder, *scenarios, "--accounts", "closed", "--clock", "frozen") as process:
        yield process.url


@pytest.fixture
def emma(node: subprocess.Popen[str], emulator: str) -> Emma:
    return Emma(node, f"{emulator}/_world/client-{next(_worlds)}")


def _install(folder: Path) -> None:
    quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--fetch-retries=1"]
    command = ["npm", "install", "--prefix", str(folder), *quiet, _PACKAGE]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm took more than {_INSTALL_SECONDS} s to fetch {_PACKAGE}")
    if done.returncode != 0:
        pytest.skip(f"npm can not install {_PACKAGE}: {done.stderr[:_REASON]}")
