"""Managing webhooks: the seven operations."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from emulator.emma.events import EVENTS
from tests.conftest import ClientFactory
from tests.emma.support import account_of, notes, ok, refused
from tests.emma.telling import NOWHERE, WEBHOOKS, tell


def test_a_new_webhook_has_the_next_id_and_is_listed(client: TestClient) -> None:
    assert ok(client.post(WEBHOOKS, json={"event": "member_add", "url": NOWHERE})) == 1024
    wanted = {"url": NOWHERE, "webhook_id": 1024, "method": "POST", "account_id": 100, "event": "member_add"}
    assert ok(client.get(WEBHOOKS)) == [wanted]
    answer = client.get(f"{WEBHOOKS}/1024")
    assert ok(answer) == wanted


def test_webhooks_are_listed_by_pages(client: TestClient) -> None:
    tell(client, *["member_add"] * 5)
    assert [each["webhook_id"] for each in ok(client.get(WEBHOOKS, params={"start": 1, "end": 3}))] == [1025, 1026]
    assert ok(client.get(WEBHOOKS, params={"count": "true"})) == 5


def test_every_event_is_listed_with_its_id(client: TestClient) -> None:
    listed = ok(client.get(f"{WEBHOOKS}/events"))
    assert [list(each) for each in listed] == [["event_name", "webhook_event_id", "description"]] * 22
    assert [each["webhook_event_id"] for each in listed] == list(range(1, 23))
    assert [each["event_name"] for each in listed] == list(EVENTS)
    assert ok(client.get(f"{WEBHOOKS}/events?count=true")) == 22


@pytest.mark.parametrize("event", EVENTS)
def test_a_webhook_can_be_made_for_every_event(client: TestClient, event: str) -> None:
    tell(client, event)
    assert ok(client.get(f"{WEBHOOKS}/1024"))["event"] == event


@pytest.mark.parametrize("method", ["GET", "get", "POST", "post"])
def test_the_method_is_get_or_post_in_any_case(client: TestClient, method: str) -> None:
    tell(client, "member_add", method=method)
    assert ok(client.get(f"{WEBHOOKS}/1024"))["method"] == method.upper()


@pytest.mark.parametrize("key", ["public_key", "user_id"])
def test_a_public_key_is_kept_and_not_shown(client: TestClient, key: str) -> None:
    ok(client.post(WEBHOOKS, json={"event": "member_add", "url": NOWHERE, key: 12}))
    row = account_of(client).webhooks.get(1024)
    assert row is not None
    assert row.public_key == "12"
    assert "12" not in client.get(f"{WEBHOOKS}/1024").text.replace("1024", "").replace("192", "")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"url": NOWHERE}, "event can not be empty"),
        ({"event": "member_add"}, "url can not be empty"),
        ({"event": " ", "url": NOWHERE}, "event can not be empty"),
        ({"event": "member_joined", "url": NOWHERE}, "event must be one of mailing_finish, "),
        ({"event": "member_add", "url": "shop.test/hook"}, "url must be an absolute URL"),
        ({"event": "member_add", "url": "ftp://shop.test/hook"}, "url must be an absolute URL"),
        ({"event": "member_add", "url": "http://ann:secret@shop.test/"}, "url must be an absolute URL without a user"),
        ({"event": "member_add", "url": NOWHERE, "method": "PUT"}, "method must be GET or POST"),
    ],
)
def test_a_webhook_that_can_not_be_is_refused(client: TestClient, body: dict[str, Any], words: str) -> None:
    status, message = refused(client.post(WEBHOOKS, json=body))
    assert status == 400
    assert message.startswith(words)
    assert ok(client.get(WEBHOOKS)) == []


def test_an_update_changes_what_it_names(client: TestClient) -> None:
    tell(client, "member_add", public_key="key")
    changes = {"event": "group_create", "method": "GET"}
    assert ok(client.put(f"{WEBHOOKS}/1024", json=changes)) == 1024
    assert ok(client.put(f"{WEBHOOKS}/1024", json={"url": "http://tech.test/"})) == 1024
    wanted = {"url": "http://tech.test/", "webhook_id": 1024, "account_id": 100, **changes}
    assert ok(client.get(f"{WEBHOOKS}/1024")) == wanted
    row = account_of(client).webhooks.get(1024)
    assert row is not None
    assert row.public_key == "key"


def test_an_update_that_fails_changes_nothing_and_says_why_in_the_journal(client: TestClient) -> None:
    tell(client, "member_add")
    assert ok(client.put(f"{WEBHOOKS}/1024", json={"event": "nothing", "method": "GET"})) is False
    assert notes(client)[0].startswith("nothing was updated: event must be one of mailing_finish")
    assert ok(client.get(f"{WEBHOOKS}/1024"))["method"] == "POST"


@pytest.mark.parametrize("webhook_id", ["1", "0", "x", "1" * 30])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_webhook_that_does_not_exist_is_404(client: TestClient, method: str, webhook_id: str) -> None:
    tell(client, "member_add")
    answer = client.request(method, f"{WEBHOOKS}/{webhook_id}")
    assert refused(answer) == (404, f"webhook {webhook_id} not found")


def test_a_deleted_webhook_is_gone_and_the_others_stay(client: TestClient) -> None:
    first, second = tell(client, "member_add", "member_add")
    assert ok(client.delete(f"{WEBHOOKS}/{first}")) is True
    assert [each["webhook_id"] for each in ok(client.get(WEBHOOKS))] == [second]


def test_all_webhooks_can_be_deleted_and_their_ids_do_not_come_again(client: TestClient) -> None:
    tell(client, "member_add", "member_add")
    assert ok(client.delete(WEBHOOKS)) is True
    assert ok(client.get(WEBHOOKS)) == []
    assert ok(client.delete(WEBHOOKS)) is True
    assert tell(client, "member_add") == [1026]


def test_webhooks_belong_to_their_account(client: TestClient) -> None:
    tell(client, "member_add")
    assert ok(client.get("/200/webhooks")) == []


DECLARED = """
emma:
  accounts:
    - account_id: 100
      keys: {public_key: private_key}
      webhooks:
        - {event: member_add, url: "http://localhost:9/a"}
        - {webhook_id: 3000, event: group_create, url: "http://localhost:9/b", method: GET, public_key: key}
