"""Emulators of every mode, and a world whose block is open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator import Emulator, intercept
from emulator.client import Client
from emulator.hosting.hosted import MODES
from emulator.interception.routes import ROUTES
from tests.interception.callers import CALLERS, Caller


@pytest.fixture(scope="package", params=MODES)
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """One for all tests; each has a world."""
    with Emulator(mode=request.param, clock="frozen:2024-05-01T12:00:00Z") as emulator:
        yield emulator


@pytest.fixture
def world(emulator: Emulator) -> Iterator[Client]:
    """A world into which calls go."""
    with emulator.world() as world, intercept(to=world):
        yield world


@pytest.fixture
def inside() -> Iterator[Client]:
    """The world of a block with an emulator of its own."""
    with intercept() as world:
        yield world


@pytest.fixture(params=CALLERS, ids=lambda caller: caller.__name__)
def call(request: pytest.FixtureRequest) -> Caller:
    caller: Caller = request.param
    return caller


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the machine; tests that want one say so."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(autouse=True)
def _nothing_left(_no_proxies: None) -> Iterator[None]:
    """A block that a test leaves open would be in the way of the next one."""
    yield
    assert not ROUTES
