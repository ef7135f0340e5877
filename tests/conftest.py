"""An emulator of its own for each test, and a client that needs no socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.receiver import Receiver, receiving
from tests.stores import Memory, OnDisk
from tests.support import AUTH

pytest_plugins = ["pytester"]
ClientFactory = Callable[..., TestClient]


@pytest.fixture(params=["memory", "tinydb"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory | OnDisk]:
    """Every test of behaviour runs on both."""
    store = Memory() if request.param == "memory" else OnDisk(lambda: tmp_path_factory.mktemp("worlds"))
    yield store
    store.check()


@pytest.fixture
def make_client(store: Memory | OnDisk) -> ClientFactory:
    """A client of a new emulator with these settings, with the document's credentials."""

    def make(**settings: Any) -> TestClient:
        return store.make({"Authorization": AUTH}, **settings)

    return make


@pytest.fixture
def client(make_client: ClientFactory) -> TestClient:
    """A client of a new, empty emulator whose clock stands still."""
    return make_client(clock={"mode": "frozen", "at": "2024-05-01T12:00:00Z"})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks on this machine."""
    with receiving() as receiver:
        yield receiver
