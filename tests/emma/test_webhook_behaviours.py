"""Every choice of the behaviours that concern webhooks; a test has its behaviour's name."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.emma.support import MEMBERS, act, add, advance, choices, choose, group, ok, update
from tests.emma.telling import WEBHOOKS, deliveries, facts, flush, tell, told
from tests.receiver import receiving

URL = "https://api.e2ma.net/100/members/1024"


@choices(
    ("both", (["signup_form_id", "resource_url", "group_ids"], ["event_name", "data", "resource_url"])),
    ("documented", (["signup_form_id", "resource_url"], ["event_name", "data"])),
    ("captured", (["signup_form_id", "group_ids"], ["event_name", "data", "resource_url"])),
)
def test_webhook_payload(client: TestClient, choice: str, wanted: tuple[list[str], list[str]]) -> None:
    choose(client, "webhook_payload", choice)
    tell(client, "member_add")
    add(client)
    (payload,) = told(client)
    data, top = wanted
    assert list(payload["data"]) == ["member_id", "account_id", "timestamp", *data]
    assert list(payload) == top
    assert {payload["data"].get("resource_url", URL), payload.get("resource_url", URL)} == {URL}


@choices(("letter", ["o", "e", "f"]), ("word", ["opt-out", "error", "forwarded"]))
def test_webhook_new_status(client: TestClient, choice: str, wanted: list[str]) -> None:
    choose(client, "webhook_new_status", choice)
    tell(client, "member_status_update")
    add(client)
    for old, new in ("ao", "oe", "ef"):
        ok(client.put(f"{MEMBERS}/status/{old}/to/{new}"))
    assert [new_status for _, new_status in facts(client, "new_status")] == wanted


@choices(
    ("one", [("member_optout", 1024, None), ("member_status_update", "o"), ("member_optout", 1026, 5)]),
    (
        "both",
        [
            ("member_optout", 1024, None),
            ("member_status_update", "o"),
            ("member_status_update", "o"),
            ("member_optout", 1025, None),
            ("member_optout", 1026, 5),
            ("member_status_update", "o"),
        ],
    ),
)
def test_webhook_optouts(client: TestClient, choice: str, wanted: list[Any]) -> None:
    choose(client, "webhook_optouts", choice)
    tell(client, "member_optout", "member_status_update")
    for name in ("ann", "bob", "cat"):
        add(client, f"{name}@shop.test")
    ok(client.put(f"{MEMBERS}/email/optout/ann@shop.test"))
    update(client, 1025, status_to="o")
    act(client, "unsubscribe", member_id=1026, mailing_id=5)
    assert facts(client, "member_id", "mailing_id", "new_status") == wanted


@choices(("untold", []), ("told", [([1024], [1024]), ([1024], [1025])]))
def test_webhook_enlistments(client: TestClient, choice: str, wanted: list[Any]) -> None:
    choose(client, "webhook_enlistments", choice)
    tell(client, "member_add_to_group")
    first, second = group(client, "First"), group(client, "Second")
    add(client, group_ids=[first])
    add(client, group_ids=[first, second])
    add(client, group_ids=[first, second])
    assert [each[1:] for each in facts(client, "member_ids", "group_ids")] == wanted


@choices(("untold", []), ("told", [("import_finish", 1024, 0)]))
def test_webhook_failed_imports(client: TestClient, choice: str, wanted: list[Any]) -> None:
    choose(client, "webhook_failed_imports", choice)
    tell(client, "import_finish")
    ok(client.post(MEMBERS, json={"members": [{"email": "ann@shop.test"}]}))
    ok(client.post("/_emulator/jobs/1/fail"))
    assert facts(client, "import_id", "contact_count") == wanted


@choices(("false", (200, False)), ("reject", (400, {"error": "method must be GET or POST"})))
def test_webhook_failed_update(client: TestClient, choice: str, wanted: tuple[int, Any]) -> None:
    choose(client, "webhook_failed_update", choice)
    tell(client, "member_add")
    answer = client.put(f"{WEBHOOKS}/1024", json={"method": "PATCH"})
    assert (answer.status_code, answer.json()) == wanted


@pytest.mark.parametrize("choice", ["0", "90"])
def test_webhook_delay_seconds(client: TestClient, choice: str) -> None:
    choose(client, "webhook_delay_seconds", choice)
    with receiving() as receiver:
        tell(client, "member_add", url=receiver.url)
        add(client)
        assert flush(client) == ({"delivered": 1} if choice == "0" else {"waiting": 1})
        advance(client, 89.9)
        flush(client)
        assert len(receiver.received) == (choice == "0")
        advance(client, 0.1)
        assert flush(client) == {"delivered": 1}


@pytest.mark.parametrize("choice", ["1", "3"])
def test_webhook_attempts(client: TestClient, choice: str) -> None:
    choose(client, "webhook_attempts", choice)
    with receiving() as receiver:
        receiver.status = 503
        tell(client, "member_add", url=receiver.url)
        add(client)
        for _ in range(5):
            flush(client)
            advance(client, 1000)
        assert (flush(client), len(receiver.received)) == ({"failed": 1}, int(choice))


@pytest.mark.parametrize(("choice", "wanted"), [("60", [0, 60, 180]), ("5", [0, 5, 15])])
def test_webhook_retry_seconds(client: TestClient, choice: str, wanted: list[int]) -> None:
    choose(client, "webhook_attempts", "3")
    choose(client, "webhook_retry_seconds", choice)
    with receiving() as receiver:
        receiver.status = 500
        tell(client, "member_add", url=receiver.url)
        add(client)
        for _ in range(40):
            flush(client)
            advance(client, 5)
    (delivery,) = deliveries(client)
    seconds = [each["at"][14:19].split(":") for each in delivery["attempts"]]
    assert [int(minute) * 60 + int(second) for minute, second in seconds] == wanted
