"""A tester's hand in deliveries. Emma's webhooks are delivered here, to a real receiver."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from emulator.core.webhooks.reach import Allowed
from tests.conftest import ClientFactory
from tests.emma.support import AUTH, add, advance, choose, group, ok, refused
from tests.emma.telling import deliveries, flush, tell
from tests.receiver import Receiver, dead, receiving, wait_until
from tests.support import world_of

WEBHOOKS = "/_emulator/webhooks"


@pytest.fixture
def client(make_client: ClientFactory) -> TestClient:
    """A client of an emulator whose clock stands still, with Emma's credentials."""
    client = make_client(clock={"mode": "frozen", "at": "2024-05-01T12:00:00Z"})
    client.headers["Authorization"] = AUTH
    return client


@pytest.fixture
def told(client: TestClient, receiver: Receiver) -> TestClient:
    """The same, with a receiver of added members and of groups."""
    tell(client, "member_add", "group_create", url=receiver.url)
    return client


def error(answer: Any) -> tuple[int, str]:
    return refused(answer)


def test_a_flush_answers_when_what_is_due_is_delivered(told: TestClient, receiver: Receiver) -> None:
    for number in range(20):
        add(told, f"m{number}@shop.test")
    answer = ok(told.post(f"{WEBHOOKS}/flush"))
    assert answer == {"due": 0, "states": {"delivered": 20}, "kept": 20, "dropped": 0}
    assert [each.payload["data"]["member_id"] for each in receiver.received] == list(range(1024, 1044))


def test_a_flush_with_nothing_to_do_answers(client: TestClient) -> None:
    assert ok(client.post(f"{WEBHOOKS}/flush")) == {"due": 0, "states": {}, "kept": 0, "dropped": 0}


def test_a_flush_does_the_jobs_that_are_due(told: TestClient, receiver: Receiver) -> None:
    choose(told, "job_queue_seconds", "0")
    choose(told, "job_units_per_second", "1000000")
    tell(told, "import_finish", url=receiver.url)
    ok(told.post("/100/members", json={"members": [{"email": "ann@shop.test"}]}))
    advance(told, 1)
    flush(told)
    assert receiver.events == ["import_finish"]


def test_without_a_flush_it_is_delivered_all_the_same(told: TestClient, receiver: Receiver) -> None:
    add(told)
    receiver.wait_for(1)
    assert receiver.events == ["member_add"]


def test_what_becomes_due_is_delivered_when_the_world_is_touched(told: TestClient, receiver: Receiver) -> None:
    choose(told, "webhook_delay_seconds", "60")
    add(told)
    advance(told, 60)
    receiver.wait_for(1)


def test_what_an_action_and_a_finished_job_cause_is_delivered(client: TestClient, receiver: Receiver) -> None:
    choose(client, "job_progress", "manual")
    tell(client, "mailing_start", "import_finish", url=receiver.url)
    ok(client.post("/_emulator/actions/emma/mailing_start", json={"account": "100"}))
    receiver.wait_for(1)
    ok(client.post("/100/members", json={"members": [{"email": "ann@shop.test"}]}))
    ok(client.post("/_emulator/jobs/1/finish"))
    receiver.wait_for(2)
    assert receiver.events == ["mailing_start", "import_finish"]


def test_a_flush_gives_up_after_its_time(client: TestClient) -> None:
    with dead() as url:
        tell(client, "member_add", url=url)
        add(client)
        add(client, "bob@shop.test")
        answer = ok(client.post(f"{WEBHOOKS}/flush", json={"timeout": 0.1}))
        assert answer["due"] == 2
        ok(client.delete(WEBHOOKS))


@pytest.mark.parametrize("timeout", [-1, 601, "1", True, None])
def test_the_time_of_a_flush_is_a_number_of_seconds(client: TestClient, timeout: Any) -> None:
    answer = client.post(f"{WEBHOOKS}/flush", json={"timeout": timeout})
    assert error(answer) == (400, "timeout: write a number of seconds from 0 to 600")


