"""How the status of members changes."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.emma.support import (
    MEMBERS,
    NOW,
    act,
    add,
    archive,
    counters,
    group,
    groups_of,
    member,
    ok,
    refused,
    status,
    update,
)

FOUR = """
emma:
  accounts:
    - account_id: 100
      groups: [{member_group_id: 150, group_name: Customers}]
      members:
        - {member_id: 1, email: active@shop.test, groups: [150]}
        - {member_id: 2, email: error@shop.test, member_status_id: e, groups: [150]}
        - {member_id: 3, email: optout@shop.test, member_status_id: o, groups: [150]}
        - {member_id: 4, email: forwarded@shop.test, member_status_id: f, groups: [150]}
        - {member_id: 5, email: active-too@shop.test}
        - {member_id: 6, email: archived@shop.test, groups: [150], deleted_at: "@D:2024-04-01T00:00:00"}
"""


@pytest.fixture
def four(declared: ClientFactory) -> TestClient:
    """Members of every status in a group; one active member outside, and one archived."""
    return declared(FOUR)


def statuses(client: TestClient) -> str:
    """The letters of members 1 to 6."""
    return "".join(status(client, member_id) for member_id in range(1, 7))


def test_each_letter_has_its_word(four: TestClient) -> None:
    words = [member(four, member_id)["status"] for member_id in range(1, 5)]
    assert words == ["active", "error", "opt-out", "forwarded"]


@pytest.mark.parametrize("email", ["ann", "ann@", "@shop.test", "ann@shop", "ann low@shop.test", "ann@shop..test"])
def test_a_malformed_address_is_stored_in_error(client: TestClient, email: str) -> None:
    answer = ok(client.post(f"{MEMBERS}/add", json={"email": email}))
    assert (answer["status"], answer["added"]) == ("e", True)
    stored = member(client, answer["member_id"])
    assert (stored["email"], stored["status"], stored["email_error"]) == (email, "error", "format")


@pytest.mark.parametrize("email", ["ann+news@shop.test", "a.n_n-1@mail.shop.co.uk", "o'neil@shop.test"])
def test_unusual_addresses_are_well_formed(client: TestClient, email: str) -> None:
    assert status(client, add(client, email)) == "a"


def test_opting_out_by_address(client: TestClient) -> None:
    member_id = add(client)
    assert ok(client.put(f"{MEMBERS}/email/optout/ann@shop.test", json={})) is True
    answer = member(client, member_id)
    assert (answer["status"], answer["last_modified_at"]) == ("opt-out", NOW)


def test_opting_out_twice_is_as_good_as_once(client: TestClient) -> None:
    member_id = add(client)
    for _ in range(2):
        assert ok(client.put(f"{MEMBERS}/email/optout/ANN@shop.test")) is True
        assert status(client, member_id) == "o"


def test_nobody_can_not_opt_out(client: TestClient) -> None:
    archive(client, add(client, "gone@shop.test"))
    assert client.put(f"{MEMBERS}/email/optout/nobody@shop.test").status_code == 404
    assert client.put(f"{MEMBERS}/email/optout/gone@shop.test").status_code == 404


def test_adding_a_member_that_opted_out_updates_it_and_no_more(client: TestClient) -> None:
    member_id = add(client)
    update(client, member_id, status_to="o")
    group_id = group(client)
    body = {"email": "ann@shop.test", "fields": {"first_name": "Ann"}, "group_ids": [group_id], "status_to": "a"}
    answer = ok(client.post(f"{MEMBERS}/add", json=body))
    assert answer == {"status": "o", "added": False, "member_id": member_id}
    assert member(client, member_id)["fields"] == {"first_name": "Ann"}
    assert groups_of(client, member_id) == [group_id]


def test_members_that_opt_out_stay_in_their_groups_and_are_counted_there(client: TestClient) -> None:
    group_id = group(client)
    member_id = add(client, group_ids=[group_id])
    assert counters(client, group_id) == (1, 0, 0)
    update(client, member_id, status_to="o")
    assert counters(client, group_id) == (0, 0, 1)
    assert groups_of(client, member_id) == [group_id]


@pytest.mark.parametrize("letter", ["a", "e", "o"])
def test_members_by_id_can_be_set_to_any_settable_status(four: TestClient, letter: str) -> None:
    body = {"member_ids": [1, 2, 3, 4], "status_to": letter}
    assert ok(four.put(f"{MEMBERS}/status", json=body)) is True
    assert statuses(four) == letter * 4 + "aa"


def test_setting_the_status_of_archived_and_unknown_members_is_false_and_serves_the_others(four: TestClient) -> None:
    for others in ([6], [99]):
        body = {"member_ids": [1, *others], "status_to": "e"}
        assert ok(four.put(f"{MEMBERS}/status", json=body)) is False
    assert statuses(four) == "eeofaa"


@pytest.mark.parametrize("letter", ["f", "x", ""])
def test_members_by_id_can_not_be_set_to_other_statuses(four: TestClient, letter: str) -> None:
    answer = four.put(f"{MEMBERS}/status", json={"member_ids": [1], "status_to": letter})
    assert refused(answer) == (400, "status_to must be one of a, e, o")
    assert statuses(four) == "aeofaa"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"member_ids": [1]}, "status_to can not be empty"),
        ({"status_to": "a"}, "member_ids can not be empty"),
        ({"status_to": "a", "member_ids": None}, "member_ids must be a list"),
        ({"status_to": "a", "member_ids": ["x"]}, "member_ids[0] must be an integer"),
        ({"status_to": "a", "member_ids": [1, True]}, "member_ids[1] must be an integer"),
    ],
)
def test_setting_a_status_needs_ids_and_a_letter(four: TestClient, body: dict[str, object], message: str) -> None:
    assert refused(four.put(f"{MEMBERS}/status", json=body)) == (400, message)


@pytest.mark.parametrize(
    ("shift", "after"),
    [
        ("a/to/e", "eeofea"),
        ("e/to/a", "aaofaa"),
        ("o/to/a", "aeafaa"),
        ("f/to/a", "aeoaaa"),
        ("a/to/f", "feoffa"),
        ("a/to/a", "aeofaa"),
    ],
)
def test_all_members_of_a_status_but_archived_ones_can_be_shifted(four: TestClient, shift: str, after: str) -> None:
    assert ok(four.put(f"{MEMBERS}/status/{shift}")) is True
    assert statuses(four) == after


def test_a_shift_may_be_of_one_groups_members(four: TestClient) -> None:
    assert ok(four.put(f"{MEMBERS}/status/a/to/o", json={"group_id": 150})) is True
    assert statuses(four) == "oeofaa"


@pytest.mark.parametrize(("shift", "name"), [("x/to/a", "status_from"), ("a/to/x", "status_to")])
def test_a_shift_between_what_are_no_statuses_is_refused(four: TestClient, shift: str, name: str) -> None:
    assert refused(four.put(f"{MEMBERS}/status/{shift}")) == (400, f"{name} must be one of a, e, f, o")


def test_becoming_active_clears_what_was_wrong_with_the_mailbox(client: TestClient) -> None:
    member_id = add(client)
    act(client, "bounce", member_id=member_id)
    update(client, member_id, status_to="a")
    answer = member(client, member_id)
    assert (answer["email_error"], answer["bounce_count"]) == (None, 0)


def test_a_shift_to_the_status_a_member_has_does_not_modify_it(client: TestClient) -> None:
    member_id = add(client)
    ok(client.put(f"{MEMBERS}/status", json={"member_ids": [member_id], "status_to": "a"}))
    assert member(client, member_id)["last_modified_at"] is None
