"""What other callers do while a call about many members is under way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from starlette.testclient import TestClient

from tests.emma.between import FIVE, FOUR, IDS, LAST, LAST_EMAIL, add_five, meanwhile
from tests.emma.importing import begin, in_group
from tests.emma.support import (
    FIELDS,
    GROUPS,
    MEMBERS,
    account_of,
    add,
    advance,
    archive,
    choose,
    emails,
    member,
    ok,
    purge,
    status,
    update,
)
from tests.emma.traces import traces
from tests.support import world_of


@pytest.fixture
def client(client: TestClient) -> TestClient:
    add_five(client)
    return client


class Bulk(NamedTuple):
    """A call about all five, and what shows which of them it reached."""

    method: str
    path: str
    body: Any
    reached: Callable[[TestClient], list[str]]

    def send(self, client: TestClient) -> Any:
        return ok(client.request(self.method, self.path, **({} if self.body is None else {"json": self.body})))


def opted_out(client: TestClient) -> list[str]:
    listed = ok(client.get(f"{MEMBERS}?deleted=true"))
    return [each["email"] for each in listed if each["member_status_id"] == "o"]


def archived(client: TestClient) -> list[str]:
    return emails(client, deleted_only=True)


def enlisted(client: TestClient) -> list[str]:
    return in_group(client, 1026, deleted=True)


def outside(client: TestClient) -> list[str]:
    inside = in_group(client, 1024, deleted=True)
    return [email for email in emails(client, deleted=True) if email not in inside]


def cleared(client: TestClient) -> list[str]:
    listed = ok(client.get(f"{MEMBERS}?deleted=true"))
    return [each["email"] for each in listed if "first_name" not in each["fields"]]


BULK = {
    "archive members": Bulk("PUT", f"{MEMBERS}/delete", {"member_ids": IDS}, archived),
    "archive all": Bulk("DELETE", MEMBERS, None, archived),
    "archive all of a status": Bulk("DELETE", f"{MEMBERS}?member_status_id=a", None, archived),
    "set status": Bulk("PUT", f"{MEMBERS}/status", {"member_ids": IDS, "status_to": "o"}, opted_out),
    "shift status": Bulk("PUT", f"{MEMBERS}/status/a/to/o", None, opted_out),
    "shift status of a group": Bulk("PUT", f"{MEMBERS}/status/a/to/o", {"group_id": 1024}, opted_out),
    "release members": Bulk("PUT", f"{MEMBERS}/groups/remove", {"member_ids": IDS, "group_ids": [1024]}, outside),
    "copy members": Bulk("PUT", f"{MEMBERS}/1026/copy", {"member_status_id": ["a"]}, enlisted),
    "enlist": Bulk("PUT", f"{GROUPS}/1026/members", {"member_ids": IDS}, enlisted),
    "release from group": Bulk("PUT", f"{GROUPS}/1024/members/remove", {"member_ids": IDS}, outside),
    "empty group": Bulk("DELETE", f"{GROUPS}/1024/members", None, outside),
    "empty group of a status": Bulk("DELETE", f"{GROUPS}/1024/members?member_status_id=a", None, outside),
    "copy group": Bulk("PUT", f"{GROUPS}/1024/1026/members/copy", {"member_status_id": ["a"]}, enlisted),
    "clear field": Bulk("POST", f"{FIELDS}/200/clear", {}, cleared),
}
ANSWERS = {"enlist": IDS, "release from group": IDS, "empty group": 5, "empty group of a status": 5}


@pytest.mark.parametrize("name", BULK)
def test_a_bulk_call_reaches_a_member_that_was_changed_otherwise_meanwhile(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    meanwhile(monkeypatch, lambda: update(client, LAST, fields={"last_name": "New"}))
    assert BULK[name].send(client) == ANSWERS.get(name, True)
    assert BULK[name].reached(client) == FIVE
    assert member(client, LAST, deleted=True)["fields"]["last_name"] == "New"


@pytest.mark.parametrize(
    "name", ["set status", "shift status", "copy members", "enlist", "release from group", "empty group", "copy group"]
)
def test_a_bulk_call_leaves_alone_who_was_archived_meanwhile(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    meanwhile(monkeypatch, lambda: archive(client, LAST))
    BULK[name].send(client)
    assert BULK[name].reached(client) == FOUR


@pytest.mark.parametrize("name", ["set status", "enlist", "release members", "clear field"])
def test_a_bulk_call_does_not_bring_back_who_was_purged_meanwhile(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    meanwhile(monkeypatch, lambda: purge(client, LAST))
    BULK[name].send(client)
    assert traces(client, LAST_EMAIL) == []


@pytest.mark.parametrize(
    "name",
    ["shift status", "shift status of a group", "copy members", "copy group", "empty group of a status"],
)
def test_a_bulk_call_of_a_status_leaves_alone_who_has_another_by_then(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    meanwhile(monkeypatch, lambda: update(client, LAST, status_to="e"))
    BULK[name].send(client)
    assert BULK[name].reached(client) == FOUR
    assert status(client, LAST) == "e"


@pytest.mark.parametrize("deletion", ["archive", "erase"])
def test_who_opts_out_while_the_active_are_deleted_stays(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, deletion: str
) -> None:
    choose(client, "deletion", deletion)
    meanwhile(monkeypatch, lambda: update(client, LAST, status_to="o"))
    ok(client.delete(f"{MEMBERS}?member_status_id=a"))
    assert emails(client) == [LAST_EMAIL]


@pytest.mark.parametrize("name", ["shift status of a group", "copy group"])
def test_a_bulk_call_of_a_group_leaves_alone_who_left_it_meanwhile(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    meanwhile(monkeypatch, lambda: ok(client.put(f"{MEMBERS}/{LAST}/groups/remove", json={"group_ids": [1024]})))
    BULK[name].send(client)
    assert BULK[name].reached(client) == FOUR


@pytest.mark.parametrize(
    "happens",
    [
        lambda client: archive(client, LAST),
        lambda client: ok(client.put(f"{MEMBERS}/{LAST}/groups", json={"group_ids": [1026]})),
    ],
    ids=["archived", "in it already"],
)
def test_enlisting_answers_with_those_only_whom_it_enlisted(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, happens: Callable[[TestClient], object]
) -> None:
    meanwhile(monkeypatch, lambda: happens(client))
    assert BULK["enlist"].send(client) == IDS[:-1]


def test_emptying_a_group_counts_those_only_whom_it_removed(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: ok(client.put(f"{MEMBERS}/{LAST}/groups/remove", json={"group_ids": [1024]})))
    assert BULK["empty group"].send(client) == 4


def test_setting_a_status_says_false_when_somebody_was_archived_meanwhile(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: archive(client, LAST))
    assert BULK["set status"].send(client) is False


def test_setting_a_status_says_false_when_an_opt_out_became_final_meanwhile(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(client, "reactivate_optout", "forbid")
    meanwhile(monkeypatch, lambda: update(client, LAST, status_to="o"))
    assert ok(client.put(f"{MEMBERS}/status", json={"member_ids": IDS, "status_to": "a"})) is False
    assert status(client, LAST) == "o"


@pytest.mark.parametrize("name", ["archive members", "archive all"])
def test_who_was_archived_meanwhile_keeps_the_date(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def happens() -> None:
        advance(client, 10)
        archive(client, LAST)

    meanwhile(monkeypatch, happens)
    BULK[name].send(client)
    assert member(client, LAST, deleted=True)["deleted_at"] == "@D:2024-05-01T07:00:10"


def test_who_was_added_again_while_the_archived_are_purged_stays(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(client, *IDS)
    meanwhile(monkeypatch, lambda: add(client, LAST_EMAIL))
    ok(client.put(f"{MEMBERS}/purgeall"))
    assert [each["member_id"] for each in ok(client.get(f"{MEMBERS}?deleted=true"))] == [LAST]


def test_the_journal_keeps_what_is_said_of_who_was_added_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get(f"{MEMBERS}/email/{LAST_EMAIL}")
    archive(client, *IDS)
    meanwhile(monkeypatch, lambda: add(client, LAST_EMAIL))
    ok(client.put(f"{MEMBERS}/purgeall"))
    assert f"{MEMBERS}/email/{LAST_EMAIL}" in [entry.path for entry in world_of(client).journal]


def test_a_listing_shows_nobody_who_was_purged_before_it_was_answered(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(client, *IDS)
    meanwhile(monkeypatch, lambda: purge(client, *IDS[:4]))
    assert emails(client, deleted_range="2000-01-01~") == [LAST_EMAIL]
    assert traces(client, *FOUR) == []
    assert set(account_of(client).written) <= {LAST}


def test_a_listing_of_archived_members_shows_nobody_who_was_added_again_meanwhile(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(client, *IDS)
    meanwhile(monkeypatch, lambda: add(client, FIVE[0]))
    assert emails(client, deleted_range="2000-01-01~") == FIVE[1:]


@pytest.mark.parametrize("unknown", ["create", "ignore"])
def test_rows_of_a_running_import_use_a_field_that_was_made_meanwhile(client: TestClient, unknown: str) -> None:
    choose(client, "unknown_fields", unknown)
    choose(client, "job_units_per_second", "1")
    begin(client, {"email": "early@shop.test"}, {"email": "late@shop.test", "plan": "gold"})
    advance(client, 1.3)
    assert "early@shop.test" in emails(client)
    ok(client.post(FIELDS, json={"shortcut_name": "plan"}))
    advance(client, 60)
    assert [each["shortcut_name"] for each in ok(client.get(FIELDS))].count("plan") == 1
    assert ok(client.get(f"{MEMBERS}/email/late@shop.test"))["fields"]["plan"] == "gold"
