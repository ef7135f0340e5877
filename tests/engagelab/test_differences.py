"""What changed in a list, in EngageLab's words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from starlette.testclient import TestClient

from tests.emma.calls import Call
from tests.engagelab.test_export import histories
from tests.engagelab.test_laws import LAW
from tests.round_trip import exported
from tests.support import MEMBERS, create, save

DIFF = "/_emulator/state/diff"


@pytest.fixture
def ann(client: TestClient) -> str:
    """A member before anything changes."""
    member_id = create(client, fields={"Age": "31"}, tags=["vip"])
    keep(client)
    return member_id


def keep(client: TestClient) -> None:
    assert client.put("/_emulator/snapshots/before").status_code == 201


def changes(client: TestClient, query: str = "from=before") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{DIFF}?{query}").json()["differences"]
    return [each for each in found if each["kind"] != "clock"]


def said(client: TestClient, query: str = "from=before") -> list[str]:
    return [each["text"].partition("ann@shop.test ")[2] or each["text"] for each in changes(client, query)]


def test_new_members_are_said_with_their_tags(client: TestClient, ann: str) -> None:
    bob, cat = create(client, "bob@shop.test", tags=["vip"]), create(client, "cat@shop.test", tags=["vip", "new"])
    assert [each["text"] for each in changes(client) if each["kind"] == "member"] == [
        f"member {bob} bob@shop.test was added, with tag vip",
        f"member {cat} cat@shop.test was added, with tags vip, new",
    ]
    assert changes(client)[-1]["to"] == {"member_id": cat, "email": "cat@shop.test", "tags": ["vip", "new"]}


def test_a_deleted_member_is_said_to_be(client: TestClient, ann: str) -> None:
    client.delete(f"{MEMBERS}/{ann}")
    (row,) = changes(client)
    assert (row["text"], row["change"]) == (f"member {ann} ann@shop.test was deleted", "removed")
    assert row["from"]["fields"] == {"Age": "31"}


def test_changes_have_both_values(client: TestClient, ann: str) -> None:
    client.post("/_emulator/clock/advance", json={"by": 60})
    client.put(
        f"{MEMBERS}/{ann}",
        json={"phone": "123", "name": "Ann", "fields": {"Age": "32", "Gender": "f"}, "tags": ["new"]},
    )
    assert said(client)[1:] == [
        "phone set to 123",
        "name set to Ann",
        "field Age: 31 -> 32",
        "field Gender set to f",
        "got tag new",
        "lost tag vip",
    ]
    assert changes(client)[0]["text"] == "tag new was made"
    assert [each["change"] for each in changes(client)][-2:] == ["tagged", "untagged"]
    assert said(client, "from=now&to=before")[:3] == [
        "tag new is gone",
        "phone cleared, was 123",
        "name cleared, was Ann",
    ]


def test_who_unsubscribed_is_said_with_the_time(client: TestClient, ann: str) -> None:
    client.post("/_emulator/actions/engagelab/unsubscribe", json={"account": "api_user", "member_id": ann})
    (row,) = changes(client)
    assert (row["text"], row["to"]) == (f"member {ann} ann@shop.test unsubscribed", "2024-05-01T20:00:00+0800")
    assert said(client, "from=now&to=before") == ["is subscribed again"]


def test_an_update_with_what_was_there_is_said_by_its_time_alone(client: TestClient, ann: str) -> None:
    client.post("/_emulator/clock/advance", json={"by": 60})
    client.put(f"{MEMBERS}/{ann}", json={"fields": {"Age": "31"}})
    times = "2024-05-01T20:00:00+0800 -> 2024-05-01T20:01:00+0800"
    assert said(client) == [f"was updated with what it had (update_time: {times})"]


def test_tags_or_fields_in_another_order_are_a_change_because_answers_show_it(client: TestClient) -> None:
    create(client, tags=["vip", "new"])
    keep(client)
    save(client, {"email": "ann@shop.test", "tags": ["new", "vip"]}, tag_flag=0)
    assert said(client) == ["was updated with what it had (tags in another order)"]


def test_fields_that_calls_made_are_compared(client: TestClient, ann: str) -> None:
    save(client, {"email": "ann@shop.test", "fields": {"Shoe": "42"}})
    assert said(client) == ["field Shoe was made", "field Shoe set to 42"]


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("api_key: s3cret", "account api_user has another key"),
        ("list_id: 7", "account api_user: list_id: "),
        ("fields: [{field_name: Shoe, field_type: text}]", "field Shoe changed, field_type: number -> text"),
        ("tags: [{tag_id: 63eb56e800000000000000a1, tag_name: new}]", "changed, tag_name: old -> new"),
    ],
)
def test_other_accounts_of_the_same_name_are_compared(client: TestClient, keys: str, text: str) -> None:
    head = "engagelab: {accounts: [{api_user: api_user, user_id: 1, "
    old = "fields: [{field_name: Shoe, field_type: number}], tags: [{tag_id: 63eb56e800000000000000a1, tag_name: old}]"
    client.put("/_emulator/state", content=f"{head}{old}}}]}}")
    keep(client)
    client.put("/_emulator/state", content=f"{head}{keys}}}]}}")
    answer = client.get(f"{DIFF}?from=before")
    assert any(text in each["text"] for each in answer.json()["differences"])
    assert "s3cret" not in answer.text


def visible(client: TestClient, query: str = "") -> Any:
    document = json.loads(exported(client, f"credentials=include&{query}"))
    for account in document.get("engagelab", {}).get("accounts", []):
        del account["next_ids"]
    return document


@settings(LAW, max_examples=40, derandomize=True)
@given(calls=histories)
def test_something_is_said_where_an_export_differs_and_only_there(client: TestClient, calls: list[Call]) -> None:
    client.post("/_emulator/reset")
    for call in calls:
        keep(client)
        call.send(client)
        differ = visible(client, "snapshot=before") != visible(client)
        assert bool(client.get(f"{DIFF}?from=before").json()["total"]) == differ
