"""Reading and updating one member."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.emma.support import (
    MEMBERS,
    NOW,
    add,
    advance,
    archive,
    emails,
    group,
    groups_of,
    member,
    ok,
    purge,
    refused,
    status,
    update,
)


def test_a_member_has_every_documented_key_in_the_documented_order(client: TestClient) -> None:
    assert list(member(client, add(client))) == [
        "status",
        "confirmed_opt_in",
        "account_id",
        "fields",
        "member_id",
        "last_modified_at",
        "member_status_id",
        "plaintext_preferred",
        "email_error",
        "member_since",
        "bounce_count",
        "deleted_at",
        "email",
        "sms",
    ]


def test_a_member_that_was_just_added_has_nothing_but_its_address(client: TestClient) -> None:
    member_id = add(client)
    assert member(client, member_id) == {
        "status": "active",
        "confirmed_opt_in": None,
        "account_id": 100,
        "fields": {},
        "member_id": member_id,
        "last_modified_at": None,
        "member_status_id": "a",
        "plaintext_preferred": False,
        "email_error": None,
        "member_since": NOW,
        "bounce_count": 0,
        "deleted_at": None,
        "email": "ann@shop.test",
        "sms": None,
    }


def test_ids_count_from_1024(client: TestClient) -> None:
    assert [add(client), add(client, "bob@shop.test")] == [1024, 1025]


def test_a_member_is_found_by_its_address(client: TestClient) -> None:
    member_id = add(client)
    assert ok(client.get(f"{MEMBERS}/email/ann@shop.test")) == member(client, member_id)


@pytest.mark.parametrize("path", ["7", "ann", "-1", "1e3", "9" * 19, "9" * 5000, "email/nobody@shop.test"])
def test_a_member_that_does_not_exist_is_404(client: TestClient, path: str) -> None:
    add(client)
    assert client.get(f"{MEMBERS}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["1024", "email/ann@shop.test"])
def test_an_archived_member_is_shown_only_with_deleted(client: TestClient, path: str) -> None:
    archive(client, add(client))
    assert client.get(f"{MEMBERS}/{path}").status_code == 404
    assert ok(client.get(f"{MEMBERS}/{path}?deleted=true"))["deleted_at"] == NOW


def test_an_account_does_not_see_another_accounts_members(client: TestClient) -> None:
    member_id = add(client)
    assert client.get(f"/200/members/{member_id}").status_code == 404
    assert client.get("/200/members/email/ann@shop.test").status_code == 404


def test_an_update_sets_what_is_sent_and_keeps_the_rest(client: TestClient) -> None:
    group_id = group(client)
    member_id = add(client, fields={"first_name": "Ann", "last_name": "Low"}, group_ids=[group_id])
    before = member(client, member_id)
    advance(client, "1h")
    update(client, member_id, fields={"last_name": "High"})
    changes = {"fields": {"first_name": "Ann", "last_name": "High"}, "last_modified_at": "@D:2024-05-01T08:00:00"}
    assert member(client, member_id) == before | changes
    assert groups_of(client, member_id) == [group_id]


def test_an_update_may_change_the_address(client: TestClient) -> None:
    member_id = add(client)
    update(client, member_id, email="ann@new.test")
    assert emails(client) == ["ann@new.test"]
    assert ok(client.get(f"{MEMBERS}/email/ann@new.test"))["member_id"] == member_id
    assert client.get(f"{MEMBERS}/email/ann@shop.test").status_code == 404


def test_an_address_that_was_given_up_is_free(client: TestClient) -> None:
    member_id = add(client)
    update(client, member_id, email="ann@new.test")
    assert add(client, "ann@shop.test") != member_id


def test_an_update_may_change_the_case_of_the_own_address(client: TestClient) -> None:
    update(client, add(client), email="Ann@Shop.test")
    assert emails(client) == ["Ann@Shop.test"]


@pytest.mark.parametrize("email", ["bob@shop.test", "BOB@shop.test"])
def test_an_address_of_another_member_is_refused_and_nothing_changes(client: TestClient, email: str) -> None:
    add(client, "bob@shop.test")
    before = member(client, member_id := add(client))
    answer = client.put(f"{MEMBERS}/{member_id}", json={"email": email, "fields": {"first_name": "Ann"}})
    assert refused(answer) == (400, "email belongs to another member")
    assert member(client, member_id) == before


def test_the_address_of_an_archived_member_is_not_free(client: TestClient) -> None:
    archive(client, add(client, "bob@shop.test"))
    assert client.put(f"{MEMBERS}/{add(client)}", json={"email": "bob@shop.test"}).status_code == 400


@pytest.mark.parametrize(("letter", "word"), [("a", "active"), ("e", "error"), ("o", "opt-out")])
def test_an_update_may_set_the_status(client: TestClient, letter: str, word: str) -> None:
    member_id = add(client)
    update(client, member_id, status_to=letter)
    answer = member(client, member_id)
    assert (answer["member_status_id"], answer["status"]) == (letter, word)


@pytest.mark.parametrize("letter", ["f", "x", "", "A", "active"])
def test_a_status_that_can_not_be_set_is_refused(client: TestClient, letter: str) -> None:
    answer = client.put(f"{MEMBERS}/{add(client)}", json={"status_to": letter})
    assert refused(answer) == (400, "status_to must be one of a, e, o")


def test_what_a_client_read_can_be_sent_back(client: TestClient) -> None:
    member_id = add(client, fields={"first_name": "Ann", "birthday": "2000-02-29"}, phone_number="+12025550123")
    before = member(client, member_id)
    assert ok(client.put(f"{MEMBERS}/{member_id}", json=before | {"status_to": "a"})) is True
    assert member(client, member_id) == before | {"last_modified_at": NOW}


def test_an_update_of_nobody_is_404(client: TestClient) -> None:
    assert client.put(f"{MEMBERS}/7", json={"fields": {}}).status_code == 404


def test_a_right_address_makes_a_member_whose_address_was_malformed_active(client: TestClient) -> None:
    member_id = add(client, "ann@shop")
    update(client, member_id, email="ann@shop.test")
    answer = member(client, member_id)
    assert (answer["member_status_id"], answer["email_error"]) == ("a", None)


def test_a_malformed_address_puts_a_member_in_error(client: TestClient) -> None:
    member_id = add(client)
    update(client, member_id, email="ann@shop")
    answer = member(client, member_id)
    assert (answer["member_status_id"], answer["email_error"]) == ("e", "format")


@pytest.mark.parametrize("given", ["ann@shop.test", "ann@shop"])
def test_a_new_address_is_no_way_back_for_a_member_that_opted_out(client: TestClient, given: str) -> None:
    member_id = add(client, given)
    update(client, member_id, status_to="o")
    update(client, member_id, email="ann@new")
    update(client, member_id, email="ann@new.test")
    assert status(client, member_id) == "o"


def test_a_mobile_number_may_come_alone_or_in_a_block(client: TestClient) -> None:
    alone, in_block = add(client), add(client, "bob@shop.test")
    update(client, alone, phone_number="2025550123")
    update(client, in_block, sms={"phone_number": "(202) 555-0123", "promotional_status": "o"})
    sms = member(client, alone)["sms"]
    assert sms == {
        "phone_number": "+12025550123",
        "region_code": "US",
        "transactional_status": "a",
        "transactional_status_updated_at": "2024-05-01T12:00:00.000000+00:00",
        "promotional_status": "a",
        "promotional_status_updated_at": "2024-05-01T12:00:00.000000+00:00",
    }
    assert member(client, in_block)["sms"] == sms | {"promotional_status": "o"}


def test_a_new_mobile_number_keeps_the_consent(client: TestClient) -> None:
    member_id = add(client, sms={"phone_number": "2025550123", "promotional_status": "o"})
    update(client, member_id, phone_number="+442079460123")
    sms = member(client, member_id)["sms"]
    assert (sms["phone_number"], sms["region_code"], sms["promotional_status"]) == ("+442079460123", "GB", "o")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"phone_number": "12"}, "sms.phone_number is no phone number"),
        (
            {"sms": {"phone_number": "2025550123", "promotional_status": "x"}},
            "sms.promotional_status must be one of a, o, e",
        ),
        ({"sms": "2025550123"}, "sms must be an object"),
        ({"fields": ["first_name"]}, "fields must be an object"),
        ({"email": " "}, "email can not be empty"),
        ({"email": 7}, "email must be a string"),
    ],
)
def test_what_can_not_be_understood_is_refused(client: TestClient, changes: dict[str, object], message: str) -> None:
    assert refused(client.put(f"{MEMBERS}/{add(client)}", json=changes)) == (400, message)


def test_a_purged_member_is_gone_for_good(client: TestClient) -> None:
    member_id = add(client)
    purge(client, member_id)
    assert client.get(f"{MEMBERS}/{member_id}?deleted=true").status_code == 404
    assert add(client) != member_id