"""


def test_a_scenario_declares_webhooks(declared: ClientFactory) -> None:
    listed = ok(declared(DECLARED).get(WEBHOOKS))
    assert [(each["webhook_id"], each["event"], each["method"]) for each in listed] == [
        (3000, "group_create", "GET"),
        (3001, "member_add", "POST"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("member_add", "member_ad", "emma.accounts[0].webhooks[0].event must be one of"),
        ("method: GET", "method: PUT", "emma.accounts[0].webhooks[1].method must be one of"),
        ("http://localhost:9/b", "localhost", "emma.accounts[0].webhooks[1].url must be an absolute URL"),
        ("event: member_add", "webhook_id: 3000, event: member_add", "webhooks[1].webhook_id 3000 is given twice"),
    ],
)
def test_what_is_wrong_with_a_declared_webhook_is_named(
    declared: ClientFactory, old: str, new: str, words: str
) -> None:
    with pytest.raises(Exception, match="webhooks") as caught:
        declared(DECLARED.replace(old, new))
    assert words in str(caught.value)


def test_webhooks_go_along_with_snapshots_worlds_and_resets(declared: ClientFactory) -> None:
    client = declared(DECLARED)
    assert client.put("/_emulator/snapshots/before").status_code == 201
    ok(client.delete(WEBHOOKS))
    assert len(ok(client.get(f"/_world/other{WEBHOOKS}"))) == 2
    ok(client.post("/_emulator/snapshots/before/restore"))
    assert len(ok(client.get(WEBHOOKS))) == 2
    ok(client.delete(WEBHOOKS))
    ok(client.post("/_emulator/reset", json={"scopes": ["webhooks"]}))
    assert ok(client.get(WEBHOOKS)) == []
    ok(client.post("/_emulator/reset", json={"scopes": ["data"]}))
    assert len(ok(client.get(WEBHOOKS))) == 2
