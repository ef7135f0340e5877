"""Tokens that testers put into webhooks, faults and requests are used, and shown nowhere."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.control.test_journal import entries
from tests.emma.support import ok
from tests.emma.telling import WEBHOOKS, deliveries, flush, tell
from tests.receiver import Receiver
from tests.support import MEMBERS, create, save, world_of

SECRET = "s3cret"


@pytest.fixture
def told(client: TestClient, receiver: Receiver) -> TestClient:
    """A client whose webhooks, one changed and one that is told by GET, have a token in their URLs."""
    receiver.answer = b'{"token": "s3cret", "thanks": true}'
    url = f"{receiver.url}?token={SECRET}"
    first, _ = tell(client, "member_add", "group_create", url=url)
    ok(client.put(f"{WEBHOOKS}/{first}", json={"url": f"{receiver.url}?a=b&api_key={SECRET}"}))
    tell(client, "member_add", url=url, method="GET")
    return client


def test_the_vendor_and_the_receiver_see_the_token(told: TestClient, receiver: Receiver) -> None:
    assert SECRET in told.get(WEBHOOKS).text
    ok(told.post("/100/members/add", json={"email": "ann@shop.test"}))
    flush(told)
    assert [SECRET in each.path for each in receiver.received] == [True, True]


@pytest.mark.parametrize(
    "path",
    [
        *("journal", "journal/1", "journal/last", "journal/unmatched", "webhooks", "state", "state?format=yaml"),
        *("state/diff", "advice", "snapshots/kept", "state?snapshot=kept"),
    ],
)
def test_nobody_else_does(told: TestClient, path: str) -> None:
    ok(told.post("/100/members/add", json={"email": "ann@shop.test"}))
    flush(told)
    ok(told.get(WEBHOOKS))
    told.put("/_emulator/snapshots/kept").raise_for_status()
    answer = told.get(f"/_emulator/{path}")
    assert (answer.status_code, SECRET in answer.text) == (200, False)


def test_the_ledger_shows_all_but_the_token(told: TestClient, receiver: Receiver) -> None:
    ok(told.post("/100/members/add", json={"email": "ann@shop.test"}))
    flush(told)
    posted, got = deliveries(told)
    assert posted["url"] == f"{receiver.url}?a=b&api_key=***"
    assert got["url"].startswith(f"{receiver.url}?token=***&payload=%7B%22event_name%22")
    assert posted["attempts"][0]["answer"] == {"token": "***", "thanks": True}


def test_an_export_has_the_token_when_asked(told: TestClient) -> None:
    assert told.get("/_emulator/state?credentials=include").text.count(SECRET) == 3


def test_another_token_is_a_difference_that_does_not_say_which(told: TestClient, receiver: Receiver) -> None:
    told.put("/_emulator/snapshots/kept").raise_for_status()
    (first, *_) = ok(told.get(WEBHOOKS))
    ok(told.put(f"{WEBHOOKS}/{first['webhook_id']}", json={"url": f"{receiver.url}?a=b&api_key=other"}))
    (difference,) = ok(told.get("/_emulator/state/diff?from=kept&to=now"))["differences"]
    assert difference["text"] == f"webhook {first['webhook_id']} of member_add has another token in its URL"


@pytest.mark.parametrize(
    ("match", "shown"),
    [
        ({"query": f"api_key={SECRET}"}, {"query": "api_key=***"}),
        ({"query": {"token": SECRET, "page": "2"}}, {"query": {"token": "***", "page": "2"}}),
        ({"body": f'"password": "{SECRET}"'}, {"body": '"password": "***"'}),
        ({"body": {"auth": {"token": SECRET}, "a": 1}}, {"body": {"auth": "***", "a": 1}}),
        ({"body": {"members": [{"email": "ann@shop.test"}]}}, {"body": {"members": [{"email": "ann@shop.test"}]}}),
    ],
    ids=str,
)
def test_a_fault_looks_for_a_credential_that_no_list_shows(
    client: TestClient, match: dict[str, Any], shown: dict[str, Any]
) -> None:
    answer = client.post("/_emulator/faults", json={"match": match, "status": 500})
    assert (answer.status_code, answer.json()["match"]) == (201, shown)
    assert client.get("/_emulator/faults").json()["faults"][0]["match"] == shown
    assert client.get("/_emulator/state").json()["faults"][0]["match"] == shown
    assert client.get("/_emulator/state?credentials=include").json()["faults"][0]["match"] == match


def test_such_a_fault_is_met(client: TestClient) -> None:
    client.post("/_emulator/faults", json={"match": {"query": {"token": SECRET}}, "status": 500})
    assert client.get(f"{MEMBERS}/8?token=other").status_code == 200
    assert client.get(f"{MEMBERS}/8?token={SECRET}").status_code == 500


def test_credentials_of_every_kind_are_masked_in_the_journal(client: TestClient) -> None:
    client.post(
        f"{MEMBERS}?auth_token={SECRET}",
        json={"password": SECRET, "client_secret": SECRET, "members": [{"email": "ann@shop.test"}]},
        headers={"X-Auth-Token": SECRET, "X-Hook-Secret": SECRET, "Proxy-Authorization": f"Basic {SECRET}"},
    )
    assert SECRET not in client.get("/_emulator/journal").text
    assert SECRET not in client.get("/_emulator/journal/1").text


def test_what_people_filled_in_is_shown(client: TestClient) -> None:
    save(client, {"email": "ann@shop.test", "fields": {"token": "blue", "first_name": "Ann"}})
    assert entries(client)[0]["request"]["members"][0]["fields"] == {"token": "blue", "first_name": "Ann"}


def test_a_request_that_is_still_served_shows_no_credentials_either(client: TestClient) -> None:
    create(client)
    journal = world_of(client).journal
    entry = journal.open(0.0, "POST", MEMBERS)
    entry.query, entry.request = b"token=s3cret", b'{"token":"s3cret"}'
    entry.headers = [(b"x-hook-token", b"s3cret")]
    shown = entries(client)[-1]
    assert (shown["query"], shown["request"], shown["headers"]) == (
        "token=***",
        {"token": "***"},
        [["x-hook-token", "***"]],
    )
    assert entry.request == b'{"token":"s3cret"}'
