"""What webhooks are told of members: which call causes which event, with which facts."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.emma.support import (
    MEMBERS,
    act,
    add,
    archive,
    choose,
    group,
    ok,
    purge,
    sign_up,
    update,
)
from tests.emma.telling import events, facts, tell, told


@pytest.fixture
def client(make_emma: ClientFactory) -> TestClient:
    """A client whose account tells somebody of everything."""
    client = make_emma(behaviour=(("emma.job_progress", "immediate"),))
    tell(client)
    return client


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
