"""Adding one member, signing one up, and the confirmations that a sign-up sends."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.emma.support import (
    MEMBERS,
    NOW,
    act,
    add,
    advance,
    archive,
    emails,
    group,
    groups_of,
    mail,
    member,
    notes,
    ok,
    purge,
    refused,
    sign_up,
    status,
    update,
)

MESSAGE = "[rsvp_name] [rsvp_email] [opt_in_url] [opt_out_url]"


def test_adding_answers_status_novelty_and_id(client: TestClient) -> None:
    answer = client.post(f"{MEMBERS}/add", json={"email": "ann@shop.test"})
    assert (answer.status_code, answer.text) == (200, '{"status":"a","added":true,"member_id":1024}')


def test_adding_a_known_address_updates_its_member(client: TestClient) -> None:
    member_id = add(client, fields={"first_name": "Ann", "last_name": "Low"})
    advance(client, "1h")
    body = {"email": "ANN@shop.test", "fields": {"last_name": "High"}}
    answer = ok(client.post(f"{MEMBERS}/add", json=body))
    assert answer == {"status": "a", "added": False, "member_id": member_id}
    after = member(client, member_id)
    assert after["fields"] == {"first_name": "Ann", "last_name": "High"}
    assert (after["email"], after["member_since"], after["last_modified_at"]) == (
        "ann@shop.test",
        NOW,
        "@D:2024-05-01T08:00:00",
    )


def test_adding_joins_groups_and_leaves_none(client: TestClient) -> None:
    first, second = group(client, "First"), group(client, "Second")
    member_id = add(client, group_ids=[first])
    add(client, group_ids=[second, second])
    assert groups_of(client, member_id) == [first, second]


def test_groups_that_do_not_exist_are_ignored_and_noted(client: TestClient) -> None:
    member_id = add(client, group_ids=[7])
    assert "group 7 can not be joined and was ignored" in notes(client)
    assert groups_of(client, member_id) == []


def test_unknown_fields_are_dropped_and_noted(client: TestClient) -> None:
    member_id = add(client, fields={"shoe_size": "9", "first_name": "Ann"})
    assert "fields.shoe_size is no field of this account and was dropped (emma.unknown_fields)" in notes(client)
    assert member(client, member_id)["fields"] == {"first_name": "Ann"}


def test_a_mobile_number_is_stored_in_international_form(client: TestClient) -> None:
    sms = {"phone_number": "1234567890", "promotional_status": "o", "transactional_status": "a"}
    stored = member(client, add(client, sms=sms))["sms"]
    assert (stored["phone_number"], stored["region_code"]) == ("+11234567890", "US")
    assert (stored["promotional_status"], stored["transactional_status"]) == ("o", "a")


@pytest.mark.parametrize("path", ["add", "signup"])
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "email can not be empty"),
        ({"email": ""}, "email can not be empty"),
        ({"email": None}, "email must be a string"),
        ({"email": "ann@shop.test", "group_ids": None}, "group_ids must be a list"),
        ({"email": "ann@shop.test", "group_ids": ["x"]}, "group_ids[0] must be an integer"),
        ({"email": "ann@shop.test", "fields": "x"}, "fields must be an object"),
    ],
)
def test_what_can_not_be_understood_is_refused(
    client: TestClient, path: str, body: dict[str, object], message: str
) -> None:
    assert refused(client.post(f"{MEMBERS}/{path}", json=body)) == (400, message)
    assert emails(client) == []


def test_signing_up_makes_an_active_member_that_is_enlisted_at_once(client: TestClient) -> None:
    group_id = group(client)
    body = {"email": "ann@shop.test", "fields": {"first_name": "Ann"}, "group_ids": [str(group_id)]}
    answer = ok(client.post(f"{MEMBERS}/signup", json=body))
    assert answer == {"status": "a", "member_id": 1024}
    stored = member(client, 1024)
    assert (stored["fields"], stored["confirmed_opt_in"]) == ({"first_name": "Ann"}, None)
    assert groups_of(client, 1024) == [group_id]


def test_each_new_enlistment_records_a_mailing(client: TestClient) -> None:
    first, second = group(client, "First"), group(client, "Second")
    member_id = sign_up(client, group_ids=[first])
    sign_up(client, group_ids=[first, second], opt_in_subject="Please confirm")
    assert mail(client) == [
        {
            "vendor": "emma",
            "account": "100",
            "member_id": member_id,
            "email": "ann@shop.test",
            "mailing_id": 1024 + number,
            "name": f"Sign-up confirmation for {name}",
            "subject": subject,
            "at": "2024-05-01T12:00:00Z",
        }
        for number, (name, subject) in enumerate(
            [("First", "Sign-up confirmation for First"), ("Second", "Please confirm")]
        )
    ]
    history = ok(client.get(f"{MEMBERS}/{member_id}/mailings"))
    assert [each["subject"] for each in history] == ["Please confirm", "Sign-up confirmation for First"]


@pytest.mark.parametrize("group_ids", [[], [7]])
def test_signing_up_for_no_group_records_no_mailing(client: TestClient, group_ids: list[int]) -> None:
    sign_up(client, group_ids=group_ids)
    assert mail(client) == []


def test_a_sign_up_without_confirmation_enlists_and_records_no_mailing(client: TestClient) -> None:
    group_id = group(client)
    member_id = sign_up(client, group_ids=[group_id], opt_in_confirmation=False)
    assert groups_of(client, member_id) == [group_id]
    assert mail(client) == []


@pytest.mark.parametrize("again", [True, False])
def test_nothing_changes_for_a_member_without_a_new_group(client: TestClient, again: bool) -> None:
    group_id = group(client)
    before = member(client, member_id := sign_up(client, group_ids=[group_id]))
    advance(client, "1h")
    groups = [group_id] if again else []
    assert sign_up(client, group_ids=groups, fields={"first_name": "Ann"}) == member_id
    assert member(client, member_id) == before
    assert len(mail(client)) == 1


def test_a_sign_up_for_a_new_group_updates_the_fields(client: TestClient) -> None:
    member_id = sign_up(client, fields={"first_name": "Ann"})
    sign_up(client, group_ids=[group(client)], fields={"last_name": "Low"})
    assert member(client, member_id)["fields"] == {"first_name": "Ann", "last_name": "Low"}


def test_signing_up_restores_an_archived_member(client: TestClient) -> None:
    archive(client, member_id := sign_up(client))
    assert sign_up(client) == member_id
    assert emails(client) == ["ann@shop.test"]


def test_a_member_whose_address_is_malformed_is_mailed_nothing(client: TestClient) -> None:
    assert status(client, sign_up(client, "ann@shop", group_ids=[group(client)])) == "e"
    assert mail(client) == []


def test_confirming_sets_the_date_of_the_opt_in(client: TestClient) -> None:
    member_id = sign_up(client, group_ids=[group(client)])
    advance(client, "1h")
    assert act(client, "confirm", member_id=member_id) == {
        "member_id": member_id,
        "member_status_id": "a",
        "confirmed_opt_in": "@D:2024-05-01T08:00:00",
    }
    assert member(client, member_id)["confirmed_opt_in"] == "@D:2024-05-01T08:00:00"


def test_signing_up_and_confirming_is_the_way_back_for_a_member_that_opted_out(client: TestClient) -> None:
    member_id = add(client)
    update(client, member_id, status_to="o")
    body = {"email": "ann@shop.test", "group_ids": [group(client)]}
    assert ok(client.post(f"{MEMBERS}/signup", json=body)) == {"status": "o", "member_id": member_id}
    act(client, "confirm", member_id=member_id)
    assert status(client, member_id) == "a"


@pytest.mark.parametrize("placeholder", MESSAGE.split())
def test_a_confirmation_of_ones_own_needs_every_placeholder(client: TestClient, placeholder: str) -> None:
    body = {"email": "ann@shop.test", "opt_in_message": MESSAGE.replace(placeholder, "")}
    answer = client.post(f"{MEMBERS}/signup", json=body)
    assert refused(answer) == (400, f"opt_in_message must contain {placeholder}")
    assert emails(client) == []
    sign_up(client, opt_in_message=MESSAGE)


def test_a_purged_member_takes_its_recorded_mail_along(client: TestClient) -> None:
    purge(client, sign_up(client, group_ids=[group(client)]))
    assert mail(client) == []
