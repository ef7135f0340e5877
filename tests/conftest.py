"""An emulator of its own for each test, and a client that needs no socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from emulator import create_app
from emulator.settings import Settings
from tests.receiver import Receiver, receiving
from tests.support import AUTH

ClientFactory = Callable[..., TestClient]


@pytest.fixture
def make_client() -> ClientFactory:
    """A client of a new emulator with these settings, with the document's credentials."""

    def make(**settings: Any) -> TestClient:
        app = create_app(Settings(**settings))
        return TestClient(app, headers={"Authorization": AUTH}, raise_server_exceptions=False)

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
