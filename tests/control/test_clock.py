"""The clock of a world, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory

NOON = "2024-05-01T12:00:00Z"


def test_a_frozen_clock_is_shown(client: TestClient) -> None:
    assert client.get("/_emulator/clock").json() == {"mode": "frozen", "now": NOON}


@pytest.mark.parametrize(
    ("step", "now"),
    [
        ({"by": 90}, "2024-05-01T12:01:30Z"),
        ({"by": 0.5}, "2024-05-01T12:00:00.500000Z"),
        ({"by": "90"}, "2024-05-01T12:01:30Z"),
        ({"by": "1d2h30m5s"}, "2024-05-02T14:30:05Z"),
        ({"to": "2024-06-01"}, "2024-06-01T00:00:00Z"),
        ({"to": "2024-05-01T22:00:00+08:00"}, "2024-05-01T14:00:00Z"),
    ],
)
def test_advance_moves_by_a_duration_or_to_an_instant(client: TestClient, step: dict[str, Any], now: str) -> None:
    assert client.post("/_emulator/clock/advance", json=step).json() == {"mode": "frozen", "now": now}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"by": -1}, 400),
        ({"by": "soon"}, 400),
        ({"by": ""}, 400),
        ({"by": True}, 400),
        ({"by": "nan"}, 400),
        ({"by": "inf"}, 400),
        ({"by": "1e300"}, 400),
        ({"by": 1, "to": NOON}, 400),
        ({}, 400),
        ({"to": "2024-04-01"}, 409),
        ({"to": "noon"}, 400),
        ({"to": "9999-01-01"}, 400),
    ],
)
def test_a_step_that_can_not_be_made_changes_nothing(client: TestClient, body: dict[str, Any], status: int) -> None:
    answer = client.post("/_emulator/clock/advance", json=body)
    assert answer.status_code == status, answer.text
    assert "\n" not in answer.json()["error"]
    assert client.get("/_emulator/clock").json()["now"] == NOON


def test_the_clock_can_be_set_forward_but_not_back(client: TestClient) -> None:
    later = {"mode": "frozen", "at": "2024-05-02T00:00:00Z"}
    assert client.put("/_emulator/clock", json=later).json() == {"mode": "frozen", "now": later["at"]}
    answer = client.put("/_emulator/clock", json={"mode": "shifted", "at": NOON})
    assert answer.status_code == 409
    assert "/_emulator/reset" in answer.json()["error"]


@pytest.mark.parametrize(
    "body", [{}, {"mode": "fast"}, {"mode": "frozen", "at": 5}, {"mode": "frozen", "on": NOON}, {"mode": ["frozen"]}]
)
def test_a_bad_setting_is_refused(client: TestClient, body: dict[str, Any]) -> None:
    assert client.put("/_emulator/clock", json=body).status_code == 400
    assert client.get("/_emulator/clock").json() == {"mode": "frozen", "now": NOON}


@pytest.mark.parametrize("mode", ["real", "frozen", "shifted"])
def test_a_running_clock_can_change_its_mode(make_client: ClientFactory, mode: str) -> None:
    client = make_client()
    for _ in range(2):
        answer = client.put("/_emulator/clock", json={"mode": mode})
        assert (answer.status_code, answer.json()["mode"]) == (200, mode)


def test_a_real_clock_takes_no_instant(client: TestClient) -> None:
    answer = client.put("/_emulator/clock", json={"mode": "real", "at": NOON})
    assert answer.status_code == 400
    assert client.put("/_emulator/clock", json={"mode": "real"}).status_code == 200


def test_advancing_real_time_shifts_it(make_client: ClientFactory) -> None:
    client = make_client()
    before = client.get("/_emulator/clock").json()
    after = client.post("/_emulator/clock/advance", json={"by": "400d"}).json()
    assert (before["mode"], after["mode"]) == ("real", "shifted")
    assert int(after["now"][:4]) > int(before["now"][:4])


def test_each_world_has_its_own_time(client: TestClient) -> None:
    client.post("/_world/a/_emulator/clock/advance", json={"by": "1d"})
    assert client.get("/_world/b/_emulator/clock").json()["now"] == NOON
