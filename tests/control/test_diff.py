"""What changed between two states of a world."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.emma.support import AUTH

DIFF = "/_emulator/state/diff"


@pytest.fixture(autouse=True)
def _as_emma(client: TestClient) -> None:
    client.headers["Authorization"] = AUTH


def add(client: TestClient, name: str) -> None:
    assert client.post("/100/members/add", json={"email": f"{name}@shop.test"}).status_code == 200


def keep(client: TestClient, name: str) -> None:
    assert client.put(f"/_emulator/snapshots/{name}").status_code == 201


def diff(client: TestClient, query: str = "") -> dict[str, Any]:
    answer = client.get(f"{DIFF}?{query}")
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def added(client: TestClient, query: str = "") -> list[str]:
    """The names of those who are new."""
    return [
        each["text"].split()[2].partition("@")[0] for each in diff(client, query)["differences"] if each["id"] != "100"
    ]


def test_without_names_it_is_from_the_start_to_now(client: TestClient) -> None:
    assert diff(client) == {
        "from": {"state": "start", "now": "2024-05-01T12:00:00Z"},
        "to": {"state": "now", "now": "2024-05-01T12:00:00Z"},
        "differences": [],
        "total": 0,
        "left_out": 0,
        "counts": {},
    }
    add(client, "ann")
    assert added(client) == ["ann"]


def test_two_snapshots_are_compared_whatever_the_world_is_like_now(client: TestClient) -> None:
    add(client, "ann")
    keep(client, "one")
    add(client, "bob")
    keep(client, "two")
    add(client, "cat")
    assert added(client, "from=one&to=two") == ["bob"]
    assert added(client, "from=one") == ["bob", "cat"]
    assert added(client, "from=start&to=one") == ["ann"]
    assert added(client, "from=now&to=now") == []


def test_behaviours_and_clock_are_compared(client: TestClient) -> None:
    client.put("/_emulator/behaviours", json={"emma.paging_end": "inclusive"})
    client.post("/_emulator/clock/advance", json={"by": 1})
    answer = diff(client)
    assert [each["text"] for each in answer["differences"]] == [
        "behaviour emma.paging_end: exclusive -> inclusive",
        "clock: 2024-05-01T12:00:00Z frozen -> 2024-05-01T12:00:01Z frozen",
    ]
    assert (answer["from"]["now"], answer["to"]["now"]) == ("2024-05-01T12:00:00Z", "2024-05-01T12:00:01Z")


def test_what_is_over_the_limit_is_counted(client: TestClient) -> None:
    for name in ("ann", "bob", "cat"):
        add(client, name)
    answer = diff(client, "limit=2")
    assert [each["kind"] for each in answer["differences"]] == ["account", "member"]
    assert (answer["total"], answer["left_out"]) == (4, 2)
    assert answer["counts"] == {"account": {"added": 1}, "member": {"added": 3}}
    assert diff(client, "limit=0")["left_out"] == 4


@pytest.mark.parametrize("limit", ["-1", "many", "", "100001", "\u0663", "9" * 99])
def test_a_limit_that_is_none_is_refused(client: TestClient, limit: str) -> None:
    answer = client.get(DIFF, params={"limit": limit})
    assert (answer.status_code, answer.json()["error"].startswith("limit: ")) == (400, True)


def test_a_snapshot_that_there_is_not_is_said_to_be_none(client: TestClient) -> None:
    answer = client.get(f"{DIFF}?from=before")
    assert answer.status_code == 404
    assert "there is no snapshot 'before'" in answer.json()["error"]


def test_a_parameter_that_there_is_not_is_refused(client: TestClient) -> None:
    answer = client.get(f"{DIFF}?since=before")
    assert answer.status_code == 400
    assert answer.json()["error"] == "unknown parameter 'since'; allowed are from, to, limit"


def test_a_name_that_could_mean_two_states_is_refused_with_how_to_say_which(client: TestClient) -> None:
    add(client, "ann")
    keep(client, "start")
    keep(client, "now")
    add(client, "bob")
    answer = client.get(f"{DIFF}?from=start")
    assert answer.status_code == 409
    assert answer.json()["error"] == (
        "from: start could be a state of this world or the snapshot of that name; "
        "write from=state:start or from=snapshot:start"
    )
    assert client.get(f"{DIFF}?to=now").json()["error"].startswith("to: now could be")
    assert added(client) == ["ann", "bob"]
    assert added(client, "from=state:start") == ["ann", "bob"]
    assert added(client, "from=snapshot:start") == ["bob"]
    assert added(client, "from=state:start&to=snapshot:now") == ["ann"]
    assert diff(client, "from=snapshot:start&to=state:now")["from"]["state"] == "snapshot:start"


def test_each_world_has_changes_of_its_own(client: TestClient) -> None:
    add(client, "ann")
    assert client.get(f"/_world/other{DIFF}").json()["total"] == 0


def test_comparing_changes_nothing(client: TestClient) -> None:
    add(client, "ann")
    before = client.get("/_emulator/state").content
    diff(client)
    diff(client, "from=now&to=start")
    assert client.get("/_emulator/state").content == before
    client.post("/_emulator/reset")
    assert diff(client)["total"] == 0
