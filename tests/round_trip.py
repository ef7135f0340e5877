"""A world that goes out as a scenario and comes in again somewhere else."""

from __future__ import annotations

import httpx2
from starlette.testclient import TestClient

STATE = "/_emulator/state"


def exported(client: TestClient, query: str = "credentials=include", world: str = "default") -> bytes:
    """The scenario of a world."""
    answer = client.get(f"/_world/{world}{STATE}?{query}")
    assert answer.status_code == 200, answer.text
    content: bytes = answer.content
    return content


def load(client: TestClient, scenario: bytes) -> None:
    """Put the default world of another emulator into that state."""
    answer: httpx2.Response = client.put(STATE, content=scenario)
    assert answer.status_code == 200, answer.text


def check_round_trip(client: TestClient, fresh: TestClient, query: str = "credentials=include") -> None:
    """Load the export into the fresh emulator, as YAML and as JSON; its own export must be the same."""
    scenario = exported(client, query)
    for form in ("yaml", "json"):
        load(fresh, exported(client, f"{query}&format={form}"))
        assert exported(fresh, query) == scenario
