"""What webhooks are told of: which call causes which event, with which facts."""

from __future__ import annotations

from typing import Any

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
    advance,
    archive,
    choose,
    group,
    notes,
    ok,
    purge,
    sign_up,
    update,
)
from tests.emma.telling import deliveries, events, facts, tell, told

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


def test_adding_and_updating_by_address(client: TestClient) -> None:
    member_id = add(client)
    add(client)
    assert facts(client, "member_id", "signup_form_id", "group_ids") == [
        ("member_add", member_id, None, []),
        ("member_update", member_id),
    ]


def test_adding_with_a_form_is_a_sign_up_too_when_the_member_is_new(client: TestClient) -> None:
    member_id = add(client, signup_form_id="12")
    add(client, signup_form_id="12")
    assert facts(client, "member_id", "signup_form_id", "mailing_id") == [
        ("member_add", member_id, 12),
        ("member_signup", member_id, 12, None),
        ("member_update", member_id),
    ]


@pytest.mark.parametrize("form_id", ["", "x", None, [], {}, 1.5, -3, "9" * 30])
def test_a_form_that_is_none_does_not_matter(client: TestClient, form_id: Any) -> None:
    add(client, signup_form_id=form_id)
    assert events(client) == ["member_add"]


def test_a_restored_member_was_updated(client: TestClient) -> None:
    archive(client, add(client))
    told(client)
    add(client)
    assert events(client) == ["member_update"]


def test_a_restored_member_that_counts_as_added_was_added(client: TestClient) -> None:
    choose(client, "restored_is_added", "true")
    archive(client, add(client))
    told(client)
    add(client)
    assert events(client) == ["member_add"]


def test_signing_up_names_the_confirmation(client: TestClient) -> None:
    in_group = group(client)
    told(client)
    member_id = sign_up(client, group_ids=[in_group], signup_form_id=3)
    assert facts(client, "member_id", "mailing_id", "signup_form_id") == [
        ("member_add", member_id, 3),
        ("member_signup", member_id, 1024, 3),
    ]


def test_signing_up_without_a_confirmation_names_none(client: TestClient) -> None:
    member_id = sign_up(client, opt_in_confirmation=False)
    assert facts(client, "member_id", "mailing_id") == [
        ("member_add", member_id),
        ("member_signup", member_id, None),
    ]


def test_signing_up_again_is_told_only_when_a_group_is_new(client: TestClient) -> None:
    in_group = group(client)
    sign_up(client)
    told(client)
    sign_up(client)
    assert events(client) == []
    sign_up(client, group_ids=[in_group])
    assert events(client) == ["member_update", "member_signup"]


def test_updating_a_member_tells_of_its_status_if_that_changed(client: TestClient) -> None:
    member_id = add(client)
    told(client)
    update(client, member_id, status_to="a")
    update(client, member_id, status_to="e")
    assert facts(client, "member_id", "member_ids", "new_status") == [
        ("member_update", member_id),
        ("member_update", member_id),
        ("member_status_update", [member_id], "e"),
    ]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "/1024", None),
        ("PUT", "/delete", {"member_ids": [1024]}),
        ("DELETE", "?member_status_id=a", None),
        ("POST", "/purge", {"member_ids": [1024]}),
    ],
)
@pytest.mark.parametrize("deletion", ["archive", "erase"])
def test_each_deleted_member_is_told(client: TestClient, method: str, path: str, body: Any, deletion: str) -> None:
    choose(client, "deletion", deletion)
    member_id = add(client)
    told(client)
    ok(client.request(method, f"{MEMBERS}{path}", json=body))
    assert facts(client, "member_id") == [("member_delete", member_id)]


def test_members_that_are_deleted_together_are_told_one_by_one(client: TestClient) -> None:
    member_ids = [add(client, f"m{number}@shop.test") for number in range(3)]
    told(client)
    ok(client.delete(MEMBERS))
    assert facts(client, "member_id") == [("member_delete", each) for each in member_ids]


