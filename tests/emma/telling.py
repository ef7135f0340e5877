"""What tests of webhooks say often: declare some in account 100, and read what would be sent."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from emulator.emma.events import EVENTS
from tests.emma.support import ok

WEBHOOKS = "/100/webhooks"
NOWHERE = "http://192.0.2.1/hook"
"""Not on this machine, so that what is told stands in the ledger and goes nowhere."""


def tell(client: TestClient, *events: str, url: str = NOWHERE, **more: Any) -> list[int]:
    """The ids of new webhooks for these events, or for all."""
    return [ok(client.post(WEBHOOKS, json={"event": event, "url": url, **more})) for event in events or EVENTS]


def deliveries(client: TestClient, **query: Any) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = ok(client.get("/_emulator/webhooks", params={"limit": 10_000, **query}))[
        "deliveries"
    ]
    return result


def told(client: TestClient) -> list[dict[str, Any]]:
    """The payloads since this was asked last, in the order of events."""
    payloads = [each["request"] for each in deliveries(client)]
    ok(client.delete("/_emulator/webhooks"))
    return payloads


def events(client: TestClient) -> list[str]:
    """The names of the events since this or `told` was asked last."""
    return [each["event_name"] for each in told(client)]


def facts(client: TestClient, *keys: str) -> list[tuple[Any, ...]]:
    """Of each event since then its name and these of its data, those that it has."""
    return [(each["event_name"], *(each["data"][key] for key in keys if key in each["data"])) for each in told(client)]


def flush(client: TestClient) -> dict[str, int]:
    """How many deliveries there are by state, once everything due is delivered."""
    answer = ok(client.post("/_emulator/webhooks/flush"))
    assert answer["due"] == 0, answer
    states: dict[str, int] = answer["states"]
    return states
