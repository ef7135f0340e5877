"""The journal as proof: filters by pattern and body, verify, wait, unmatched, explain."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from emulator.core.call import Message, Scope
from emulator.core.proof.criteria import Criteria, read_criteria
from emulator.core.proof.watching import MOST, Watch
from tests.conftest import ClientFactory
from tests.control.test_journal import entries
from tests.support import LISTS, MEMBERS, choose, create, save, world_of

GET, SAVE, LIST = "engagelab.members.get", "engagelab.members.save", "engagelab.members.list"
WAIT = "/_emulator/journal/wait"


@pytest.fixture
def busy(client: TestClient) -> TestClient:
    """A client that has made six calls: save, save, get (unknown), list, list without credentials, nonsense."""
    create(client)
    save(client, {"email": "bob@shop.test", "fields": {"Age": "31"}, "tags": ["vip"]})
    client.get(f"{MEMBERS}/8")
    client.post(f"{LISTS}/list_members?limit=5")
    client.post(f"{LISTS}/list_members", headers={"Authorization": ""})
    client.put("/nowhere")
    return client


def verify(client: TestClient, **document: Any) -> dict[str, Any]:
    answer = client.post("/_emulator/journal/verify", json=document)
    assert answer.status_code == 200, answer.text
    verdict: dict[str, Any] = answer.json()
    return verdict


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("operation=engagelab.members.*", [1, 2, 3, 4, 5]),
        ("operation=*.get", [3]),
        ("status=4xx", [5, 6]),
        ("status=2xx", [1, 2, 3, 4]),
        ("body=members[0].email=bob@shop.test", [2]),
        ("body=..Age", [2]),
        ("body=..Age&body=..vip", []),
        ("body=..Age&body=update_existing=true", [2]),
        ("response=created_count=1", [1, 2]),
        ("response=code=30036", [3]),
        ("status=2xx&after=2&operation=*list", [4]),
    ],
)
def test_filters_by_pattern_and_by_what_a_body_holds(busy: TestClient, query: str, ids: list[int]) -> None:
    assert [entry["id"] for entry in entries(busy, query)] == ids


@pytest.mark.parametrize("query", ["status=6xx", "body=", "body=a[", "body=..a..b", "operation=", "response=a[x]"])
def test_a_filter_that_means_nothing_is_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"/_emulator/journal?{query}")
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_verify_says_ok(busy: TestClient) -> None:
    assert verify(busy, operation=SAVE, count=2) == {
        "ok": True,
        "instead": [],
        "expectations": [{"expected": f"operation={SAVE}: exactly 2", "seen": 2, "entries": [1, 2]}],
        "looked_at": 6,
    }


def test_verify_says_what_was_seen_instead(busy: TestClient) -> None:
    verdict = verify(busy, operation=GET, status=404)
    assert not verdict["ok"]
    first, near, *others = verdict["instead"]
    assert first == f"operation={GET}, status=404: expected at least 1, saw none"
    assert near.startswith("  near: entry 3 ")
    assert near.endswith(": status is 200, not 404")
    assert f"  near: entry 6 (PUT /nowhere, 404): operation is not {GET}" in others


@pytest.mark.parametrize(
    ("numbers", "ok"),
    [
        ({}, True),
        ({"at_least": 2}, True),
        ({"at_least": 3}, False),
        ({"at_most": 1}, False),
        ({"at_most": 2}, True),
        ({"count": 1}, False),
        ({"at_least": 1, "at_most": 2}, True),
    ],
    ids=str,
)
def test_verify_counts(busy: TestClient, numbers: dict[str, int], ok: bool) -> None:
    assert verify(busy, operation=SAVE, **numbers)["ok"] == ok


def test_verify_takes_fragments_as_objects_and_several_at_once(busy: TestClient) -> None:
    assert verify(busy, operation=SAVE, body={"members": [{"tags": ["vip"]}]}, count=1)["ok"]
    assert verify(busy, body=["..Age=31", "..tags[0]=vip"], count=1)["ok"]
    assert not verify(busy, body=["..Age=31", "..tags[0]=free"])["ok"]


def test_verify_in_order(busy: TestClient) -> None:
    first, second = {"operation": SAVE, "count": 2}, {"operation": LIST}
    assert verify(busy, expect=[first, second], in_order=True)["ok"]
    assert not verify(busy, expect=[second, first], in_order=True)["ok"]


def test_verify_exactly_these(busy: TestClient) -> None:
    expect = [{"operation": SAVE, "count": 2}, {"operation": GET}]
    assert verify(busy, expect=expect, exactly=True, where={"operation": "*", "status": 200, "path": MEMBERS})["ok"]
    assert verify(busy, expect=expect, exactly=True)["instead"][-1].startswith("not expected: entry 6 (PUT /nowhere")


def test_verify_nothing_at_all(client: TestClient) -> None:
    assert verify(client, expect=[], exactly=True)["ok"]
    create(client)
    assert not verify(client, expect=[], exactly=True)["ok"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"operation": "engagelab.member.save"}, "did you mean engagelab.members.save?"),
        ({"operation": "zzz"}, "GET /_emulator/operations"),
        ({"where": {"operation": "engagelab.nothing"}}, "is none"),
        ({"colour": "red"}, "unknown filter 'colour'"),
        ({"expect": [], "colour": "red"}, "unknown key 'colour'"),
        ({"expect": [5]}, "write objects"),
        ({"expect": {}}, "write a list"),
        ({"where": []}, "an object of filters"),
        ({"expect": [{}] * 101}, "at most 100"),
        ({"exactly": 1}, "exactly: write true or false"),
        ({"count": -1}, "no number"),
        ({"count": True}, "no number"),
        ({"count": 1, "at_most": 2}, "leave it out"),
        ({"at_least": 2, "at_most": 1}, "at_most"),
        ({"at_least": 1, "in_order": True}, "no other number"),
        ({"body": 5}, "write a path"),
        ({"path": None}, "is no text"),
    ],
    ids=str,
)
def test_verify_refuses_what_would_prove_nothing(client: TestClient, document: dict[str, Any], words: str) -> None:
    answer = client.post("/_emulator/journal/verify", json=document)
    assert answer.status_code in (400, 404)
    assert words in answer.json()["error"]


def test_verify_does_not_swear_to_what_the_journal_has_lost(make_client: ClientFactory) -> None:
    client = make_client(journal_entries=3)
    for _ in range(5):
        client.get(f"{MEMBERS}/8")
    assert "lost its 2 oldest entries" in verify(client, operation=GET, count=3)["instead"][0]
    assert not verify(client, operation=SAVE, at_most=0)["ok"]
    assert verify(client, operation=GET, at_least=3)["ok"]
    assert verify(client, operation=GET, count=3, where={"after": 2})["ok"]
    client.delete("/_emulator/journal")
    assert verify(client, operation=GET, at_most=0)["ok"]


def test_wait_answers_at_once_when_it_has_happened(busy: TestClient) -> None:
    answer = busy.get(f"{WAIT}?operation={SAVE}&count=2")
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "seen": 2, "entries": [1, 2]})


def test_wait_answers_when_it_happens(client: TestClient) -> None:
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(client.get(f"{WAIT}?operation={SAVE}&count=2&timeout=30")))
    waiting.start()
    create(client)
    while not world_of(client).journal.watches:
        time.sleep(0.001)
    assert not answers
    create(client, "bob@shop.test")
    waiting.join(10)
    assert answers[0].json() == {"ok": True, "seen": 2, "entries": [1, 2]}
    assert world_of(client).journal.watches == []


def test_wait_outlasts_a_reset(client: TestClient) -> None:
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(client.get(f"{WAIT}?operation={GET}&timeout=30")))
    waiting.start()
    while not world_of(client).journal.watches:
        time.sleep(0.001)
    client.post("/_emulator/reset")
    client.get(f"{MEMBERS}/8")
    waiting.join(10)
    assert answers[0].json()["ok"]


def test_wait_is_408_when_the_time_is_over(busy: TestClient) -> None:
    answer = busy.get(f"{WAIT}?operation={SAVE}&status=400&timeout=0.01")
    assert answer.status_code == 408
    assert answer.json() == {
        "ok": False,
        "seen": 0,
        "entries": [],
        "error": f"operation={SAVE}, status=400: expected at least 1, saw none in 0.01 s",
        "near": [
            "entry 2 (POST /v1/marketing/lists/members, 200): status is 200, not 400",
            "entry 1 (POST /v1/marketing/lists/members, 200): status is 200, not 400",
        ],
    }


@pytest.mark.parametrize(
    "query", ["timeout=-1", "timeout=nan", "timeout=601", "timeout=x", "count=x", "operation=zzz", "colour=red"]
)
def test_wait_refuses_what_can_not_happen(client: TestClient, query: str) -> None:
    assert client.get(f"{WAIT}?{query}").status_code in (400, 404)


def wait_scope(app: Any, query: bytes) -> Scope:
    return {
        "type": "http",
        "method": "GET",
        "path": WAIT,
        "raw_path": WAIT.encode(),
        "query_string": query,
        "headers": [],
    }


def test_wait_ends_when_its_client_hangs_up(client: TestClient) -> None:
    messages: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None: ...

    async def hang_up() -> None:
        await asyncio.wait_for(client.app(wait_scope(client.app, b"timeout=60"), receive, send), 10)

    asyncio.run(hang_up())
    assert world_of(client).journal.watches == []


def test_only_so_many_may_wait(client: TestClient) -> None:
    async def crowd() -> int:
        for _ in range(MOST):
            Watch(world_of(client).journal, Criteria(()), 1)
        return client.get(f"{WAIT}?timeout=0").status_code

    assert asyncio.run(crowd()) == 409


def test_unmatched_requests_are_listed_with_the_nearest_operations(busy: TestClient) -> None:
    busy.put("/nowhere")
    busy.get(f"{LISTS}/member/8")
    rows = busy.get("/_emulator/journal/unmatched").json()["unmatched"]
    assert [(row["method"], row["path"], row["times"], row["entries"]) for row in rows] == [
        ("PUT", "/nowhere", 2, [6, 7]),
        ("GET", f"{LISTS}/member/8", 1, [8]),
    ]
    assert rows[1]["nearest"][0] == "engagelab.members.get (GET /v1/marketing/lists/members/{member_id})"


def explain(client: TestClient, entry: object = "last") -> dict[str, Any]:
    answer = client.get(f"/_emulator/journal/{entry}")
    assert answer.status_code == 200, answer.text
    explained: dict[str, Any] = answer.json()["explain"]
    return explained


def test_an_entry_is_found_by_its_number_and_as_the_last(busy: TestClient) -> None:
    assert busy.get("/_emulator/journal/3").json() == entries(busy)[2]
    assert busy.get("/_emulator/journal/last").json()["id"] == 6
    assert busy.get("/_emulator/journal/99").status_code == 404
    assert busy.get("/_emulator/journal/x").status_code == 400


@pytest.mark.parametrize(
    ("entry", "stage", "by", "why"),
    [
        (3, "rule", "engagelab.members._member", "member 8 not found"),
        (5, "credentials", "core.credentials.parse", "no credentials, unreadable ones or wrong ones"),
        (6, "operation", "core.pipeline.Pipeline._admit", "unknown operation"),
    ],
)
def test_explain_says_who_refused_and_why(busy: TestClient, entry: int, stage: str, by: str, why: str) -> None:
    refused = explain(busy, entry)["refused"]
    assert (refused["stage"], refused["by"], refused["why"]) == (stage, by, why)


def test_explain_says_that_the_input_was_wrong(client: TestClient) -> None:
    client.post(MEMBERS, json={"members": 5})
    assert explain(client)["refused"] == {
        "stage": "input",
        "by": "core.input.validate",
        "kind": "Invalid",
        "why": "members must be a list",
    }


def test_explain_of_what_was_not_refused(busy: TestClient) -> None:
    explained = explain(busy, 4)
    assert explained["rule"] == "engagelab.members.list_members"
    assert explained["source"] == "vendor-docs/engagelab-members.txt, Member list"
    assert explained["refused"] is None


def test_explain_names_the_behaviours_with_the_choice_of_then(client: TestClient) -> None:
    client.get(f"{MEMBERS}/8")
    choose(client, "not_found_status", "404")
    client.get(f"{MEMBERS}/8")
    looked_up = [{each["id"]: each for each in explain(client, number)["behaviours"]} for number in (1, 2)]
    status = [each["engagelab.not_found_status"] for each in looked_up]
    assert [(each["choice"], each["default"], each["evidence"]) for each in status] == [
        ("200", "200", "documented"),
        ("404", "200", "documented"),
    ]
    assert "Q1" in status[0]["source"]


def test_behaviours_are_not_recorded_for_a_request_that_did_not_look_them_up(busy: TestClient) -> None:
    busy.get("/_emulator/behaviours")
    assert explain(busy, 6)["behaviours"] == []


def test_behaviours_are_recorded_after_a_reset(client: TestClient) -> None:
    client.post("/_emulator/reset")
    client.get(f"{MEMBERS}/8")
    assert "engagelab.not_found_status" in {each["id"] for each in explain(client)["behaviours"]}
    client.post("/_emulator/reset", json={"scopes": ["journal"]})
    client.get(f"{MEMBERS}/8")
    assert "engagelab.not_found_status" in {each["id"] for each in explain(client)["behaviours"]}


def test_an_operation_that_depends_on_a_behaviour_says_so(client: TestClient) -> None:
    choose(client, "patch", "update")
    client.patch(f"{MEMBERS}/8", json={})
    assert explain(client)["behaviours"][0]["id"] == "engagelab.patch"


def test_explain_names_the_keys_that_nothing_reads(client: TestClient) -> None:
    client.post(
        f"{LISTS}/list_members?limit=5&page=2",
        json={
            "limit": 3,
            "colour": "red",
            "condition": {"relation": "and", "items": [{"field_name": "Age", "op": "==", "value": "1", "type": "x"}]},
        },
    )
    assert explain(client)["unread"] == {"query": ["page"], "body": ["limit", "colour", "condition.items[].type"]}
    save(client, {"email": "a@b.test", "nickname": "A", "fields": {"Anything": "x"}})
    assert explain(client)["unread"] == {"query": [], "body": ["members[].nickname"]}
    client.request("DELETE", f"{MEMBERS}/8", json={"member_id": "9"})
    assert explain(client)["unread"] == {"query": [], "body": ["member_id"]}


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"a":"' + b"x" * 70_000 + b'"}'], ids=["no JSON", "no object", "cut"])
def test_explain_does_not_guess_at_a_body_that_it_can_not_read(client: TestClient, body: bytes) -> None:
    client.post(MEMBERS, content=body)
    assert explain(client)["unread"] is None


@pytest.mark.parametrize("body", [b"", b"null", b"[]"])
def test_a_body_with_nothing_in_it_leaves_nothing_unread(client: TestClient, body: bytes) -> None:
    client.post(f"{LISTS}/list_members", content=body)
    assert explain(client)["unread"] == {"query": [], "body": []}


def test_credentials_in_query_and_body_are_masked_wherever_the_journal_shows_them(client: TestClient) -> None:
    client.post(
        f"{MEMBERS}?api_key=s3cret", json={"api_key": "s3cret", "members": []}, headers={"Referer": "/?k=s3cret"}
    )
    client.get(f"{MEMBERS}/8?access_token=s3cret", headers={"X-Emulator-Token": "s3cret"})
    texts = [client.get(f"/_emulator/journal{path}").text for path in ("", "/last", "/1", "/unmatched")]
    texts.append(client.get("/_emulator/advice").text)
    texts.append(client.post("/_emulator/journal/verify", json={"path": MEMBERS, "body": "email"}).text)
    assert not any("s3cret" in text for text in texts)
    assert entries(client)[0]["query"] == "api_key=***"
    assert verify(client, body="api_key=***", count=1)["ok"]


def test_explain_of_what_is_not_emulated(client: TestClient) -> None:
    client.get("/v1/marketing/lists/tags")
    explained = explain(client)
    assert explained["rule"] is None
    assert explained["refused"]["stage"] == "operation"
    assert "is not emulated yet" in explained["refused"]["why"]
    assert explained["unread"] is None


def test_a_watch_counts_only_what_it_is_about(client: TestClient) -> None:
    async def watch() -> list[int]:
        watching = Watch(world_of(client).journal, read_criteria([("operation", GET)]), 2)
        client.get(f"{MEMBERS}/8")
        create(client)
        assert not watching.enough
        client.get(f"{MEMBERS}/8")
        await watching.changed.wait()
        watching.close()
        return watching.seen

    assert asyncio.run(watch()) == [1, 3]
