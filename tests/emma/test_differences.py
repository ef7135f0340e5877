"""What changed in an account, in Emma's words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.emma.calls import LAW, Call, begin_anew, calls
from tests.emma.importing import begin
from tests.emma.support import (
    FIELDS,
    GROUPS,
    MEMBERS,
    act,
    add,
    advance,
    archive,
    choose,
    group,
    ok,
    purge,
    sign_up,
    update,
)
from tests.emma.telling import WEBHOOKS, tell
from tests.round_trip import exported

DIFF = "/_emulator/state/diff"
SNAPSHOT = "/_emulator/snapshots/before"


@pytest.fixture
def client(make_emma: ClientFactory) -> Iterator[TestClient]:
    """A client whose event loop lasts."""
    with make_emma() as client:
        yield client


@pytest.fixture
def ann(client: TestClient) -> int:
    """A member before anything changes, in group 1024 of two."""
    fields = {"first_name": "Ann"}
    member_id = add(
        client, "ann@shop.test", fields=fields, group_ids=[group(client, "News"), group(client, "Wine")][:1]
    )
    ok_snapshot(client)
    return member_id


def ok_snapshot(client: TestClient) -> None:
    assert client.put(SNAPSHOT).status_code == 201


def changes(client: TestClient, query: str = "from=before") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ok(client.get(f"{DIFF}?{query}"))["differences"]
    return [each for each in found if each["kind"] != "clock"]


def said(client: TestClient, query: str = "from=before") -> list[str]:
    return [each["text"].removeprefix("member 1024 ann@shop.test ") for each in changes(client, query)]


def test_a_new_member_is_said_with_its_groups(client: TestClient, ann: int) -> None:
    bob = add(client, "bob@shop.test", group_ids=[1024, 1025])
    (row,) = changes(client)
    assert row["text"] == f"member {bob} bob@shop.test was added, in groups 1024 News, 1025 Wine"
    assert (row["change"], row["id"], row["to"]["groups"], "from" in row) == ("added", bob, [1024, 1025], False)


def test_a_member_that_was_purged_is_gone(client: TestClient) -> None:
    add(client)
    purge(client, 1024)
    assert said(client, "") == ["account 100 is new"]
    add(client)
    ok_snapshot(client)
    client.post("/_emulator/reset")
    assert said(client) == ["account 100 is gone", "member 1025 ann@shop.test is gone"]


def test_changes_of_an_address_and_of_fields_have_both_values(client: TestClient, ann: int) -> None:
    update(client, ann, email="ann@new.test", fields={"first_name": "Anna", "last_name": "Lee"})
    assert [each["text"] for each in changes(client)] == [
        "member 1024 ann@new.test email changed from ann@shop.test to ann@new.test",
        "member 1024 ann@new.test field first_name: Ann -> Anna",
        "member 1024 ann@new.test field last_name set to Lee",
    ]
    assert changes(client)[1] == {
        "kind": "member",
        "id": ann,
        "change": "changed",
        "text": "member 1024 ann@new.test field first_name: Ann -> Anna",
        "vendor": "emma",
        "account": "100",
        "attribute": "fields.first_name",
        "from": "Ann",
        "to": "Anna",
    }
    assert "field last_name cleared, was Lee" in said(client, "from=now&to=before")


def test_groups_that_are_joined_and_left_are_named(client: TestClient, ann: int) -> None:
    ok(client.put(f"{MEMBERS}/{ann}/groups", json={"group_ids": [1025]}))
    ok(client.put(f"{MEMBERS}/{ann}/groups/remove", json={"group_ids": [1024]}))
    assert said(client) == ["joined group 1025 Wine", "left group 1024 News"]
    assert [(each["change"], each.get("from"), each.get("to")) for each in changes(client)] == [
        ("joined", None, 1025),
        ("left", 1024, None),
    ]


@pytest.mark.parametrize(
    ("status", "change", "text"), [("o", "opted out", "opted out"), ("e", "put in error", "went into error")]
)
def test_statuses_are_said_in_words(client: TestClient, ann: int, status: str, change: str, text: str) -> None:
    update(client, ann, status_to=status)
    assert said(client) == [text]
    assert changes(client)[0]["change"] == change
    assert said(client, "from=now&to=before") == ["became active"]


def test_an_opt_out_from_a_mailing_names_it(client: TestClient, ann: int) -> None:
    act(client, "unsubscribe", member_id=ann, mailing_id=77)
    assert said(client) == ["opted out because of mailing 77"]


def test_another_opt_out_than_before_is_a_change(client: TestClient, ann: int) -> None:
    update(client, ann, status_to="o")
    client.put("/_emulator/snapshots/out")
    advance(client, 60)
    update(client, ann, status_to="e")
    act(client, "unsubscribe", member_id=ann, mailing_id=77)
    assert said(client, "from=out") == [
        "opt-out: at @D:2024-05-01T07:00:00 -> at @D:2024-05-01T07:01:00 because of mailing 77"
    ]


def test_a_bounce_is_said_with_its_error(client: TestClient, ann: int) -> None:
    act(client, "bounce", member_id=ann, error="mailbox full", mailing_id=77)
    assert said(client) == [
        "went into error (mailbox full)",
        "email_error set to mailbox full",
        "bounce_count: 0 -> 1",
        "mailing 77 Mailing to member 1024 ann@shop.test was recorded",
    ]


def test_archived_and_restored_members_are_said_to_be(client: TestClient, ann: int) -> None:
    archive(client, ann)
    assert said(client) == ["was archived"]
    assert said(client, "from=now&to=before") == ["was restored"]


def test_a_confirmed_sign_up_has_its_date(client: TestClient, ann: int) -> None:
    act(client, "confirm", member_id=ann)
    assert said(client) == ["confirmed_opt_in set to @D:2024-05-01T07:00:00"]


def test_a_mobile_number_is_said_with_its_consent(client: TestClient, ann: int) -> None:
    update(client, ann, sms={"phone_number": "6155550101", "promotional_status": "o"})
    assert said(client) == [
        "sms phone_number set to +16155550101",
        "sms transactional_status set to a",
        "sms promotional_status set to o",
    ]
    client.put("/_emulator/snapshots/mobile")
    advance(client, 1)
    update(client, ann, sms={"phone_number": "6155550101"})
    assert said(client, "from=mobile") == [
        "sms updated_at: 2024-05-01T12:00:00.000000+00:00 -> 2024-05-01T12:00:01.000000+00:00"
    ]


def test_a_change_to_what_was_there_before_is_said_by_its_date_alone(client: TestClient, ann: int) -> None:
    update(client, ann, fields={"first_name": "Ann"})
    assert said(client) == ["was changed to what it was (last_modified_at set to @D:2024-05-01T07:00:00)"]


def test_fields_in_another_order_are_a_change_because_answers_show_it(client: TestClient) -> None:
    add(client, fields={"first_name": "Ann", "last_name": "Lee"})
    update(client, 1024, fields={"first_name": "Ann"})
    ok_snapshot(client)
    update(client, 1024, fields={"first_name": None})
    update(client, 1024, fields={"first_name": "Ann"})
    assert said(client) == ["has its fields in another order"]


def test_groups_and_fields_are_compared(client: TestClient, ann: int) -> None:
    group(client, "New")
    ok(client.put(f"{GROUPS}/1024", json={"group_name": "Letters"}))
    ok(client.delete(f"{GROUPS}/1025"))
    ok(client.post(FIELDS, json={"shortcut_name": "points", "field_type": "numeric"}))
    ok(client.put(f"{FIELDS}/200", json={"required": True}))
    assert said(client) == [
        "field 200 first_name changed, required set to true",
        "field 1024 points was made",
        "group 1024 Letters changed, group_name: News -> Letters",
        "group 1025 Wine was deleted",
        "group 1026 New was made",
    ]
    assert said(client, "from=now&to=before")[1:] == [
        "field 1024 points is gone",
        "group 1024 News changed, group_name: Letters -> News",
        "group 1025 Wine is there again",
        "group 1026 New is gone",
    ]


def test_an_import_is_said_with_its_state_and_its_numbers(client: TestClient, ann: int) -> None:
    import_id = begin(client, {"email": "bob@shop.test"}, {"email": "bob@shop.test"}, {"first_name": "x"})
    assert said(client) == [f"import {import_id} is queued, 3 rows: nothing done"]
    client.put("/_emulator/snapshots/begun")
    advance(client, 60)
    assert said(client, "from=begun") == [
        "member 1025 bob@shop.test was added",
        f"import {import_id} is finished, 3 rows: 1 added, 1 duplicates, 1 skipped, 1 in error",
    ]
    assert said(client, "from=now&to=before")[-1] == f"import {import_id} is gone"


def test_a_failed_import_is_said_to_have_failed(client: TestClient, ann: int) -> None:
    begin(client, {"email": "bob@shop.test"})
    ok(client.post("/_emulator/jobs/1/fail", json={"message": "no"}))
    assert said(client) == ["import 1024 has failed, 1 rows: nothing done"]


def test_recorded_mail_is_compared(client: TestClient, ann: int) -> None:
    sign_up(client, "ann@shop.test", group_ids=[1025])
    name = "Sign-up confirmation for Wine"
    assert said(client) == [
        "joined group 1025 Wine",
        f"mailing 1024 {name} to member 1024 ann@shop.test was recorded",
    ]
    assert said(client, "from=now&to=before")[-1] == f"mailing 1024 {name} to member 1024 ann@shop.test is gone"


def test_other_keys_are_said_without_them(client: TestClient, ann: int) -> None:
    ok(client.put("/_emulator/state", content="emma: {accounts: [{account_id: 100, keys: {public: s3cret}}]}"))
    answer = client.get(f"{DIFF}?from=before")
    assert "account 100 has other keys or tokens" in answer.text
    assert "s3cret" not in answer.text


def test_a_value_of_a_deleted_field_is_compared_by_its_name(client: TestClient, ann: int) -> None:
    ok(client.post(f"{FIELDS}/200/clear"))
    ok(client.delete(f"{FIELDS}/200"))
    assert said(client) == ["field 200 first_name was deleted", "field first_name cleared, was Ann"]


# What is not compared: ids that were given out, which members an import affected, former addresses.
def visible(client: TestClient, query: str = "") -> Any:
    document = json.loads(exported(client, f"credentials=include&{query}"))
    for account in document.get("emma", {}).get("accounts", []):
        del account["next_ids"]
        for row in account.get("imports", []):
            row.pop("members", None)
        for row in account.get("members", []):
            row.pop("former_addresses", None)
    return document


@settings(LAW, max_examples=15)
@given(calls=calls)
def test_something_is_said_where_an_export_differs_and_only_there(client: TestClient, calls: list[Call]) -> None:
    begin_anew(client)
    choose(client, "unknown_fields", "ignore")
    for call in calls:
        ok_snapshot(client)
        call.send(client)
        differ = visible(client, "snapshot=before") != visible(client)
        assert bool(ok(client.get(f"{DIFF}?from=before"))["total"]) == differ


def test_webhooks_are_said(client: TestClient, ann: int) -> None:
    (webhook_id,) = tell(client, "member_add")
    assert said(client) == [f"webhook {webhook_id} of member_add was made"]
    client.put("/_emulator/snapshots/made")
    ok(client.put(f"{WEBHOOKS}/{webhook_id}", json={"method": "get"}))
    assert said(client, "from=made&to=now") == [f"webhook {webhook_id} of member_add changed, method: POST -> GET"]
    ok(client.delete(f"{WEBHOOKS}/{webhook_id}"))
    assert said(client, "from=made&to=now") == [f"webhook {webhook_id} of member_add is gone"]
