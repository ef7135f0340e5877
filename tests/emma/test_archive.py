"""Archiving members, and bringing them back."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.emma.support import (
    GROUPS,
    MEMBERS,
    NOW,
    add,
    advance,
    archive,
    counters,
    emails,
    group,
    groups_of,
    member,
    notes,
    ok,
    purge,
    refused,
    sign_up,
    status,
    update,
)


def test_an_archived_member_disappears_from_listings_groups_and_counters(client: TestClient) -> None:
    group_id = group(client)
    member_id = add(client, group_ids=[group_id])
    assert ok(client.delete(f"{MEMBERS}/{member_id}")) is True
    assert emails(client) == []
    assert ok(client.get(f"{GROUPS}/{group_id}/members")) == []
    assert counters(client, group_id) == (0, 0, 0)


def test_archiving_keeps_the_member_as_it_was(client: TestClient) -> None:
    before = member(client, member_id := add(client, fields={"first_name": "Ann"}, phone_number="2025550123"))
    archive(client, member_id)
    assert member(client, member_id, deleted=True) == before | {"deleted_at": NOW}


def test_a_member_that_is_not_there_can_not_be_archived(client: TestClient) -> None:
    archive(client, member_id := add(client))
    assert client.delete(f"{MEMBERS}/{member_id}").status_code == 404
    assert client.delete(f"{MEMBERS}/7").status_code == 404


def test_archiving_many_archives_those_and_no_others(client: TestClient) -> None:
    ids = [add(client, f"m{number}@shop.test") for number in range(3)]
    assert ok(client.put(f"{MEMBERS}/delete", json={"member_ids": [*ids[:2], ids[0]]})) is True
    assert emails(client) == ["m2@shop.test"]


@pytest.mark.parametrize("other", ["archived", "unknown"])
def test_archiving_archived_and_unknown_members_is_false_and_serves_the_others(client: TestClient, other: str) -> None:
    archive(client, archived := add(client, "old@shop.test"))
    advance(client, "1h")
    member_ids = [add(client), archived if other == "archived" else 7]
    assert ok(client.put(f"{MEMBERS}/delete", json={"member_ids": member_ids})) is False
    assert emails(client) == []
    assert member(client, archived, deleted=True)["deleted_at"] == NOW


@pytest.mark.parametrize("letter", ["a", "e", "o"])
def test_all_members_of_a_status_can_be_archived(client: TestClient, letter: str) -> None:
    for each in "aeo":
        update(client, add(client, f"{each}@shop.test"), status_to=each)
    assert ok(client.delete(f"{MEMBERS}?member_status_id={letter}")) is True
    assert emails(client) == [f"{each}@shop.test" for each in "aeo" if each != letter]


def test_archiving_all_members_archives_every_one_and_is_noted(client: TestClient) -> None:
    for each in "aeo":
        update(client, add(client, f"{each}@shop.test"), status_to=each)
    assert ok(client.delete(MEMBERS)) is True
    assert "no member_status_id was given" in notes(client)[0]
    assert emails(client) == []


def test_archiving_all_of_what_is_no_status_is_refused(client: TestClient) -> None:
    add(client)
    answer = client.delete(f"{MEMBERS}?member_status_id=x")
    assert refused(answer) == (400, "member_status_id must be one of a, e, o")
    assert emails(client) == ["ann@shop.test"]


def test_adding_an_archived_member_restores_its_id_and_what_it_was(client: TestClient) -> None:
    archive(client, member_id := add(client, fields={"first_name": "Ann", "last_name": "Low"}))
    assert add(client, "ANN@shop.test", fields={"last_name": "High"}) == member_id
    restored = member(client, member_id)
    assert restored["deleted_at"] is None
    assert (restored["email"], restored["member_since"]) == ("ann@shop.test", NOW)
    assert restored["fields"] == {"first_name": "Ann", "last_name": "High"}


def test_a_restored_member_is_in_listings_and_counters_again(client: TestClient) -> None:
    group_id = group(client)
    archive(client, member_id := add(client, group_ids=[group_id]))
    add(client)
    assert emails(client) == ["ann@shop.test"]
    assert groups_of(client, member_id) == [group_id]
    assert counters(client, group_id) == (1, 0, 0)


def test_an_opt_out_survives_archive_and_restoration(client: TestClient) -> None:
    update(client, member_id := add(client), status_to="o")
    archive(client, member_id)
    assert ok(client.post(f"{MEMBERS}/add", json={"email": "ann@shop.test"}))["status"] == "o"
    archive(client, member_id)
    sign_up(client)
    assert status(client, member_id) == "o"


def test_an_update_of_an_archived_member_does_not_restore_it(client: TestClient) -> None:
    archive(client, member_id := add(client))
    update(client, member_id, fields={"first_name": "Ann"}, email="ann@new.test", status_to="o")
    assert emails(client) == []
    stored = member(client, member_id, deleted=True)
    assert (stored["fields"], stored["email"], stored["deleted_at"]) == ({"first_name": "Ann"}, "ann@new.test", NOW)
    assert stored["member_status_id"] == "o"
    assert add(client, "ann@new.test") == member_id


def test_a_purged_member_that_is_added_again_is_a_new_one(client: TestClient) -> None:
    archive(client, member_id := add(client, fields={"first_name": "Ann"}))
    purge(client, member_id)
    answer = ok(client.post(f"{MEMBERS}/add", json={"email": "ann@shop.test"}))
    assert answer == {"status": "a", "added": True, "member_id": member_id + 1}
    assert member(client, member_id + 1)["fields"] == {}


def test_purging_ignores_unknown_ids(client: TestClient) -> None:
    archive(client, member_id := add(client))
    purge(client, 7, member_id)
    assert client.get(f"{MEMBERS}/{member_id}?deleted=true").status_code == 404


def test_purging_all_takes_archived_members_only(client: TestClient) -> None:
    add(client)
    archive(client, archived := add(client, "old@shop.test"))
    assert ok(client.put(f"{MEMBERS}/purgeall")) is True
    assert emails(client, deleted=True) == ["ann@shop.test"]
    assert client.get(f"{MEMBERS}/{archived}?deleted=true").status_code == 404


@pytest.mark.parametrize("where", ["body", "query"])
def test_purging_all_can_be_narrowed_to_a_status_or_a_group(client: TestClient, where: str) -> None:
    group_id = group(client)
    members = [add(client, "a@shop.test"), add(client, "b@shop.test", group_ids=[group_id]), add(client, "c@shop.test")]
    update(client, members[0], status_to="o")
    archive(client, *members)

    def purge_all(**wanted: object) -> list[str]:
        given = {"json" if where == "body" else "params": wanted}
        assert ok(client.request("PUT", f"{MEMBERS}/purgeall", **given)) is True  # type: ignore[arg-type]
        return emails(client, deleted=True)

    assert purge_all(member_status_id="o") == ["b@shop.test", "c@shop.test"]
    assert purge_all(member_group_id=group_id) == ["c@shop.test"]


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("PUT", "delete", {}, "member_ids can not be empty"),
        ("PUT", "delete", {"member_ids": {}}, "member_ids must be a list"),
        ("POST", "purge", {}, "member_ids can not be empty"),
        ("POST", "purge", {"member_ids": ["x"]}, "member_ids[0] must be an integer"),
        ("PUT", "purgeall", {"member_status_id": "x"}, "member_status_id must be one of a, e, f, o"),
        ("PUT", "purgeall", {"member_group_id": "x"}, "member_group_id must be an integer"),
    ],
)
def test_what_can_not_be_understood_is_refused(
    client: TestClient, method: str, path: str, body: dict[str, object], message: str
) -> None:
    archive(client, add(client))
    assert refused(client.request(method, f"{MEMBERS}/{path}", json=body)) == (400, message)
    assert emails(client, deleted=True) == ["ann@shop.test"]
