"""Every choice of the behaviours that concern groups."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.emma.importing import choices, imported, in_group, jobs
from tests.emma.support import (
    GROUPS,
    MEMBERS,
    add,
    advance,
    archive,
    choose,
    emails,
    group,
    groups_of,
    ok,
    refused,
    sign_up,
)

SPECIAL = """
emma:
  accounts:
    - account_id: 100
      groups:
        - {member_group_id: 1, group_name: plain}
        - {member_group_id: 2, group_name: test, group_type: t}
        - {member_group_id: 3, group_name: hidden, group_type: h}
"""


@choices(("omit", False), ("null", True))
def test_group_purged_at(client: TestClient, choice: str, wanted: bool) -> None:
    choose(client, "group_purged_at", choice)
    answer = ok(client.get(f"{GROUPS}/{group(client)}"))
    assert ("purged_at" in answer) is wanted
    assert answer.get("purged_at") is None
    assert ok(client.get(GROUPS)) == [answer]


@choices(("ignore", [1024]), ("reject", 400))
def test_unknown_group_types(client: TestClient, choice: str, wanted: Any) -> None:
    choose(client, "unknown_group_types", choice)
    group(client)
    answer = client.get(f"{GROUPS}?group_types=g,z")
    found = refused(answer)[0] if wanted == 400 else [each["member_group_id"] for each in ok(answer)]
    assert found == wanted


@choices(("allow", 200), ("reject", 400))
@pytest.mark.parametrize("call", ["create", "create both", "rename"])
def test_duplicate_group_names(client: TestClient, call: str, choice: str, wanted: int) -> None:
    choose(client, "duplicate_group_names", choice)
    if call == "create both":
        answer = client.post(GROUPS, json={"groups": [{"group_name": "A"}, {"group_name": "A"}]})
    elif call == "create":
        group(client, "A")
        answer = client.post(GROUPS, json={"groups": [{"group_name": "A"}]})
    else:
        group(client, "A")
        answer = client.put(f"{GROUPS}/{group(client, 'B')}", json={"group_name": "A"})
    assert answer.status_code == wanted


def test_the_name_of_a_deleted_group_is_free(client: TestClient) -> None:
    choose(client, "duplicate_group_names", "reject")
    group_id = group(client, "A")
    assert ok(client.put(f"{GROUPS}/{group_id}", json={"group_name": "A"})) is True
    ok(client.delete(f"{GROUPS}/{group_id}"))
    assert group(client, "A") == group_id + 1


@choices(("requested", [1024, 1025]), ("changed", [1025]))
def test_member_groups_echo(client: TestClient, choice: str, wanted: list[int]) -> None:
    choose(client, "member_groups_echo", choice)
    first, second = group(client), group(client)
    member_id = add(client, group_ids=[first])
    body = {"group_ids": [first, second, 7]}
    assert ok(client.put(f"{MEMBERS}/{member_id}/groups", json=body)) == wanted


@choices(("on_request", ["ann@shop.test"]), ("always", []))
def test_group_remove_archives(client: TestClient, choice: str, wanted: list[str]) -> None:
    choose(client, "group_remove_archives", choice)
    group_id = group(client)
    add(client, group_ids=[group_id])
    ok(client.delete(f"{GROUPS}/{group_id}/members/remove?member_status_id=a"))
    advance(client, 60)
    assert emails(client) == wanted
    assert emails(client, deleted=True) == ["ann@shop.test"]
    assert in_group(client, group_id, deleted=True) == []


@choices(("archive", ["ann@shop.test"]), ("erase", []))
def test_deletion_by_a_group_removal(client: TestClient, choice: str, wanted: list[str]) -> None:
    choose(client, "deletion", choice)
    group_id = group(client)
    add(client, group_ids=[group_id])
    ok(client.delete(f"{GROUPS}/{group_id}/members/remove?member_status_id=a&delete_members=true"))
    advance(client, 60)
    assert jobs(client)[0]["state"] == "finished"
    assert emails(client, deleted=True) == wanted


@choices(("allow", [1, 2, 3]), ("ignore", [1]))
@pytest.mark.parametrize("way", ["add", "sign up", "import"])
def test_special_group_enlistment(declared: ClientFactory, way: str, choice: str, wanted: list[int]) -> None:
    client = declared(SPECIAL)
    choose(client, "special_group_enlistment", choice)
    if way == "import":
        imported(client, {"email": "ann@shop.test"}, group_ids=[1, 2, 3])
    else:
        (add if way == "add" else sign_up)(client, group_ids=[1, 2, 3])
    assert groups_of(client, 1024) == wanted


@choices(("keep", [1024, 1025]), ("leave", [1025]))
@pytest.mark.parametrize("way", ["add", "import"])
def test_restored_groups(client: TestClient, way: str, choice: str, wanted: list[int]) -> None:
    choose(client, "restored_groups", choice)
    first, second = group(client), group(client)
    member_id = add(client, group_ids=[first])
    archive(client, member_id)
    if way == "add":
        add(client, group_ids=[second])
    else:
        imported(client, {"email": "ann@shop.test"}, group_ids=[second])
    assert groups_of(client, member_id) == wanted