def test_a_delivery_as_it_is_listed(told: TestClient, receiver: Receiver) -> None:
    receiver.status, receiver.answer = 500, b'{"error":"full"}'
    group(told)
    flush(told)
    (delivery,) = deliveries(told)
    (attempt,) = delivery.pop("attempts")
    assert attempt.pop("duration_ms") > 0
    assert attempt == {"at": "2024-05-01T12:00:00Z", "status": 500, "answer": {"error": "full"}, "error": None}
    assert delivery.pop("request")["event_name"] == "group_create"
    assert ["Content-Type", "application/json"] in delivery.pop("headers")
    assert delivery == {
        "id": 1,
        "event": "group_create",
        "vendor": "emma",
        "account": "100",
        "webhook": 1025,
        "state": "failed",
        "at": "2024-05-01T12:00:00Z",
        "due": None,
        "method": "POST",
        "url": receiver.url,
        "attempts_made": 1,
        "journal_entry": 3,
    }


def test_deliveries_are_filtered(told: TestClient, receiver: Receiver) -> None:
    group(told)
    flush(told)
    receiver.status = 500
    add(told)
    add(told, "bob@shop.test")
    flush(told)

    def found(**query: Any) -> list[int]:
        return [each["id"] for each in deliveries(told, **query)]

    assert found(event="member_add") == [2, 3]
    assert found(state="delivered") == [1]
    assert found(webhook=1024, after=2) == [3]
    assert found(account=200) == []
    assert found(vendor="emma", limit=2) == [2, 3]
    assert found(limit=0) == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("colour=red", "unknown filter 'colour'; allowed are event, state"),
        ("limit=all", "limit: 'all' is no number"),
        ("after=-1", "after: '-1' is no number"),
    ],
)
def test_a_filter_that_can_not_be_is_refused(client: TestClient, query: str, words: str) -> None:
    status, text = error(client.get(f"{WEBHOOKS}?{query}"))
    assert status == 400
    assert text.startswith(words)


def test_a_redelivery_sends_the_same_again(told: TestClient, receiver: Receiver) -> None:
    receiver.status = 500
    add(told)
    assert flush(told) == {"failed": 1}
    receiver.status = 200
    answer = ok(told.post(f"{WEBHOOKS}/1/redeliver"))
    assert (answer["id"], answer["state"], answer["due"]) == (1, "waiting", "2024-05-01T12:00:00Z")
    assert flush(told) == {"delivered": 1}
    first, second = receiver.received
    assert first.body == second.body
    assert [each["status"] for each in deliveries(told)[0]["attempts"]] == [500, 200]


@pytest.mark.parametrize("number", ["7", "x", "9" * 30])
def test_only_what_there_is_can_be_redelivered(client: TestClient, number: str) -> None:
    status, text = error(client.post(f"{WEBHOOKS}/{number}/redeliver"))
    assert status == 404
    assert text.endswith("GET /_emulator/webhooks lists them")


def test_a_receiver_that_comes_back_gets_what_is_delivered_again(client: TestClient) -> None:
    with receiving() as receiver:
        url, port = receiver.url, receiver.port
    tell(client, "member_add", url=url)
    add(client)
    assert flush(client) == {"failed": 1}
    assert deliveries(client)[0]["attempts"][0]["error"] == f"{url}: Connection refused"
    with receiving(port) as receiver:
        ok(client.post(f"{WEBHOOKS}/1/redeliver"))
        assert flush(client) == {"delivered": 1}
        assert receiver.events == ["member_add"]


def test_a_receiver_that_comes_back_gets_the_retry(client: TestClient) -> None:
    choose(client, "webhook_attempts", "2")
    with receiving() as receiver:
        url, port = receiver.url, receiver.port
    tell(client, "member_add", url=url)
    add(client)
    assert flush(client) == {"waiting": 1}
    with receiving(port) as receiver:
        advance(client, 60)
        assert flush(client) == {"delivered": 1}
        assert receiver.events == ["member_add"]


def test_what_is_not_on_this_machine_is_refused_with_the_reason(client: TestClient) -> None:
    tell(client, "member_add", url="http://192.0.2.1/hook")
    add(client)
    assert flush(client) == {"refused": 1}
    (attempt,) = deliveries(client)[0]["attempts"]
    assert attempt["status"] is None
    assert attempt["error"] == (
        "192.0.2.1 is not on this machine, so nothing was sent; "
        "allow it with --webhook-target 192.0.2.1, or all with --webhooks-anywhere"
    )


