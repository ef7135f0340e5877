"""Clients of an emulator of its own for each test, with Emma's credentials and a clock that stands still."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.emma.support import AUTH

CLOCK = {"mode": "frozen", "at": "2024-05-01T12:00:00Z"}


@pytest.fixture
def make_emma(make_client: ClientFactory) -> ClientFactory:
    """A client of a new emulator with these settings."""

    def make(**settings: Any) -> TestClient:
        client = make_client(**{"clock": CLOCK, **settings})
        client.headers["Authorization"] = AUTH
        return client

    return make


@pytest.fixture
def client(make_emma: ClientFactory) -> TestClient:
    """A client of an account 100 that nobody declared."""
    return make_emma()


@pytest.fixture
def documentation(make_emma: ClientFactory) -> TestClient:
    """A client of the documentation's account 100."""
    return make_emma(scenario=("emma-documentation",))


@pytest.fixture
def declared(make_emma: ClientFactory, tmp_path: Path) -> ClientFactory:
    """A client of an emulator whose scenario has this text."""

    def make(text: str, **settings: Any) -> TestClient:
        file = tmp_path / "scenario.yaml"
        file.write_text(text)
        return make_emma(scenario=(str(file),), **settings)

    return make