def test_purging_an_archived_member_is_not_told_again(client: TestClient) -> None:
    member_id = add(client)
    archive(client, member_id)
    told(client)
    purge(client, member_id)
    ok(client.put(f"{MEMBERS}/purgeall"))
    assert events(client) == []


def test_erasing_from_a_snapshot_tells_nobody(client: TestClient) -> None:
    member_id = add(client)
    assert client.put("/_emulator/snapshots/before").status_code == 201
    archive(client, member_id)
    told(client)
    purge(client, member_id)
    assert events(client) == []


def test_opting_out_by_address_is_told_once(client: TestClient) -> None:
    member_id = add(client)
    told(client)
    for _ in range(2):
        ok(client.put(f"{MEMBERS}/email/optout/ann@shop.test"))
    assert facts(client, "member_id", "mailing_id", "subject") == [("member_optout", member_id, None, None)]


def test_opting_out_from_a_mailing_names_it(client: TestClient) -> None:
    member_id = add(client)
    act(client, "deliver", member_id=member_id, mailing_id=5, subject="News")
    act(client, "deliver", member_id=member_id, mailing_id=6, subject="More news")
    told(client)
    for _ in range(2):
        act(client, "unsubscribe", member_id=member_id, mailing_id=5)
    assert facts(client, "member_id", "mailing_id", "subject") == [("member_optout", member_id, 5, "News")]


def test_statuses_are_told_of_those_who_changed(client: TestClient) -> None:
    ann, bob = add(client), add(client, "bob@shop.test")
    update(client, bob, status_to="e")
    told(client)
    ok(client.put(f"{MEMBERS}/status", json={"member_ids": [ann, bob, 999], "status_to": "e"}))
    assert facts(client, "member_ids", "new_status") == [("member_status_update", [ann], "e")]
    ok(client.put(f"{MEMBERS}/status/e/to/o"))
    assert facts(client, "member_ids", "new_status") == [("member_status_update", [ann, bob], "o")]
    ok(client.put(f"{MEMBERS}/status/e/to/o"))
    assert events(client) == []


def test_a_final_opt_out_is_no_change(client: TestClient) -> None:
    choose(client, "reactivate_optout", "forbid")
    member_id = add(client)
    update(client, member_id, status_to="o")
    told(client)
    ok(client.put(f"{MEMBERS}/status/o/to/a"))
    ok(client.put(f"{MEMBERS}/status", json={"member_ids": [member_id], "status_to": "a"}))
    assert events(client) == []


def test_bounces_and_confirmations_are_told_when_they_change_the_status(client: TestClient) -> None:
    member_id = add(client)
    told(client)
    act(client, "confirm", member_id=member_id)
    act(client, "bounce", member_id=member_id, hard=False)
    assert events(client) == []
    act(client, "bounce", member_id=member_id)
    assert facts(client, "member_ids", "new_status") == [("member_status_update", [member_id], "e")]
    update(client, member_id, status_to="o")
    told(client)
    act(client, "confirm", member_id=member_id)
    assert facts(client, "member_ids", "new_status") == [("member_status_update", [member_id], "a")]


def test_joining_groups_names_those_that_are_new(client: TestClient) -> None:
    first, second = group(client, "First"), group(client, "Second")
    member_id = add(client, group_ids=[first])
    told(client)
    for _ in range(2):
        ok(client.put(f"{MEMBERS}/{member_id}/groups", json={"group_ids": [first, second, 999]}))
    assert facts(client, "member_ids", "group_ids") == [("member_add_to_group", [member_id], [second])]


def test_leaving_groups_names_those_it_was_in(client: TestClient) -> None:
    first, second = group(client, "First"), group(client, "Second")
    member_id = add(client, group_ids=[first])
    told(client)
    for _ in range(2):
        ok(client.put(f"{MEMBERS}/{member_id}/groups/remove", json={"group_ids": [first, second]}))
    assert facts(client, "member_ids", "group_ids") == [("member_remove_from_group", [member_id], [first])]


