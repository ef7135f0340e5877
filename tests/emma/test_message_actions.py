"""What a tester causes of mailings and messages."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.emma.support import MEMBERS, NOW, act, add, ok
from tests.emma.telling import facts, tell, told

ACTIONS = "/_emulator/actions/emma"


def history(client: TestClient, member_id: int) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = ok(client.get(f"{MEMBERS}/{member_id}/mailings"))
    return result


@pytest.mark.parametrize("event", ["mailing_start", "mailing_finish"])
def test_a_mailing_has_an_id_and_a_subject(client: TestClient, event: str) -> None:
    tell(client, event)
    assert act(client, event, mailing_id=5, subject="News") == {"mailing_id": 5}
    assert act(client, event) == {"mailing_id": 1024}
    assert facts(client, "mailing_id", "subject") == [(event, 5, "News"), (event, 1024, "")]


@pytest.mark.parametrize(
    ("event", "moment"),
    [("open", "opened"), ("click", "clicked"), ("forward", "forwarded"), ("share", "shared"), ("share_click", None)],
)
def test_a_message_is_the_latest_one_and_the_history_shows_it(
    client: TestClient, event: str, moment: str | None
) -> None:
    tell(client, f"message_{event}")
    member_id = add(client)
    for mailing_id, subject in ((5, "Old"), (6, "New")):
        act(client, "deliver", member_id=member_id, mailing_id=mailing_id, subject=subject)
    assert act(client, f"message_{event}", member_id=member_id) == {"member_id": member_id, "mailing_id": 6}
    assert facts(client, "member_id", "mailing_id", "subject", "timestamp") == [
        (f"message_{event}", member_id, 6, "New", NOW)
    ]
    rows = {row["mailing_id"]: row for row in history(client, member_id)}
    for each in ("opened", "clicked", "forwarded", "shared"):
        assert rows[6][each] == (NOW if each == moment else None)
        assert rows[5][each] is None


def test_a_message_can_be_named(client: TestClient) -> None:
    tell(client, "message_open")
    member_id = add(client)
    for mailing_id, subject in ((5, "Old"), (6, "New")):
        act(client, "deliver", member_id=member_id, mailing_id=mailing_id, subject=subject)
    act(client, "message_open", member_id=member_id, mailing_id=5)
    assert facts(client, "mailing_id", "subject") == [("message_open", 5, "Old")]


@pytest.mark.parametrize(("given", "wanted"), [({}, 1024), ({"mailing_id": 7}, 7)])
def test_a_member_without_that_message_gets_it(client: TestClient, given: dict[str, int], wanted: int) -> None:
    tell(client, "message_open")
    member_id = add(client)
    act(client, "message_open", member_id=member_id, subject="News", **given)
    assert facts(client, "mailing_id", "subject") == [("message_open", wanted, "News")]
    (row,) = history(client, member_id)
    assert (row["mailing_id"], row["subject"], row["opened"]) == (wanted, "News", NOW)


def test_a_click_names_its_link_and_sharing_its_network(client: TestClient) -> None:
    tell(client)
    member_id = add(client)
    told(client)
    act(client, "message_click", member_id=member_id, link_id=9)
    act(client, "message_share", member_id=member_id, network="tw")
    act(client, "message_share_click", member_id=member_id)
    assert facts(client, "link_id", "network") == [
        ("message_click", 9),
        ("message_share", "tw"),
        ("message_share_click", None),
    ]


@pytest.mark.parametrize(
    ("action", "arguments", "status", "words"),
    [
        ("message_open", {}, 400, "message_open: member_id must be a whole number"),
        ("message_open", {"member_id": 9}, 404, "message_open: account 100 has no member 9"),
        ("message_open", {"member_id": 1024, "mailing_id": "5"}, 400, "message_open: mailing_id must be a whole"),
        ("message_open", {"member_id": 1024, "link_id": 5}, 400, "unknown key 'link_id'"),
        ("message_click", {"member_id": 1024, "link_id": "x"}, 400, "message_click: link_id must be a whole number"),
        ("message_share", {"member_id": 1024, "network": 5}, 400, "message_share: network must be a text"),
        ("mailing_start", {"subject": 5}, 400, "mailing_start: subject must be a text"),
        ("mailing_start", {"mailing_id": 0}, 400, "mailing_start: mailing_id must be a whole number"),
    ],
)
def test_what_is_asked_wrongly_is_one_line_and_changes_nothing(
    client: TestClient, action: str, arguments: dict[str, Any], status: int, words: str
) -> None:
    tell(client)
    member_id = add(client)
    told(client)
    answer = client.post(f"{ACTIONS}/{action}", json={"account": "100", **arguments})
    assert answer.status_code == status
    assert answer.json()["error"].startswith(words)
    assert told(client) == []
    assert history(client, member_id) == []
