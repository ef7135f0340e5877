"""What webhooks are told of: the payloads, and the rest that holds for every event."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from emulator.emma.events import EVENTS
from tests.conftest import ClientFactory
from tests.emma.support import (
    FIELDS,
    GROUPS,
    MEMBERS,
    NOW,
    act,
    add,
    archive,
    group,
    notes,
    ok,
    purge,
    sign_up,
    update,
)
from tests.emma.telling import deliveries, events, tell, told

API = "https://api.e2ma.net/100"


@pytest.fixture
def client(make_emma: ClientFactory) -> TestClient:
    """A client whose account tells somebody of everything."""
    client = make_emma(behaviour=(("emma.job_progress", "immediate"),))
    tell(client)
    return client


def test_without_a_webhook_nothing_is_told(make_emma: ClientFactory) -> None:
    client = make_emma()
    add(client)
    assert deliveries(client) == []


def test_a_webhook_is_told_of_its_event_only(make_emma: ClientFactory) -> None:
    client = make_emma()
    tell(client, "group_create", "member_update")
    add(client)
    group(client)
    assert events(client) == ["group_create"]


def test_each_webhook_of_an_event_is_told(make_emma: ClientFactory) -> None:
    client = make_emma()
    first, second = tell(client, "member_add", "member_add")
    add(client)
    assert [each["webhook"] for each in deliveries(client)] == [first, second]


def test_the_whole_payload_of_an_added_member(client: TestClient) -> None:
    in_group = group(client)
    told(client)
    member_id = add(client, group_ids=[in_group], signup_form_id=7)
    payload, _ = told(client)
    assert payload == {
        "event_name": "member_add",
        "data": {
            "member_id": member_id,
            "account_id": 100,
            "timestamp": NOW,
            "signup_form_id": 7,
            "resource_url": f"{API}/members/{member_id}",
            "group_ids": [in_group],
        },
        "resource_url": f"{API}/members/{member_id}",
    }


KEYS = {
    "member_signup": ["account_id", "member_id", "mailing_id", "signup_form_id", "timestamp"],
    "member_add": ["member_id", "account_id", "timestamp", "signup_form_id", "resource_url", "group_ids"],
    "member_update": ["member_id", "account_id", "timestamp"],
    "member_delete": ["member_id", "account_id", "timestamp"],
    "member_optout": ["account_id", "member_id", "mailing_id", "subject", "timestamp"],
    "member_status_update": ["member_ids", "account_id", "new_status", "timestamp"],
    "member_add_to_group": ["member_ids", "account_id", "timestamp", "group_ids"],
    "member_remove_from_group": ["member_ids", "account_id", "timestamp", "group_ids"],
    "group_create": ["group_id", "group_name", "account_id", "timestamp", "resource_url"],
    "group_update": ["group_id", "group_name", "account_id", "timestamp", "resource_url"],
    "group_delete": ["group_id", "account_id", "timestamp", "resource_url"],
    "field_create": ["field_id", "account_id", "timestamp", "resource_url"],
    "field_update": ["field_id", "account_id", "timestamp", "resource_url"],
    "field_delete": ["field_id", "account_id", "timestamp", "resource_url"],
    "import_finish": ["import_id", "account_id", "timestamp", "resource_url", "group_ids", "contact_count"],
    "mailing_start": ["mailing_id", "account_id", "subject", "timestamp"],
    "mailing_finish": ["mailing_id", "account_id", "subject", "timestamp"],
    "message_open": ["account_id", "member_id", "mailing_id", "subject", "timestamp"],
    "message_forward": ["account_id", "member_id", "mailing_id", "subject", "timestamp"],
    "message_click": ["account_id", "member_id", "mailing_id", "subject", "timestamp", "link_id"],
    "message_share": ["account_id", "member_id", "mailing_id", "subject", "timestamp", "network"],
    "message_share_click": ["account_id", "member_id", "mailing_id", "subject", "timestamp", "network"],
}


def cause_everything(client: TestClient) -> None:
    """Each of the 22 events, by calls and actions."""
    in_group = group(client)
    ann, bob = sign_up(client, group_ids=[in_group]), add(client, "bob@shop.test")
    update(client, ann, fields={"first_name": "Ann"})
    ok(client.put(f"{MEMBERS}/{bob}/groups", json={"group_ids": [in_group]}))
    ok(client.put(f"{MEMBERS}/{bob}/groups/remove", json={"group_ids": [in_group]}))
    ok(client.put(f"{MEMBERS}/status", json={"member_ids": [bob], "status_to": "e"}))
    ok(client.put(f"{MEMBERS}/email/optout/ann@shop.test"))
    archive(client, bob)
    ok(client.post(MEMBERS, json={"members": [{"email": "cat@shop.test"}]}))
    ok(client.put(f"{GROUPS}/{in_group}", json={"group_name": "Friends"}))
    ok(client.delete(f"{GROUPS}/{in_group}"))
    field_id = ok(client.post(FIELDS, json={"shortcut_name": "size"}))
    ok(client.put(f"{FIELDS}/{field_id}", json={"display_name": "Size"}))
    ok(client.delete(f"{FIELDS}/{field_id}"))
    for event in ("mailing_start", "mailing_finish"):
        act(client, event)
    for event in ("open", "click", "forward", "share", "share_click"):
        act(client, f"message_{event}", member_id=ann)


def test_every_event_can_be_caused_and_has_its_keys(client: TestClient) -> None:
    cause_everything(client)
    seen = {each["event_name"]: list(each["data"]) for each in told(client)}
    assert seen == KEYS
    assert seen.keys() == EVENTS.keys()


def test_of_one_thing_the_payload_says_beside_its_data_where_it_is(client: TestClient) -> None:
    cause_everything(client)
    for payload in told(client):
        data, event = payload["data"], payload["event_name"]
        if event in ("mailing_start", "mailing_finish", "member_status_update") or "member_ids" in data:
            assert list(payload) == ["event_name", "data"]
            continue
        assert list(payload) == ["event_name", "data", "resource_url"]
        assert data.get("resource_url", payload["resource_url"]) == payload["resource_url"]
        path = payload["resource_url"].removeprefix(API)
        kind = "group" if event.startswith("group") else "field" if event.startswith("field") else "member"
        if event == "import_finish":
            assert path == f"/members/imports/{data['import_id']}"
        else:
            assert path == f"/{kind}s/{data[f'{kind}_id']}"


def test_a_refused_call_is_not_told(client: TestClient) -> None:
    assert client.post(f"{MEMBERS}/add", json={"email": ""}).status_code == 400
    assert client.delete(f"{MEMBERS}/1").status_code == 404
    assert client.put(f"{GROUPS}/1", json={"group_name": "x"}).status_code == 404
    assert events(client) == []


def test_a_delivery_names_the_journal_entry_of_the_call(client: TestClient) -> None:
    add(client)
    entry = ok(client.get("/_emulator/journal?limit=1"))["entries"][0]
    assert entry["operation"] == "emma.members.add"
    assert [each["journal_entry"] for each in deliveries(client)] == [entry["id"]]


def test_a_delivery_that_an_action_caused_names_none(client: TestClient) -> None:
    act(client, "mailing_start")
    assert [each["journal_entry"] for each in deliveries(client)] == [None]


def test_with_get_the_payload_is_in_the_query(make_emma: ClientFactory) -> None:
    client = make_emma()
    tell(client, "group_create", url="http://192.0.2.1/hook?token=1#part", method="GET")
    group(client, "A & B")
    (delivery,) = deliveries(client)
    assert (delivery["method"], delivery["request"]) == ("GET", None)
    assert delivery["url"].startswith(
        "http://192.0.2.1/hook?token=***&payload=%7B%22event_name%22%3A%22group_create%22"
    )
    assert "A+%26+B" in delivery["url"]
    assert "#" not in delivery["url"]


def test_what_finds_no_room_is_remarked_upon(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.core.webhooks.outbox.MOST_KEPT", 0)
    add(client)
    assert "a webhook was not told of member_add: too many deliveries wait (GET /_emulator/webhooks)" in notes(client)
    assert ok(client.get("/_emulator/webhooks"))["dropped"] == 1


def test_a_purge_blanks_what_deliveries_say_of_a_member(make_emma: ClientFactory) -> None:
    client = make_emma()
    tell(client, "mailing_finish", url="http://192.0.2.1/hook")
    tell(client, "group_create")
    member_id = add(client)
    act(client, "mailing_finish", subject="For Ann@Shop.test")
    group(client, "Friends")
    purge(client, member_id)
    mailing, other = deliveries(client)
    assert (mailing["request"], mailing["url"]) == ("[erased]", "[erased]")
    assert other["request"]["data"]["group_name"] == "Friends"
