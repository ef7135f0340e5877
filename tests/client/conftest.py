"""A world of an emulator, over a socket and without one."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from emulator import Emulator
from emulator.client import Client

AT = "2024-05-01T12:00:00Z"


@pytest.fixture(scope="session", params=["thread", "in-process"])
def running(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(mode=request.param, clock=f"frozen:{AT}") as emulator:
        yield emulator


@pytest.fixture
def world(running: Emulator) -> Iterator[Client]:
    with running.world() as world:
        yield world


@pytest.fixture
def emma(running: Emulator, world: Client) -> Iterator[httpx2.Client]:
    """A client of Emma's API in that world."""
    base = f"{world.url}/100"
    auth = ("public_key", "private_key")
    transport = running.transport if running.mode == "in-process" else None
    with httpx2.Client(base_url=base, auth=auth, transport=transport, trust_env=False) as client:
        yield client