def test_leaving_all_groups_says_all(client: TestClient) -> None:
    member_id = add(client, group_ids=[group(client)])
    told(client)
    for _ in range(2):
        ok(client.delete(f"{MEMBERS}/{member_id}/groups"))
    assert facts(client, "member_ids", "group_ids") == [("member_remove_from_group", [member_id], "all")]


@pytest.fixture
def grouped(client: TestClient) -> tuple[TestClient, int, int, int]:
    """A group, a member in it and one that is not."""
    in_group = group(client)
    ann, bob = add(client, group_ids=[in_group]), add(client, "bob@shop.test")
    told(client)
    return client, in_group, ann, bob


Grouped = tuple[TestClient, int, int, int]


def test_releasing_members_names_those_who_were_there(grouped: Grouped) -> None:
    client, in_group, ann, bob = grouped
    for _ in range(2):
        ok(client.put(f"{MEMBERS}/groups/remove", json={"member_ids": [ann, bob], "group_ids": [in_group]}))
    assert facts(client, "member_ids", "group_ids") == [("member_remove_from_group", [ann], [in_group])]


def test_enlisting_members_names_those_who_were_not_there(grouped: Grouped) -> None:
    client, in_group, ann, bob = grouped
    for _ in range(2):
        ok(client.put(f"{GROUPS}/{in_group}/members", json={"member_ids": [ann, bob]}))
    assert facts(client, "member_ids", "group_ids") == [("member_add_to_group", [bob], [in_group])]


def test_releasing_from_a_group_names_those_who_were_there(grouped: Grouped) -> None:
    client, in_group, ann, bob = grouped
    for _ in range(2):
        ok(client.put(f"{GROUPS}/{in_group}/members/remove", json={"member_ids": [ann, bob]}))
    assert facts(client, "member_ids", "group_ids") == [("member_remove_from_group", [ann], [in_group])]


@pytest.mark.parametrize(("query", "wanted"), [("", "all"), ("?member_status_id=a", [1024])])
def test_emptying_a_group_says_all_unless_a_status_is_named(grouped: Grouped, query: str, wanted: Any) -> None:
    client, in_group, _, _ = grouped
    for _ in range(2):
        ok(client.delete(f"{GROUPS}/{in_group}/members{query}"))
    assert facts(client, "member_ids", "group_ids") == [("member_remove_from_group", wanted, [in_group])]


@pytest.mark.parametrize(("body", "wanted"), [({}, "all"), ({"member_status_id": ["a", "e"]}, [1025])])
def test_copying_all_members_says_all_unless_statuses_are_named(grouped: Grouped, body: Any, wanted: Any) -> None:
    client, in_group, _, _ = grouped
    for _ in range(2):
        ok(client.put(f"{MEMBERS}/{in_group}/copy", json=body))
    assert facts(client, "member_ids", "group_ids") == [("member_add_to_group", wanted, [in_group])]


def test_copying_a_group_names_its_members(grouped: Grouped) -> None:
    client, in_group, ann, _ = grouped
    other = group(client, "Other")
    told(client)
    for _ in range(2):
        ok(client.put(f"{GROUPS}/{in_group}/{other}/members/copy"))
    assert facts(client, "member_ids", "group_ids") == [("member_add_to_group", [ann], [other])]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", [("member_remove_from_group", [1024], "all")]),
        ("&delete_members=true", [("member_delete", 1024), ("member_remove_from_group", [1024], "all")]),
    ],
)
def test_the_background_removal_is_told_when_it_is_done(grouped: Grouped, query: str, wanted: Any) -> None:
    client, in_group, _, _ = grouped
    choose(client, "job_progress", "time")
    ok(client.delete(f"{GROUPS}/{in_group}/members/remove?member_status_id=a{query}"))
    assert events(client) == []
    advance(client, 10)
    assert facts(client, "member_id", "member_ids", "group_ids") == wanted


def test_a_background_removal_that_fails_is_told_as_far_as_it_came(client: TestClient) -> None:
    choose(client, "job_progress", "time")
    choose(client, "job_units_per_second", "1")
    in_group = group(client)
    ann = add(client, group_ids=[in_group])
    add(client, "bob@shop.test", group_ids=[in_group])
    ok(client.delete(f"{GROUPS}/{in_group}/members/remove?member_status_id=a"))
    advance(client, 1.5)
    told(client)
    ok(client.post("/_emulator/jobs/1/fail"))
    assert facts(client, "member_ids", "group_ids") == [("member_remove_from_group", [ann], "all")]