def test_with_the_setting_anything_may_be_sent_to(make_client: ClientFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world_of(make_client(webhooks_anywhere=True)).outbox.courier.reach.anywhere
    assert not world_of(make_client()).outbox.courier.reach.anywhere


@pytest.mark.parametrize(
    ("settings", "states"),
    [
        ({"host": "127.0.0.1"}, {"delivered": 1}),
        ({"host": "0.0.0.0"}, {"refused": 1}),
        ({"host": "0.0.0.0", "webhooks_anywhere": True}, {"refused": 1}),
        ({"host": "0.0.0.0", "webhook_target": (Allowed("127.0.0.1"),)}, {"delivered": 1}),
        ({"host": "0.0.0.0", "webhook_target": (Allowed("127.0.0.1", 1),)}, {"refused": 1}),
    ],
    ids=str,
)
def test_an_emulator_that_others_can_reach_calls_nothing_on_its_own_machine_unasked(
    make_client: ClientFactory, receiver: Receiver, settings: dict[str, Any], states: dict[str, int]
) -> None:
    client = make_client(**settings)
    tell(client, "member_add", url=receiver.url)
    add(client)
    assert flush(client) == states
    assert len(receiver.received) == states.get("delivered", 0)


def test_deliveries_can_be_forgotten(told: TestClient, receiver: Receiver) -> None:
    add(told)
    flush(told)
    choose(told, "webhook_delay_seconds", "60")
    group(told)
    assert ok(told.delete(WEBHOOKS)) == {"cleared": 2}
    advance(told, 100)
    assert flush(told) == {}
    assert receiver.events == ["member_add"]


@pytest.mark.parametrize(("scopes", "left"), [(["webhooks"], 0), (["data", "journal", "clock", "behaviours"], 1)])
def test_a_reset_forgets_deliveries_in_its_scope(told: TestClient, scopes: list[str], left: int) -> None:
    add(told)
    flush(told)
    ok(told.post("/_emulator/reset", json={"scopes": scopes}))
    assert len(deliveries(told)) == left


def test_a_copy_of_a_world_has_no_deliveries_of_its_own(told: TestClient, receiver: Receiver) -> None:
    choose(told, "webhook_delay_seconds", "60")
    add(told)
    assert told.put("/_emulator/snapshots/waiting").status_code == 201
    advance(told, 60)
    assert flush(told) == {"delivered": 1}
    ok(told.post("/_emulator/snapshots/waiting/restore"))
    assert len(ok(told.get("/100/webhooks"))) == 2
    advance(told, 600)
    assert flush(told) == {"delivered": 1}
    assert len(receiver.received) == 1


def test_what_waits_survives_a_return_to_a_snapshot_and_is_delivered_once(told: TestClient, receiver: Receiver) -> None:
    assert told.put("/_emulator/snapshots/before").status_code == 201
    choose(told, "webhook_delay_seconds", "60")
    add(told)
    ok(told.post("/_emulator/snapshots/before/restore"))
    advance(told, 60)
    assert flush(told) == {"delivered": 1}
    assert len(receiver.received) == 1


def test_worlds_deliver_their_own(client: TestClient, receiver: Receiver) -> None:
    for world in ("one", "two"):
        ok(
            client.post(
                f"/_world/{world}/100/webhooks", json={"event": "group_create", "url": f"{receiver.url}/{world}"}
            )
        )
        ok(client.post(f"/_world/{world}/100/groups", json={"groups": [{"group_name": world}]}))
        ok(client.post(f"/_world/{world}/_emulator/webhooks/flush"))
    assert [(each.path, each.payload["data"]["group_name"]) for each in receiver.received] == [
        ("/hook/one", "one"),
        ("/hook/two", "two"),
    ]
    assert deliveries(client) == []


def test_a_dropped_world_delivers_nothing_any_more(client: TestClient, receiver: Receiver) -> None:
    world = "/_world/other"
    ok(client.put(f"{world}/_emulator/behaviours", json={"emma.webhook_delay_seconds": 60}))
    ok(client.post(f"{world}/100/webhooks", json={"event": "group_create", "url": receiver.url}))
    ok(client.post(f"{world}/100/groups", json={"groups": [{"group_name": "x"}]}))
    outbox = world_of(client, "other").outbox
    ok(client.delete("/_emulator/worlds/other"))
    outbox.dispatch(2.0**32)
    wait_until(lambda: outbox.pending == 0)
    assert receiver.received == []
