"""Groups: list, create, show, rename, delete. Source: vendor-docs/emma-groups.txt."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.emma.support import GROUPS, MEMBERS, NOW, add, archive, group, groups_of, member, ok, refused

OF_EVERY_TYPE = """
emma:
  accounts:
    - account_id: 100
      groups:
        - {member_group_id: 1, group_name: plain}
        - {member_group_id: 2, group_name: test, group_type: t}
        - {member_group_id: 3, group_name: hidden, group_type: h}
        - {member_group_id: 4, group_name: plain too}
"""


@pytest.fixture
def typed(declared: ClientFactory) -> TestClient:
    """A client of an account with groups of every type."""
    return declared(OF_EVERY_TYPE)


def listed(client: TestClient, query: str = "") -> list[int]:
    return [each["member_group_id"] for each in ok(client.get(f"{GROUPS}{query}"))]


def test_a_group_has_the_eight_keys_of_the_document(client: TestClient) -> None:
    group_id = group(client, "Customers")
    assert ok(client.get(f"{GROUPS}/{group_id}")) == {
        "active_count": 0,
        "deleted_at": None,
        "error_count": 0,
        "optout_count": 0,
        "group_type": "g",
        "member_group_id": group_id,
        "account_id": 100,
        "group_name": "Customers",
    }


def test_new_groups_are_answered_in_the_order_of_the_request(client: TestClient) -> None:
    answer = client.post(GROUPS, json={"groups": [{"group_name": "Z"}, {"group_name": "A"}]})
    assert ok(answer) == [
        {"member_group_id": 1024, "group_name": "Z"},
        {"member_group_id": 1025, "group_name": "A"},
    ]
    assert listed(client) == [1024, 1025]


@pytest.mark.parametrize("bad", [{}, {"group_name": ""}, {"group_name": None}, {"group_name": "x" * 256}, "name"])
def test_one_bad_group_and_none_is_created(client: TestClient, bad: Any) -> None:
    answer = client.post(GROUPS, json={"groups": [{"group_name": "Good"}, bad]})
    assert refused(answer)[0] == 400
    assert listed(client) == []
    assert group(client) == 1024


@pytest.mark.parametrize("body", [{}, {"groups": None}, {"groups": {"group_name": "Customers"}}])
def test_groups_are_created_from_an_array_only(client: TestClient, body: dict[str, Any]) -> None:
    assert refused(client.post(GROUPS, json=body))[0] == 400


def test_a_name_of_255_characters_is_the_longest(client: TestClient) -> None:
    group_id = group(client, "x" * 255)
    assert len(ok(client.get(f"{GROUPS}/{group_id}"))["group_name"]) == 255


def test_two_groups_may_have_one_name(client: TestClient) -> None:
    assert group(client, "Customers") != group(client, "Customers")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [1, 4]),
        ("?group_types=", [1, 4]),
        ("?group_types=g", [1, 4]),
        ("?group_types=t", [2]),
        ("?group_types=h,g", [1, 3, 4]),
        ("?group_types=h, t", [2, 3]),
        ("?group_types=t&group_types=h", [2, 3]),
        ("?group_types=all", [1, 2, 3, 4]),
        ("?group_types=g,all", [1, 2, 3, 4]),
        ("?group_types=g,z", [1, 4]),
        ("?group_types=all&start=1&end=3", [2, 3]),
        ("?start=1", [4]),
        ("?start=2&end=9", []),
    ],
)
def test_a_listing_has_the_groups_of_the_types_that_are_wanted(typed: TestClient, query: str, ids: list[int]) -> None:
    assert listed(typed, query) == ids


@pytest.mark.parametrize(
    ("query", "count"), [("", 2), ("&group_types=all", 4), ("&group_types=t,h", 2), ("&group_types=t", 1)]
)
def test_a_count_of_groups_is_a_bare_number(typed: TestClient, query: str, count: int) -> None:
    assert ok(typed.get(f"{GROUPS}?count=true{query}")) == count


@pytest.mark.parametrize("query", ["?start=x", "?end=x", "?count=maybe"])
def test_a_parameter_that_makes_no_sense_is_refused(client: TestClient, query: str) -> None:
    assert refused(client.get(f"{GROUPS}{query}"))[0] == 400


def test_a_page_has_500_groups_at_most(client: TestClient) -> None:
    client.post(GROUPS, json={"groups": [{"group_name": f"Group {number}"} for number in range(501)]})
    assert len(listed(client)) == len(listed(client, "?start=0&end=501")) == 500
    assert listed(client, "?start=500") == [1524]


def test_a_group_is_renamed(client: TestClient) -> None:
    group_id = group(client)
    assert ok(client.put(f"{GROUPS}/{group_id}", json={"group_name": "Friends"})) is True
    assert ok(client.get(f"{GROUPS}/{group_id}"))["group_name"] == "Friends"


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_a_group_keeps_its_name_when_the_new_one_is_bad(client: TestClient, name: str) -> None:
    group_id = group(client, "Customers")
    assert refused(client.put(f"{GROUPS}/{group_id}", json={"group_name": name}))[0] == 400
    assert ok(client.get(f"{GROUPS}/{group_id}"))["group_name"] == "Customers"


def test_a_deleted_group_is_found_nowhere(client: TestClient) -> None:
    group_id, other = group(client), group(client)
    assert ok(client.delete(f"{GROUPS}/{group_id}")) is True
    assert listed(client, "?group_types=all&deleted=true") == [other]
    assert ok(client.get(f"{GROUPS}?count=true")) == 1
    assert refused(client.get(f"{GROUPS}/{group_id}"))[0] == 404
    assert refused(client.delete(f"{GROUPS}/{group_id}"))[0] == 404


def test_members_of_a_deleted_group_stay_without_it(client: TestClient) -> None:
    group_id, other = group(client), group(client)
    member_id = add(client, group_ids=[group_id, other])
    client.delete(f"{GROUPS}/{group_id}")
    assert groups_of(client, member_id) == [other]
    assert member(client, member_id)["member_status_id"] == "a"


def test_a_new_group_is_never_a_deleted_one(client: TestClient) -> None:
    group_id = group(client)
    add(client, group_ids=[group_id])
    client.delete(f"{GROUPS}/{group_id}")
    new = group(client)
    assert new == group_id + 1
    assert ok(client.get(f"{GROUPS}/{new}/members")) == []


UNKNOWN = pytest.mark.parametrize("group_id", ["7", "abc", "-1", "0", "9" * 5000, "150x"])


@UNKNOWN
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("GET", "/members"),
        ("PUT", "/members"),
        ("PUT", "/members/remove"),
        ("DELETE", "/members"),
        ("DELETE", "/members/remove?member_status_id=a"),
    ],
)
def test_a_group_that_does_not_exist_is_not_found(client: TestClient, method: str, path: str, group_id: str) -> None:
    body = {"member_ids": [1], "group_name": "New"}
    assert refused(client.request(method, f"{GROUPS}/{group_id}{path}", json=body))[0] == 404


def test_a_group_may_have_the_id_of_another_account(client: TestClient) -> None:
    group_id = group(client, "Ours")
    ok(client.post("/200/groups", json={"groups": [{"group_name": "Theirs"}]}))
    assert ok(client.get(f"{GROUPS}/{group_id}"))["group_name"] == "Ours"
    assert ok(client.get(f"/200/groups/{group_id}"))["group_name"] == "Theirs"


def test_a_groups_members_are_as_the_document_prints_them(client: TestClient) -> None:
    group_id = group(client)
    member_id = add(client, fields={"first_name": "Ann"}, group_ids=[group_id])
    assert ok(client.get(f"{GROUPS}/{group_id}/members")) == [
        {
            "status": "active",
            "confirmed_opt_in": None,
            "account_id": 100,
            "fields": {"first_name": "Ann"},
            "member_id": member_id,
            "last_modified_at": None,
            "member_status_id": "a",
            "plaintext_preferred": False,
            "email_error": None,
            "member_since": NOW,
            "bounce_count": 0,
            "deleted_at": None,
            "email": "ann@shop.test",
        }
    ]


def test_a_group_lists_archived_members_on_request_only(client: TestClient) -> None:
    group_id = group(client)
    ann, bob = (add(client, f"{name}@shop.test", group_ids=[group_id]) for name in ("ann", "bob"))
    archive(client, ann)

    def ids(query: str) -> list[int]:
        return [each["member_id"] for each in ok(client.get(f"{GROUPS}/{group_id}/members{query}"))]

    assert (ids(""), ids("?deleted=false"), ids("?deleted=True")) == ([bob], [bob], [ann, bob])
    assert ok(client.get(f"{GROUPS}/{group_id}/members?count=true")) == 1
    assert ok(client.get(f"{GROUPS}/{group_id}/members?count=true&deleted=1")) == 2


def test_a_groups_members_come_in_pages(client: TestClient) -> None:
    group_id = group(client)
    ids = [add(client, f"m{number}@shop.test", group_ids=[group_id]) for number in range(5)]
    pages = [ok(client.get(f"{GROUPS}/{group_id}/members?start={start}&end={start + 2}")) for start in (0, 2, 4, 6)]
    assert [[each["member_id"] for each in page] for page in pages] == [ids[:2], ids[2:4], ids[4:], []]


def test_a_member_lists_its_groups_in_pages(client: TestClient) -> None:
    ids = [group(client) for _ in range(3)]
    member_id = add(client, group_ids=ids)
    path = f"{MEMBERS}/{member_id}/groups"
    assert [each["member_group_id"] for each in ok(client.get(f"{path}?start=1&end=3"))] == ids[1:]
    assert ok(client.get(f"{path}?count=1")) == 3
