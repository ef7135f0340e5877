"""What tests say often."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from emulator.app import EmulatorApp
from emulator.core.world import World
from emulator.core.worlds import Worlds
from emulator.engagelab.account import EngageLabAccount

AUTH = "Basic YXBpX3VzZXI6YXBpX2tleQ=="  # api_user:api_key
LISTS = "/v1/marketing/lists"
MEMBERS = f"{LISTS}/members"


def world_of(client: TestClient, name: str = "default") -> World:
    """The world behind a client, for what can not be seen from outside."""
    assert isinstance(client.app, EmulatorApp)
    worlds: Worlds = client.app.state.worlds
    return worlds.get(name)


def account_of(client: TestClient) -> EngageLabAccount:
    """The account that tests use, once a request has made it."""
    account = world_of(client).accounts["engagelab"].known("api_user")
    assert isinstance(account, EngageLabAccount)
    return account


def save(client: TestClient, *members: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The answer of a batch that updates existing members."""
    body = {"members": list(members), "update_existing": True, **more}
    answer = client.post(MEMBERS, json=body)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def create(client: TestClient, email: str = "ann@shop.test", **more: Any) -> str:
    """The id of a new member."""
    answer = save(client, {"email": email, **more})
    assert answer["created_count"] == 1, answer
    member_id: str = answer["created_members"][0]["member_id"]
    return member_id


def get(client: TestClient, member_id: str) -> dict[str, Any]:
    """A member's details."""
    answer = client.get(f"{MEMBERS}/{member_id}")
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result


def found(client: TestClient, *items: tuple[str, str, object], relation: str = "and") -> list[str]:
    """The addresses that meet a condition, in the order of the listing."""
    answer = client.post(f"{LISTS}/list_members?limit=100", json={"condition": condition(*items, relation=relation)})
    assert answer.status_code == 200, answer.text
    return [member["email"] for member in answer.json()["result"]]


def condition(*items: tuple[str, str, object], relation: str = "and") -> dict[str, Any]:
    """A condition of (field_name, op, value); a value of None is left out."""
    return {
        "relation": relation,
        "items": [
            {"field_name": name, "op": op} | ({} if value is None else {"value": value}) for name, op, value in items
        ],
    }


def choose(client: TestClient, behaviour: str, choice: str) -> None:
    """Set `engagelab.<behaviour>` in the default world."""
    answer = client.put("/_emulator/behaviours", json={f"engagelab.{behaviour}": choice})
    assert answer.status_code == 200, answer.text
