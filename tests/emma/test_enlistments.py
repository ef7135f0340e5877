"""Who joins and leaves which groups, one by one and by lists. Copies and removals of whole groups are elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.emma.importing import in_group
from tests.emma.support import (
    GROUPS,
    MEMBERS,
    add,
    archive,
    counters,
    group,
    groups_of,
    member,
    ok,
    purge,
    refused,
    update,
)


def join(client: TestClient, member_id: int, group_ids: Any) -> Any:
    return ok(client.put(f"{MEMBERS}/{member_id}/groups", json={"group_ids": group_ids}))


def leave(client: TestClient, member_id: int, group_ids: Any) -> Any:
    return ok(client.put(f"{MEMBERS}/{member_id}/groups/remove", json={"group_ids": group_ids}))


def enlist(client: TestClient, group_id: int, member_ids: Any) -> Any:
    return ok(client.put(f"{GROUPS}/{group_id}/members", json={"member_ids": member_ids}))


def release(client: TestClient, group_id: int, member_ids: Any) -> Any:
    return ok(client.put(f"{GROUPS}/{group_id}/members/remove", json={"member_ids": member_ids}))


def crowd(client: TestClient, *names: str, **more: Any) -> list[int]:
    return [add(client, f"{name}@shop.test", **more) for name in names]


def test_joining_echoes_every_group_that_exists_even_one_that_it_is_in(client: TestClient) -> None:
    first, second = group(client), group(client)
    member_id = add(client, group_ids=[first])
    assert join(client, member_id, [second, 7, first, second]) == [second, first]
    assert groups_of(client, member_id) == [first, second]


def test_leaving_echoes_the_groups_that_were_left(client: TestClient) -> None:
    first, second, third = group(client), group(client), group(client)
    member_id = add(client, group_ids=[first, third])
    assert leave(client, member_id, [third, second, 7, third]) == [third]
    assert groups_of(client, member_id) == [first]


def test_enlisting_echoes_the_members_that_were_not_in_the_group(client: TestClient) -> None:
    group_id = group(client)
    ann, bob, cid = crowd(client, "ann", "bob", "cid")
    enlist(client, group_id, [bob])
    assert enlist(client, group_id, [cid, bob, 7, ann, cid]) == [cid, ann]
    assert in_group(client, group_id) == ["ann@shop.test", "bob@shop.test", "cid@shop.test"]


def test_releasing_echoes_the_members_that_were_in_the_group(client: TestClient) -> None:
    group_id = group(client)
    ann, bob, cid = crowd(client, "ann", "bob", "cid", group_ids=[group_id])
    release(client, group_id, [bob])
    assert release(client, group_id, [cid, bob, 7, cid]) == [cid]
    assert in_group(client, group_id) == ["ann@shop.test"]
    assert groups_of(client, ann) == [group_id]


def test_a_member_leaves_all_groups(client: TestClient) -> None:
    member_id = add(client, group_ids=[group(client), group(client)])
    for _ in range(2):
        assert ok(client.delete(f"{MEMBERS}/{member_id}/groups")) is True
        assert groups_of(client, member_id) == []
    assert member(client, member_id)["member_status_id"] == "a"


def test_several_members_leave_several_groups(client: TestClient) -> None:
    first, second, third = group(client), group(client), group(client)
    ann, bob, cid = crowd(client, "ann", "bob", "cid", group_ids=[first, second, third])
    body = {"member_ids": [ann, bob], "group_ids": [first, third]}
    assert ok(client.put(f"{MEMBERS}/groups/remove", json=body)) is True
    assert [groups_of(client, each) for each in (ann, bob, cid)] == [[second], [second], [first, second, third]]


@pytest.mark.parametrize("unknown", ["member_ids", "group_ids"])
def test_nobody_leaves_when_one_of_those_named_does_not_exist(client: TestClient, unknown: str) -> None:
    group_id = group(client)
    member_id = add(client, group_ids=[group_id])
    body = {"member_ids": [member_id], "group_ids": [group_id]}
    body[unknown].append(7)
    assert refused(client.put(f"{MEMBERS}/groups/remove", json=body))[0] == 404
    assert groups_of(client, member_id) == [group_id]


def test_a_deleted_group_can_not_be_joined(client: TestClient) -> None:
    group_id = group(client)
    member_id = add(client)
    client.delete(f"{GROUPS}/{group_id}")
    assert join(client, member_id, [group_id]) == []
    assert add(client, group_ids=[group_id]) == member_id
    assert groups_of(client, member_id) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/groups"), ("PUT", "/groups"), ("PUT", "/groups/remove"), ("DELETE", "/groups")],
)
@pytest.mark.parametrize("member_id", ["7", "abc", "9" * 5000])
def test_a_member_that_does_not_exist_is_not_found(client: TestClient, method: str, path: str, member_id: str) -> None:
    assert refused(client.request(method, f"{MEMBERS}/{member_id}{path}", json={"group_ids": [1]}))[0] == 404


def test_an_archived_member_can_not_join(client: TestClient) -> None:
    group_id = group(client)
    member_id = add(client)
    archive(client, member_id)
    assert refused(client.put(f"{MEMBERS}/{member_id}/groups", json={"group_ids": [group_id]}))[0] == 404
    assert enlist(client, group_id, [member_id]) == []
    assert in_group(client, group_id, deleted=True) == []


@pytest.mark.parametrize("ids", [[1, "x"], None, {}, [None], [1.5], [True], "many"])
@pytest.mark.parametrize("path", ["{member}/groups", "{member}/groups/remove", "groups/remove"])
def test_group_ids_that_are_none_are_refused(client: TestClient, path: str, ids: Any) -> None:
    member_id = add(client)
    body = {"group_ids": ids, "member_ids": [member_id]}
    assert refused(client.put(f"{MEMBERS}/{path.format(member=member_id)}", json=body))[0] == 400


@pytest.mark.parametrize("ids", [[1, "x"], None, {}, [None], [1.5], [True]])
@pytest.mark.parametrize("path", ["members", "members/remove"])
def test_member_ids_that_are_none_are_refused(client: TestClient, path: str, ids: Any) -> None:
    assert refused(client.put(f"{GROUPS}/{group(client)}/{path}", json={"member_ids": ids}))[0] == 400


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}"])
def test_ids_must_be_given(client: TestClient, body: bytes) -> None:
    assert refused(client.put(f"{GROUPS}/{group(client)}/members", content=body))[0] == 400
    assert refused(client.put(f"{MEMBERS}/{add(client)}/groups", content=body))[0] == 400


def test_ids_may_be_decimal_texts_and_one_may_be_alone(client: TestClient) -> None:
    group_id, member_id = group(client), add(client)
    assert join(client, member_id, [str(group_id)]) == [group_id]
    assert leave(client, member_id, group_id) == [group_id]
    assert enlist(client, group_id, str(member_id)) == [member_id]
    assert release(client, group_id, [str(member_id)]) == [member_id]


def test_no_ids_affect_nobody(client: TestClient) -> None:
    group_id, member_id = group(client), add(client)
    assert join(client, member_id, []) == enlist(client, group_id, []) == release(client, group_id, []) == []


def test_joining_changes_nothing_else_of_the_member(client: TestClient) -> None:
    group_id, member_id = group(client), add(client)
    before = member(client, member_id)
    join(client, member_id, [group_id])
    assert member(client, member_id) == before


def test_counters_are_of_the_status_that_members_have_now(client: TestClient) -> None:
    group_id = group(client)
    ann, bob, _ = crowd(client, "ann", "bob", "cid", group_ids=[group_id])
    assert counters(client, group_id) == (3, 0, 0)
    update(client, ann, status_to="o")
    update(client, bob, status_to="e")
    assert counters(client, group_id) == (1, 1, 1)
    update(client, ann, status_to="a")
    assert counters(client, group_id) == (2, 1, 0)
    ok(client.put(f"{MEMBERS}/status/a/to/f"))
    assert counters(client, group_id) == (0, 1, 0)


def test_archived_and_purged_members_are_not_counted(client: TestClient) -> None:
    group_id = group(client)
    ann, bob, _ = crowd(client, "ann", "bob", "cid", group_ids=[group_id])
    archive(client, ann)
    purge(client, bob)
    assert counters(client, group_id) == (1, 0, 0)
    assert add(client, "ann@shop.test") == ann
    assert counters(client, group_id) == (2, 0, 0)


def test_an_opted_out_member_stays_in_its_groups_and_can_join_others(client: TestClient) -> None:
    first, second = group(client), group(client)
    member_id = add(client, group_ids=[first])
    update(client, member_id, status_to="o")
    assert enlist(client, second, [member_id]) == [member_id]
    assert (counters(client, first), counters(client, second)) == ((0, 0, 1), (0, 0, 1))
