"""Making, dropping and resetting worlds."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.support import LISTS, choose, create


def total(client: TestClient, world: str = "default") -> int:
    count: int = client.post(f"/_world/{world}{LISTS}/list_members").json()["total"]
    return count


def names(client: TestClient) -> list[str]:
    return [world["name"] for world in client.get("/_emulator/worlds").json()["worlds"]]


def test_the_prefix_and_the_header_select_the_same_world(client: TestClient) -> None:
    client.headers["X-Emulator-World"] = "mine"
    create(client)
    del client.headers["X-Emulator-World"]
    assert (total(client, "mine"), total(client)) == (1, 0)


def test_the_prefix_wins_over_the_header(client: TestClient) -> None:
    client.headers["X-Emulator-World"] = "other"
    assert client.get("/_world/mine/_emulator/journal").json()["kept"] == 0
    assert names(client) == ["default", "mine"]


def test_a_world_starts_as_the_start_up_scenario(make_client: ClientFactory) -> None:
    client = make_client(scenario=("engagelab-documentation",))
    assert total(client, "a") == 4
    client.delete(f"/_world/a{LISTS}/members/6565c12a3b4e0d83d3f58ea0")
    assert (total(client, "a"), total(client, "b")) == (3, 4)


def test_a_world_can_be_made_listed_and_dropped(client: TestClient) -> None:
    assert client.post("/_emulator/worlds", json={"name": "mine"}).status_code == 201
    assert names(client) == ["default", "mine"]
    assert client.delete("/_emulator/worlds/mine").json() == {"dropped": "mine"}
    assert names(client) == ["default"]


def test_a_late_call_does_not_bring_a_world_back_that_was_made_once(client: TestClient) -> None:
    client.post("/_emulator/worlds", json={"name": "mine", "once": True})
    client.delete("/_emulator/worlds/mine")
    late = client.get("/_world/mine/100/members", headers={"Authorization": "Basic YTpi"})
    assert late.status_code == 404
    assert "make it anew with POST /_emulator/worlds" in late.headers["X-Emulator-Hint"]
    assert client.get("/_world/mine/_emulator/clock").status_code == 404
    assert names(client) == ["default"]


def test_a_slash_at_the_end_does_not_lead_into_another_world(client: TestClient) -> None:
    create(client)
    assert client.post("/_world/mine/_emulator/reset/").status_code == 404
    assert total(client) == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "worlds", {"name": "default"}, 409),
        ("POST", "worlds", {"name": "no/slash"}, 400),
        ("POST", "worlds", {"name": ""}, 400),
        ("POST", "worlds", {"name": 7}, 400),
        ("POST", "worlds", {}, 400),
        ("DELETE", "worlds/nobody", None, 404),
        ("DELETE", "worlds/default", None, 409),
        ("POST", "reset", {"scopes": ["everything"]}, 400),
        ("POST", "reset", {"scopes": "data"}, 400),
        ("POST", "reset", {"scopes": [{}]}, 400),
        ("POST", "reset", {"scope": []}, 400),
        ("POST", "reset", {"clock": "noon"}, 400),
        ("POST", "reset", [], 400),
        ("POST", "actions/engagelab/dance", {}, 404),
        ("POST", "actions/nobody/unsubscribe", {}, 404),
        ("POST", "actions/engagelab/unsubscribe", {"account": 7}, 404),
        ("GET", "nothing", None, 404),
        ("DELETE", "clock", None, 405),
    ],
)
def test_what_can_not_be_done_is_said_in_one_line(
    client: TestClient, method: str, path: str, body: Any, status: int
) -> None:
    create(client)
    answer = client.request(method, f"/_emulator/{path}", json=body)
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["error"]
    assert "\n" not in answer.json()["error"]
    assert total(client) == 1


@pytest.mark.parametrize("name", ["-x", "a b", "a%2Fb", "%2E%2E", "%C3%A9", "a" * 65, ""])
def test_a_bad_world_name_is_refused_in_the_vendors_shape(client: TestClient, name: str) -> None:
    answer = client.get(f"/_world/{name}/v1/marketing/lists/members/8")
    assert answer.status_code == 400
    assert "world names" in answer.json()["message"]
    assert client.get(f"/_world/{name}/_emulator/journal").status_code == 400


def test_the_cap_on_worlds_refuses_clearly_and_drops_nothing(make_client: ClientFactory) -> None:
    client = make_client(max_worlds=2)
    create(client)
    client.post("/_emulator/worlds", json={"name": "second"})
    for answer in (
        client.post(f"/_world/third{LISTS}/list_members"),
        client.post("/_emulator/worlds", json={"name": "third"}),
        client.get("/_world/third/_emulator/journal"),
    ):
        assert answer.status_code == 503
        assert "--max-worlds" in answer.text
    assert total(client) == 1
    client.delete("/_emulator/worlds/second")
    assert total(client, "third") == 0


def test_reset_returns_everything_to_the_start(make_client: ClientFactory) -> None:
    client = make_client(scenario=("engagelab-documentation",), clock={"mode": "frozen", "at": "2024-05-01T12:00:00Z"})
    create(client)
    choose(client, "patch", "update")
    client.post("/_emulator/clock/advance", json={"by": "1d"})
    client.get(f"{LISTS}/members/8")
    answer = client.post("/_emulator/reset")
    assert answer.json() == {
        "world": "default",
        "reset": ["data", "journal", "clock", "behaviours", "faults", "limits", "webhooks"],
    }
    assert client.get("/_emulator/journal").json()["kept"] == 0
    assert client.get("/_emulator/clock").json()["now"] == "2024-05-01T12:00:00Z"
    assert client.patch(f"{LISTS}/members/8", json={}).status_code == 404
    assert total(client) == 4


@pytest.mark.parametrize("scope", ["data", "journal", "clock", "behaviours"])
def test_reset_of_one_scope_leaves_the_others(client: TestClient, scope: str) -> None:
    create(client)
    choose(client, "list_key", "list")
    client.post("/_emulator/clock/advance", json={"by": "1d"})
    assert client.post("/_emulator/reset", json={"scopes": [scope]}).status_code == 200
    journal = client.get("/_emulator/journal").json()["kept"]
    listing = client.post(f"{LISTS}/list_members").json()
    now = client.get("/_emulator/clock").json()["now"]
    assert (journal == 0) == (scope == "journal")
    assert (listing["total"] == 0) == (scope == "data")
    assert ("list" not in listing) == (scope == "behaviours")
    assert (now == "2024-05-01T12:00:00Z") == (scope == "clock")


def test_reset_can_start_the_clock_at_any_instant(client: TestClient) -> None:
    client.post("/_emulator/reset", json={"clock": {"mode": "frozen", "at": "2001-09-09T01:46:40Z"}})
    assert create(client).startswith(f"{1_000_000_000:08x}")


def test_a_reset_gives_the_same_ids_again(client: TestClient) -> None:
    first = create(client)
    client.post("/_emulator/reset")
    assert create(client) == first
