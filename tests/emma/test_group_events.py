"""What webhooks are told of groups and who is in them, of fields and of imports."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.emma.support import (
    FIELDS,
    GROUPS,
    MEMBERS,
    NOW,
    add,
    advance,
    choose,
    group,
    ok,
)
from tests.emma.telling import events, facts, tell, told


@pytest.fixture
def client(make_emma: ClientFactory) -> TestClient:
    """A client whose account tells somebody of everything."""
    client = make_emma(behaviour=(("emma.job_progress", "immediate"),))
    tell(client)
    return client


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
