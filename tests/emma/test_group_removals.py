"""Copies of many members into a group, and removals of all that a group has."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.emma.importing import in_group, jobs
from tests.emma.support import (
    GROUPS,
    MEMBERS,
    add,
    advance,
    archive,
    choose,
    counters,
    emails,
    group,
    groups_of,
    ok,
    purge,
    refused,
    update,
)

LETTERS = ("a", "e", "o")


@pytest.fixture
def source(client: TestClient) -> int:
    """A group with a member of each status, and one that is archived; all of them are in another group, too."""
    groups = [group(client, "Source"), group(client, "Other")]
    for letter in LETTERS:
        update(client, add(client, f"{letter}@shop.test", group_ids=groups), status_to=letter)
    archive(client, add(client, "gone@shop.test", group_ids=groups))
    return groups[0]


def names(*letters: str) -> list[str]:
    return [f"{letter}@shop.test" for letter in letters]


def remove(client: TestClient, group_id: int, **query: Any) -> Any:
    """Remove from all groups, and wait for it."""
    answer = ok(client.delete(f"{GROUPS}/{group_id}/members/remove", params=query))
    advance(client, 60)
    return answer


BODIES = pytest.mark.parametrize(
    ("body", "letters"),
    [
        (None, LETTERS),
        ({}, LETTERS),
        ([], LETTERS),
        ({"member_status_id": ["a"]}, ["a"]),
        ({"member_status_id": ["o", "e", "o"]}, ["e", "o"]),
        ({"member_status_id": "e"}, ["e"]),
        ({"member_status_id": []}, []),
    ],
)


@BODIES
def test_a_group_is_copied_by_status(client: TestClient, source: int, body: Any, letters: list[str]) -> None:
    target = group(client)
    add(client, "outside@shop.test")
    assert ok(client.put(f"{GROUPS}/{source}/{target}/members/copy", json=body)) is True
    assert in_group(client, target, deleted=True) == names(*letters)
    assert counters(client, source) == (1, 1, 1)


@BODIES
def test_the_whole_account_is_copied_by_status(client: TestClient, source: int, body: Any, letters: list[str]) -> None:
    target = group(client)
    update(client, add(client, "f@shop.test"), status_to="e")
    ok(client.put(f"{GROUPS}/{source}/members/remove", json={"member_ids": [1024]}))
    assert ok(client.put(f"{MEMBERS}/{target}/copy", json=body)) is True
    assert in_group(client, target, deleted=True) == names(*letters) + (["f@shop.test"] if "e" in letters else [])


def test_a_copy_keeps_who_was_there(client: TestClient, source: int) -> None:
    target = group(client)
    add(client, "first@shop.test", group_ids=[target])
    for _ in range(2):
        ok(client.put(f"{GROUPS}/{source}/{target}/members/copy", json={"member_status_id": ["a"]}))
    assert in_group(client, target) == ["a@shop.test", "first@shop.test"]


def test_a_copy_into_itself_changes_nothing(client: TestClient, source: int) -> None:
    assert ok(client.put(f"{GROUPS}/{source}/{source}/members/copy")) is True
    assert counters(client, source) == (1, 1, 1)


@pytest.mark.parametrize("letter", ["x", "f", "", "active", "A"])
@pytest.mark.parametrize("path", ["groups/{0}/{0}/members/copy", "members/{0}/copy"])
def test_a_copy_of_a_status_that_is_none_is_refused(client: TestClient, path: str, letter: str) -> None:
    answer = client.put(f"/100/{path.format(group(client))}", json={"member_status_id": ["a", letter]})
    assert refused(answer)[0] == 400


@pytest.mark.parametrize("path", ["groups/{0}/7/members/copy", "groups/7/{0}/members/copy", "members/7/copy"])
def test_a_copy_needs_groups_that_exist(client: TestClient, path: str) -> None:
    assert refused(client.put(f"/100/{path.format(group(client))}", json={}))[0] == 404


@pytest.mark.parametrize(
    ("query", "removed"), [("", "aeo"), ("?member_status_id=a", "a"), ("?member_status_id=o", "o")]
)
def test_emptying_a_group_answers_with_how_many_left(client: TestClient, source: int, query: str, removed: str) -> None:
    assert ok(client.delete(f"{GROUPS}/{source}/members{query}")) == len(removed)
    assert in_group(client, source) == names(*(letter for letter in LETTERS if letter not in removed))
    assert counters(client, source + 1) == (1, 1, 1)
    assert emails(client) == names(*LETTERS)


def test_emptying_a_group_leaves_archived_members_in_it(client: TestClient, source: int) -> None:
    ok(client.delete(f"{GROUPS}/{source}/members"))
    assert in_group(client, source, deleted=True) == ["gone@shop.test"]


@pytest.mark.parametrize("query", ["?member_status_id=x", "?member_status_id=f"])
@pytest.mark.parametrize("path", ["members", "members/remove"])
def test_removing_a_status_that_is_none_is_refused(client: TestClient, source: int, path: str, query: str) -> None:
    assert refused(client.delete(f"{GROUPS}/{source}/{path}{query}"))[0] == 400
    assert jobs(client) == []


@pytest.mark.parametrize("query", ["", "?member_status_id=", "?delete_members=true"])
def test_removing_from_all_groups_needs_a_status(client: TestClient, source: int, query: str) -> None:
    assert refused(client.delete(f"{GROUPS}/{source}/members/remove{query}"))[0] == 400


def test_the_members_of_a_group_leave_all_groups_as_a_background_job(client: TestClient, source: int) -> None:
    assert ok(client.delete(f"{GROUPS}/{source}/members/remove?member_status_id=a")) is True
    assert counters(client, source) == (1, 1, 1)
    (job,) = jobs(client)
    assert (job["kind"], job["subject"], job["state"], job["total"]) == ("group removal", source, "queued", 1)
    advance(client, 1)
    assert counters(client, source) == counters(client, source + 1) == (0, 1, 1)


def test_members_that_leave_all_groups_stay_in_the_account(client: TestClient, source: int) -> None:
    assert remove(client, source, member_status_id="a") is True
    assert emails(client) == names(*LETTERS)


def test_only_members_of_the_group_leave_all_groups(client: TestClient, source: int) -> None:
    outside = add(client, "outside@shop.test", group_ids=[source + 1])
    remove(client, source, member_status_id="a")
    assert groups_of(client, outside) == [source + 1]


@pytest.mark.parametrize("flag", ["true", "True", "1"])
def test_members_are_archived_on_request(client: TestClient, source: int, flag: str) -> None:
    remove(client, source, member_status_id="a", delete_members=flag)
    assert emails(client) == names("e", "o")
    assert emails(client, deleted_only=True) == ["a@shop.test", "gone@shop.test"]
    assert groups_of(client, 1024) == []


@pytest.mark.parametrize("flag", ["false", "0"])
def test_members_are_not_archived_when_that_is_denied(client: TestClient, source: int, flag: str) -> None:
    remove(client, source, member_status_id="a", delete_members=flag)
    assert emails(client) == names(*LETTERS)


def test_a_removal_is_of_those_who_were_in_the_group_when_it_was_asked_for(client: TestClient, source: int) -> None:
    ok(client.delete(f"{GROUPS}/{source}/members/remove?member_status_id=a"))
    late = add(client, "late@shop.test", group_ids=[source])
    advance(client, 60)
    assert groups_of(client, late) == [source]


def test_a_member_that_is_purged_while_a_removal_waits_stays_purged(client: TestClient, source: int) -> None:
    ok(client.delete(f"{GROUPS}/{source}/members/remove?member_status_id=a"))
    purge(client, 1024)
    advance(client, 60)
    assert jobs(client)[0]["state"] == "finished"
    assert emails(client, deleted=True) == [*names("e", "o"), "gone@shop.test"]


def test_a_removal_proceeds_on_the_worlds_clock(client: TestClient) -> None:
    choose(client, "job_queue_seconds", "10")
    choose(client, "job_units_per_second", "1")
    group_id = group(client)
    for number in range(4):
        add(client, f"m{number}@shop.test", group_ids=[group_id])
    ok(client.delete(f"{GROUPS}/{group_id}/members/remove?member_status_id=a"))
    left = []
    for seconds in (9, 3, 2):
        advance(client, seconds)
        left.append(counters(client, group_id)[0])
    assert left == [4, 2, 0]