def test_who_left_the_groups_before_the_background_removal_is_not_named_by_it(client: TestClient) -> None:
    choose(client, "job_progress", "time")
    in_group = group(client)
    ann, bob = add(client, group_ids=[in_group]), add(client, "bob@shop.test", group_ids=[in_group])
    ok(client.delete(f"{GROUPS}/{in_group}/members/remove?member_status_id=a"))
    ok(client.delete(f"{MEMBERS}/{ann}/groups"))
    told(client)
    advance(client, 10)
    assert facts(client, "member_ids") == [("member_remove_from_group", [bob])]


def test_a_removal_that_was_copied_half_done_tells_of_both_halves(client: TestClient) -> None:
    choose(client, "job_progress", "time")
    choose(client, "job_units_per_second", "1")
    in_group = group(client)
    member_ids = [add(client, f"m{number}@shop.test", group_ids=[in_group]) for number in range(2)]
    ok(client.delete(f"{GROUPS}/{in_group}/members/remove?member_status_id=a"))
    advance(client, 1.5)
    assert client.put("/_emulator/snapshots/half").status_code == 201
    for _ in range(2):
        told(client)
        advance(client, 5)
        assert facts(client, "member_ids") == [("member_remove_from_group", member_ids)]
        ok(client.post("/_emulator/snapshots/half/restore"))


def test_groups(client: TestClient) -> None:
    group_id = group(client, "First")
    ok(client.put(f"{GROUPS}/{group_id}", json={"group_name": "Second"}))
    ok(client.delete(f"{GROUPS}/{group_id}"))
    assert facts(client, "group_id", "group_name") == [
        ("group_create", group_id, "First"),
        ("group_update", group_id, "Second"),
        ("group_delete", group_id),
    ]


def test_groups_that_are_made_together_are_told_one_by_one(client: TestClient) -> None:
    ok(client.post(GROUPS, json={"groups": [{"group_name": "First"}, {"group_name": "Second"}]}))
    assert facts(client, "group_name") == [("group_create", "First"), ("group_create", "Second")]


def test_fields(client: TestClient) -> None:
    field_id = ok(client.post(FIELDS, json={"shortcut_name": "size"}))
    ok(client.put(f"{FIELDS}/{field_id}", json={"display_name": "Size"}))
    ok(client.post(f"{FIELDS}/{field_id}/clear"))
    ok(client.delete(f"{FIELDS}/{field_id}"))
    assert facts(client, "field_id") == [
        ("field_create", field_id),
        ("field_update", field_id),
        ("field_delete", field_id),
    ]


def test_a_field_that_a_member_brings_along_is_told(client: TestClient) -> None:
    choose(client, "unknown_fields", "create")
    add(client, fields={"size": "XL"})
    assert events(client) == ["field_create", "member_add"]


def test_an_import_is_told_once_when_it_is_done(client: TestClient) -> None:
    in_group = group(client)
    add(client)
    choose(client, "job_progress", "time")
    told(client)
    rows = [{"email": "ann@shop.test"}, {"email": "bob@shop.test"}, {"email": "bob@shop.test"}, {}]
    ok(client.post(MEMBERS, json={"members": rows, "group_ids": [in_group]}))
    assert events(client) == []
    advance(client, 10)
    assert facts(client, "import_id", "group_ids", "contact_count", "timestamp") == [
        ("import_finish", 1024, [in_group], 2, NOW)
    ]


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
    assert delivery["url"].startswith("http://192.0.2.1/hook?token=1&payload=%7B%22event_name%22%3A%22group_create%22")
    assert "A+%26+B" in delivery["url"]
    assert "#" not in delivery["url"]


def test_what_finds_no_room_is_remarked_upon(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.core.outbox.MOST_KEPT", 0)
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
