"""What Emma's tests say often, of account 100."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from emulator.emma.account import EmmaAccount
from tests.support import world_of

AUTH = "Basic cHVibGljX2tleTpwcml2YXRlX2tleQ=="  # public_key:private_key
NOW = "@D:2024-05-01T07:00:00"  # of the frozen clock, in US Central time
MEMBERS = "/100/members"
GROUPS = "/100/groups"
FIELDS = "/100/fields"


def account_of(client: TestClient) -> EmmaAccount:
    """The account that tests use, once a request has made it."""
    account = world_of(client).accounts["emma"].known("100")
    assert isinstance(account, EmmaAccount)
    return account


def ok(answer: httpx2.Response) -> Any:
    """What a call answers that must succeed."""
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer: httpx2.Response) -> tuple[int, str]:
    """Status and message of an answer with Emma's error body."""
    body = answer.json()
    assert list(body) == ["error"], body
    return answer.status_code, body["error"]


def add(client: TestClient, email: str = "ann@shop.test", **more: Any) -> int:
    """The id of a member that is added, or was there."""
    member_id: int = ok(client.post(f"{MEMBERS}/add", json={"email": email, **more}))["member_id"]
    return member_id


def sign_up(client: TestClient, email: str = "ann@shop.test", **more: Any) -> int:
    """The id of a member that signs up."""
    member_id: int = ok(client.post(f"{MEMBERS}/signup", json={"email": email, **more}))["member_id"]
    return member_id


def update(client: TestClient, member_id: int, **changes: Any) -> None:
    assert ok(client.put(f"{MEMBERS}/{member_id}", json=changes)) is True


def archive(client: TestClient, *member_ids: int) -> None:
    assert ok(client.put(f"{MEMBERS}/delete", json={"member_ids": member_ids})) is True


def purge(client: TestClient, *member_ids: int) -> None:
    assert ok(client.post(f"{MEMBERS}/purge", json={"member_ids": member_ids})) is True


def member(client: TestClient, member_id: int, **query: Any) -> dict[str, Any]:
    """A member's details."""
    result: dict[str, Any] = ok(client.get(f"{MEMBERS}/{member_id}", params=query))
    return result


def emails(client: TestClient, **query: Any) -> list[str]:
    """The addresses of a listing of members."""
    return [each["email"] for each in ok(client.get(MEMBERS, params=query))]


def status(client: TestClient, member_id: int) -> str:
    """A member's status letter."""
    letter: str = member(client, member_id, deleted=True)["member_status_id"]
    return letter


def group(client: TestClient, name: str = "Customers") -> int:
    """The id of a new group."""
    group_id: int = ok(client.post(GROUPS, json={"groups": [{"group_name": name}]}))[0]["member_group_id"]
    return group_id


def groups_of(client: TestClient, member_id: int) -> list[int]:
    """The ids of the groups that a member is in."""
    return [each["member_group_id"] for each in ok(client.get(f"{MEMBERS}/{member_id}/groups"))]


def counters(client: TestClient, group_id: int) -> tuple[int, int, int]:
    """How many active, error and opted-out members a group says it has."""
    answer = ok(client.get(f"{GROUPS}/{group_id}"))
    return answer["active_count"], answer["error_count"], answer["optout_count"]


def choose(client: TestClient, behaviour: str, choice: str) -> None:
    """Set `emma.<behaviour>` in the default world."""
    ok(client.put("/_emulator/behaviours", json={f"emma.{behaviour}": choice}))


def advance(client: TestClient, by: float | str) -> None:
    """Move the clock, and do the jobs that become due."""
    ok(client.post("/_emulator/clock/advance", json={"by": by}))


def choices(*pairs: tuple[str, Any]) -> pytest.MarkDecorator:
    """A test for each choice of a behaviour, with what it leads to."""
    return pytest.mark.parametrize(("choice", "wanted"), pairs)


def act(client: TestClient, action: str, **arguments: Any) -> dict[str, Any]:
    """What a tester causes in account 100."""
    result: dict[str, Any] = ok(client.post(f"/_emulator/actions/emma/{action}", json={"account": "100", **arguments}))
    return result


def mail(client: TestClient) -> list[dict[str, Any]]:
    """The recorded confirmations of sign-ups."""
    result: list[dict[str, Any]] = ok(client.get("/_emulator/mail"))["mail"]
    return result


def notes(client: TestClient) -> list[str]:
    """The remarks in the journal about the latest call."""
    result: list[str] = ok(client.get("/_emulator/journal?limit=1"))["entries"][0]["notes"]
    return result
