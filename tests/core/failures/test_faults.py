"""Which requests meet a fault, and what becomes of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.call import Message
from emulator.core.errors import Conflict, UnknownName
from emulator.core.failures.effects import Effect
from emulator.core.failures.faults import MOST, Fault, Faults, Frequency
from emulator.core.journal import Entry
from tests.core.acme import make_worlds, notes_of
from tests.core.caller import BASIC, Caller, Reply, scope
from tests.core.failing import fail

TEXT = b'{"text": "first", "tags": [{"name": "vip", "rank": 1}, 2], "on": true, "none": null}'


def put(call: Caller, path: str = "/acme/notes/one", body: bytes = TEXT, *headers: tuple[bytes, bytes]) -> Reply:
    return call("PUT", path, body, *headers)


def statuses(call: Caller, count: int) -> list[int]:
    return [put(call).status for _ in range(count)]


def last(call: Caller) -> Entry:
    return list(call.world().journal)[-1]


def counted(call: Caller) -> list[tuple[str, int, int]]:
    return [(armed.fault.id, armed.calls, armed.hits) for armed in call.world().faults]


def hang_up(call: Caller) -> list[Message]:
    """Send a whole request and go away; what the server sent all the same."""
    length = (b"content-length", b"%d" % len(TEXT))
    waiting: list[Message] = [{"type": "http.request", "body": TEXT}, {"type": "http.disconnect"}]
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(call.pipeline(scope("PUT", b"/acme/notes/one", length, BASIC), receive, send))
    return sent


def test_the_error_is_printed_by_the_vendor_and_says_whose_it_is(call: Caller) -> None:
    fail(call.world(), {"id": "tea", "status": 418})
    reply = put(call)
    assert (reply.status, reply.json()) == (418, {"acme": "Injected", "says": "teapot"})
    assert reply.headers["x-emulator-fault"] == "tea"


def test_the_error_says_what_the_tester_wants(call: Caller) -> None:
    fail(call.world(), {"status": 500, "message": "out of ink", "code": 12})
    assert put(call).json()["says"] == "out of ink"


def test_before_the_rule_nothing_is_done(call: Caller) -> None:
    fail(call.world(), {"status": 500})
    put(call)
    assert notes_of(call.world()) == {}


def test_after_the_rule_it_is_done_and_the_answer_is_lost(call: Caller) -> None:
    fail(call.world(), {"status": 500, "when": "after"})
    reply = put(call)
    assert (reply.status, reply.headers["x-emulator-fault"]) == (500, "fault-1")
    assert notes_of(call.world()) == {"one": "first"}


def test_after_the_rule_means_also_after_its_error(call: Caller) -> None:
    fail(call.world(), {"status": 418, "when": "after"})
    assert call("GET", "/acme/notes/none").status == 418


def test_a_fault_comes_before_the_input_is_checked(call: Caller) -> None:
    fail(call.world(), {"status": 418})
    assert put(call, body=b"no JSON").status == 418


def test_a_fault_comes_after_credentials(call: Caller) -> None:
    fail(call.world(), {"status": 418})
    assert call("GET", "/acme/notes/one", auth=False).status == 401
    assert counted(call) == [("fault-1", 0, 0)]


def test_the_journal_remarks_on_a_fault(call: Caller) -> None:
    fail(call.world(), {"status": 418, "answer": "malformed", "when": "after"})
    put(call)
    assert last(call).notes[0] == "fault fault-1, after the rule: HTTP 418, the body is not readable"
    assert last(call).status == 418


def test_a_malformed_body_keeps_status_and_length(call: Caller) -> None:
    fail(call.world(), {"answer": "malformed"})
    reply = put(call)
    assert reply.status == 200
    assert reply.headers["content-length"] == str(len(reply.body))
    assert reply.body.endswith(b"<")


@pytest.mark.parametrize(("answer", "when"), [("reset", "before"), ("empty", "before"), ("reset", "after")])
def test_without_a_socket_a_lost_connection_is_an_error_of_the_call(call: Caller, answer: str, when: str) -> None:
    fail(call.world(), {"answer": answer, "when": when})
    with pytest.raises(ConnectionResetError):
        put(call)
    assert notes_of(call.world()) == ({} if when == "before" else {"one": "first"})
    assert last(call).status == (None if when == "before" else 200)


@pytest.mark.parametrize(
    ("fault", "pattern"),
    [
        ({"nth": 3}, "..x..."),
        ({"first": 2}, "xx...."),
        ({"probability": 1}, "xxxxxx"),
        ({}, "xxxxxx"),
    ],
)
def test_how_often_a_fault_hits(call: Caller, fault: dict[str, Any], pattern: str) -> None:
    fail(call.world(), {"status": 500, **fault})
    assert "".join("x" if status == 500 else "." for status in statuses(call, 6)) == pattern
    assert counted(call) == [("fault-1", 6, pattern.count("x"))]


@given(probability=st.floats(0.05, 0.95), name=st.from_regex(r"[a-z]{1,8}", fullmatch=True))
def test_chance_is_the_same_in_each_world_and_after_each_reset(probability: float, name: str) -> None:
    worlds = make_worlds()
    fail(worlds.start, {"id": name, "status": 500, "probability": probability})
    call = Caller(worlds)
    other = (b"x-emulator-world", b"other")
    first = statuses(call, 20)
    assert [put(call, "/acme/notes/one", TEXT, other).status for _ in range(20)] == first
    call.world().restore(worlds.start, ["faults"])
    assert statuses(call, 20) == first


def test_chance_is_about_as_likely_as_it_says(call: Caller) -> None:
    fail(call.world(), {"status": 500, "probability": 0.3})
    assert 60 <= statuses(call, 300).count(500) <= 120


def test_the_first_fault_that_is_due_acts_and_all_that_match_count(call: Caller) -> None:
    fail(call.world(), {"status": 500, "nth": 2}, {"status": 401, "operation": "acme.notes.get"}, {"status": 418})
    assert statuses(call, 3) == [418, 500, 418]
    assert counted(call) == [("fault-1", 3, 1), ("fault-2", 0, 0), ("fault-3", 3, 2)]


@pytest.mark.parametrize(
    ("match", "meets"),
    [
        ({"path": "notes/a b"}, True),
        ({"path": "a%20b"}, False),
        ({"query": {"page": "1"}}, True),
        ({"query": {"page": 1}}, True),
        ({"query": {"page": "2"}}, True),
        ({"query": {"page": "1", "dry": "true"}}, True),
        ({"query": {"dry": True}}, True),
        ({"query": {"page": "3"}}, False),
        ({"query": {"empty": ""}}, True),
        ({"query": "name=ann lee"}, True),
        ({"query": "bob"}, False),
        ({"body": '"first"'}, True),
        ({"body": "second"}, False),
        ({"body": {"text": "first"}}, True),
        ({"body": {"text": "first", "on": True}}, True),
        ({"body": {"text": "second"}}, False),
        ({"body": {"on": 1}}, False),
        ({"body": {"none": None}}, True),
        ({"body": {"absent": None}}, False),
        ({"body": {"tags": [{"name": "vip"}]}}, True),
        ({"body": {"tags": [2, {"rank": 1}]}}, True),
        ({"body": {"tags": [{"name": "old"}]}}, False),
        ({"body": {"tags": {"name": "vip"}}}, False),
        ({"body": [1]}, False),
        ({"path": "a b", "query": {"page": "1"}, "body": {"text": "first"}}, True),
        ({"path": "a b", "query": {"page": "1"}, "body": {"text": "second"}}, False),
    ],
)
def test_a_matcher_looks_at_path_query_and_body(call: Caller, match: dict[str, Any], meets: bool) -> None:
    fail(call.world(), {"status": 418, "match": match})
    path = "/acme/notes/a%20b?page=1&page=2&dry=true&name=ann+lee&empty="
    assert put(call, path).status == (418 if meets else 200)


def test_faults_look_at_the_same_body_one_after_the_other(call: Caller) -> None:
    matches = [{"body": {"text": "second"}}, {"body": {"text": "first"}}]
    fail(call.world(), *[{"status": 418, "match": match} for match in matches])
    assert put(call).headers["x-emulator-fault"] == "fault-2"


def test_a_body_that_is_no_json_matches_no_keys(call: Caller) -> None:
    fail(call.world(), {"status": 418, "match": {"body": {"text": "first"}}})
    assert put(call, body=b"{").status == 400


def test_a_fault_of_an_account_leaves_the_others(call: Caller) -> None:
    fail(call.world(), {"status": 418, "account": "zoe"})
    assert put(call).status == 200
    zoe = (b"authorization", b"Basic em9lOnNlY3JldA==")
    assert call("GET", "/acme/notes/one", b"", zoe, auth=False).status == 418


def test_a_declined_operation_stays_declined(call: Caller) -> None:
    fail(call.world(), {"status": 418})
    assert call("GET", "/acme/pages").status == 501


def test_a_delay_whose_client_hangs_up_leaves_the_rule_undone(call: Caller) -> None:
    fail(call.world(), {"delay": 100})
    assert hang_up(call) == []
    assert notes_of(call.world()) == {}
    assert last(call).notes[1:] == ["the client went away meanwhile; nothing was done"]
    assert last(call).status is None


def test_a_delay_after_the_rule_whose_client_hangs_up_leaves_it_done(call: Caller) -> None:
    fail(call.world(), {"delay": 100, "when": "after"})
    assert hang_up(call) == []
    assert notes_of(call.world()) == {"one": "first"}


def test_a_slow_body_whose_client_hangs_up_ends_there(call: Caller) -> None:
    fail(call.world(), {"answer": "slow", "seconds": 100})
    assert [message["type"] for message in hang_up(call)] == ["http.response.start"]


def test_a_delay_is_drawn_from_its_span(call: Caller) -> None:
    fail(call.world(), {"delay": [100, 200]})
    delays = set()
    for _ in range(5):
        hang_up(call)
        delays.add(float(last(call).notes[0].split(": ")[1].split()[0]))
    assert len(delays) == 5
    assert all(100 <= delay <= 200 for delay in delays)


def test_an_id_that_is_taken_and_one_too_many_are_conflicts() -> None:
    def made(number: int) -> Fault:
        return Fault(f"fault-{number}", frozenset(), None, None, Frequency(), Effect(), {})

    faults = Faults([made(number) for number in range(MOST)])
    with pytest.raises(Conflict, match="already"):
        faults.add(made(1))
    with pytest.raises(Conflict, match="the limit"):
        faults.add(made(MOST))


def test_dropping_the_last_fault_turns_the_looking_off(call: Caller) -> None:
    faults = call.world().faults
    fail(call.world(), {"status": 500})
    call.world().faults.drop("fault-1")
    assert not call.world().faults.on
    assert put(call).status == 200
    with pytest.raises(UnknownName, match="there is no fault"):
        faults.drop("fault-1")
