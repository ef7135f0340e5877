"""Where the contract tests send their requests: an emulator started for them, or `--target URL`."""

from __future__ import annotations

import base64
import itertools
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import httpx2
import pytest

_START_SECONDS = 30
_worlds = itertools.count()
_SCENARIOS = ("engagelab-documentation", "emma-documentation")
# By the folder of the tests.
_CREDENTIALS = {"engagelab": "api_user:api_key", "emma": "public_key:private_key"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--target", help="http(s) address to test; default: an emulator started for the tests")
    parser.addoption("--credentials", help="user:password there; default: those of the vendor's document")
    parser.addoption("--account", default="100", help="Emma's account there, whose members the tests delete")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On both stores, unless something else is the target."""
    if "target" in metafunc.fixturenames:
        stores = ("memory", "tinydb") if metafunc.config.getoption("--target") is None else ("theirs",)
        metafunc.parametrize("target", stores, indirect=True, scope="session")


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address without a final slash. What runs there starts from the scenarios of the vendors' documents."""
    given: str | None = request.config.getoption("--target")
    if given is not None:
        yield given.rstrip("/")
        return
    store = "memory" if request.param == "memory" else f"tinydb:{tmp_path_factory.mktemp('worlds')}"
    ready = tmp_path_factory.mktemp("emulator") / "ready"
    command = [sys.executable, "-m", "emulator", "start", "--port", "0", "--ready-file", str(ready), "--store", store]
    scenarios = [word for scenario in _SCENARIOS for word in ("--scenario", scenario)]
    with subprocess.Popen([*command, *scenarios], stdout=subprocess.DEVNULL) as process:
        try:
            yield _wait_for(ready, process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_START_SECONDS)


@pytest.fixture
def authorization(request: pytest.FixtureRequest) -> str:
    credentials: str = request.config.getoption("--credentials") or _CREDENTIALS[request.path.parent.name]
    return "Basic " + base64.b64encode(credentials.encode()).decode()


Send = Callable[..., httpx2.Response]


@pytest.fixture(scope="session")
def is_emulator(target: str) -> bool:
    return "X-Emulator" in httpx2.get(f"{target}/_emulator/livez", trust_env=False).headers


@pytest.fixture
def world(target: str, is_emulator: bool) -> Iterator[str]:
    """A new world of the emulator, so that no test sees what another changed; a real vendor ignores the header."""
    name = f"contract-{next(_worlds)}-{time.monotonic_ns()}"
    yield name
    if is_emulator:
        httpx2.delete(f"{target}/_emulator/worlds/{name}", trust_env=False)


@pytest.fixture
def send(target: str, authorization: str, world: str) -> Iterator[Send]:
    """Send a request: (method, path with query, body, headers), with our credentials unless `authorized` is false."""
    # trust_env: a proxy that the environment names must not come between.
    with httpx2.Client(base_url=target, trust_env=False, timeout=30) as client:

        def send(
            method: str,
            path: str,
            body: str | None = None,
            headers: Mapping[str, str] = MappingProxyType({}),
            *,
            authorized: bool = True,
        ) -> httpx2.Response:
            merged = {**headers, "X-Emulator-World": world} | ({"Authorization": authorization} if authorized else {})
            return client.request(method, path, content=None if body is None else body.encode(), headers=merged)

        yield send


def _wait_for(ready: Path, process: subprocess.Popen[bytes]) -> str:
    for _ in range(_START_SECONDS * 100):
        if ready.exists():
            return ready.read_text().strip()
        if process.poll() is not None:
            break
        time.sleep(0.01)
    raise RuntimeError("the emulator did not start")
