"""Every kind of failure as a client on a real socket meets it."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from emulator.serving.connection import SeverableProtocol
from tests.emma.support import AUTH
from tests.process import SECONDS, Running, running

ADD = "/100/members/add"
ANN = b'{"email": "ann@shop.test"}'


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("emulator")) as started:
        yield started


@pytest.fixture
def client(emulator: Running, request: pytest.FixtureRequest) -> Iterator[httpx2.Client]:
    """A client of a world of this test's own."""
    name = "".join(letter for letter in request.node.name if letter.isalnum())[-60:]
    headers = {"Authorization": AUTH, "X-Emulator-World": name}
    with httpx2.Client(base_url=emulator.url, headers=headers, trust_env=False, timeout=SECONDS) as made:
        yield made


def fail(client: httpx2.Client, **fault: Any) -> str:
    """Set a fault; its id."""
    answer = client.post("/_emulator/faults", json=fault)
    assert answer.status_code == 201, answer.text
    fault_id: str = answer.json()["id"]
    return fault_id


def add(client: httpx2.Client, email: str = "ann@shop.test") -> httpx2.Response:
    return client.post(ADD, json={"email": email})


def members(client: httpx2.Client) -> list[str]:
    """The addresses that are stored, as the control plane's journal would not know them."""
    client.delete("/_emulator/faults")
    return [each["email"] for each in client.get("/100/members").json()]


def request(client: httpx2.Client) -> bytes:
    """The bytes of a call that adds Ann in the client's world."""
    head = f"POST {ADD} HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTH}\r\nContent-Length: {len(ANN)}\r\n"
    return f"{head}X-Emulator-World: {client.headers['X-Emulator-World']}\r\n\r\n".encode() + ANN


def raw(emulator: Running, sent: bytes) -> bytes:
    """All bytes that come until the server closes the connection; ConnectionResetError when it resets it."""
    with socket.create_connection(emulator.address, timeout=SECONDS) as connection:
        connection.sendall(sent)
        got = b""
        while chunk := connection.recv(65536):
            got += chunk
        return got


def is_noted(client: httpx2.Client, remark: str) -> bool:
    """Whether the first call of the journal gets this remark in time."""
    end = time.monotonic() + 10
    while remark not in client.get("/_emulator/journal").json()["entries"][0]["notes"]:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_a_status_is_the_vendors_own_error(client: httpx2.Client) -> None:
    fail(client, id="broken", operation="emma.members.add", status=500)
    answer = add(client)
    assert (answer.status_code, answer.json()) == (500, {"error": "Internal Server Error"})
    assert answer.headers["X-Emulator-Fault"] == "broken"
    assert members(client) == []


@pytest.mark.parametrize(("when", "stored"), [("before", []), ("after", ["ann@shop.test"])])
def test_a_reset_is_one_on_the_socket(emulator: Running, client: httpx2.Client, when: str, stored: list[str]) -> None:
    fail(client, operation="emma.members.add", answer="reset", when=when)
    with pytest.raises(ConnectionResetError):
        raw(emulator, request(client))
    assert members(client) == stored


@pytest.mark.parametrize(("when", "stored"), [("before", []), ("after", ["ann@shop.test"])])
def test_an_empty_reply_is_no_byte_at_all(
    emulator: Running, client: httpx2.Client, when: str, stored: list[str]
) -> None:
    fail(client, operation="emma.members.add", answer="empty", when=when)
    assert raw(emulator, request(client)) == b""
    assert members(client) == stored


def test_a_truncated_body_is_shorter_than_its_length(emulator: Running, client: httpx2.Client) -> None:
    fail(client, operation="emma.members.add", answer="truncated")
    head, _, body = raw(emulator, request(client)).partition(b"\r\n\r\n")
    promised = int(head.lower().partition(b"content-length: ")[2].split()[0])
    assert 0 < len(body) < promised
    assert members(client) == ["ann@shop.test"]


def test_an_answer_without_a_body_can_be_truncated_too(emulator: Running, client: httpx2.Client) -> None:
    fail(client, operation="emma.members.add", status=401, answer="truncated")
    head, _, body = raw(emulator, request(client)).partition(b"\r\n\r\n")
    assert (head[:12], body) == (b"HTTP/1.1 401", b"")
    assert b"content-length: 1" in head


def test_a_malformed_body_is_complete_and_no_json(client: httpx2.Client) -> None:
    fail(client, operation="emma.members.add", answer="malformed")
    answer = add(client)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_slow_body_trickles_and_is_whole(client: httpx2.Client) -> None:
    fail(client, operation="emma.members.list", answer="slow", seconds=0.5)
    for number in range(5):
        add(client, f"ann{number}@shop.test")
    started = time.monotonic()
    with client.stream("GET", "/100/members") as answer:
        first = time.monotonic() - started
        pieces = list(answer.iter_raw())
    took = time.monotonic() - started
    assert first < 0.4 < took
    assert len(pieces) > 10
    assert len(json.loads(b"".join(pieces))) == 5


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_delay_takes_its_time(client: httpx2.Client, when: str) -> None:
    fail(client, operation="emma.members.add", delay=0.3, when=when)
    started = time.monotonic()
    assert add(client).status_code == 200
    assert 0.3 <= time.monotonic() - started < 5


def test_a_delay_holds_up_nobody_else(client: httpx2.Client) -> None:
    fail(client, operation="emma.members.add", delay=1, first=1)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(add, client)
        time.sleep(0.2)
        started = time.monotonic()
        for _ in range(5):
            assert client.get("/100/members").status_code == 200
        assert time.monotonic() - started < 0.6
        assert not slow.done()
        assert slow.result().status_code == 200


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"answer": "reset"}, httpx2.ReadError),
        ({"answer": "empty"}, httpx2.RemoteProtocolError),
        ({"answer": "truncated"}, httpx2.RemoteProtocolError),
    ],
)
def test_httpx_says_so(client: httpx2.Client, fault: dict[str, Any], error: type[Exception]) -> None:
    fail(client, operation="emma.members.add", **fault)
    with pytest.raises(error):
        add(client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"answer": "reset"}, ConnectionResetError),
        ({"answer": "empty"}, http.client.RemoteDisconnected),
        ({"answer": "truncated"}, http.client.IncompleteRead),
    ],
)
def test_the_standard_library_says_so(
    emulator: Running, client: httpx2.Client, fault: dict[str, Any], error: type[Exception]
) -> None:
    fail(client, operation="emma.members.add", **fault)
    connection = http.client.HTTPConnection(*emulator.address, timeout=SECONDS)
    headers = {"Authorization": AUTH, "X-Emulator-World": client.headers["X-Emulator-World"]}
    connection.request("POST", ADD, ANN, headers)
    with pytest.raises(error):
        connection.getresponse().read()
    connection.close()


@pytest.mark.parametrize("way", ["fault", "address", "first address"])
def test_httpx_says_that_an_answer_was_lost_although_it_was_done(client: httpx2.Client, way: str) -> None:
    email = {"fault": "ann@shop.test", "address": "lost+ann@fault.example", "first address": "oncelost@fault.example"}[
        way
    ]
    if way == "fault":
        fail(client, operation="emma.members.add", answer="reset", when="after")
    with pytest.raises(httpx2.ReadError):
        add(client, email)
    assert members(client) == [email]


def test_httpx_tries_again_and_it_works(client: httpx2.Client) -> None:
    assert [add(client, "once503+ann@fault.example").status_code for _ in range(3)] == [503, 200, 200]
    assert members(client) == ["once503+ann@fault.example"]


def test_the_connection_serves_on_after_an_error_a_delay_and_a_malformed_body(client: httpx2.Client) -> None:
    fail(client, operation="emma.members.add", status=503, nth=1)
    fail(client, operation="emma.members.add", delay=0.05, nth=2)
    fail(client, operation="emma.members.add", answer="malformed", nth=3)
    assert [add(client).status_code for _ in range(4)] == [503, 200, 200, 200]


def test_requests_behind_a_failing_one_on_the_same_connection_are_cut_with_it(
    emulator: Running, client: httpx2.Client
) -> None:
    fail(client, operation="emma.members.add", answer="empty", delay=0.1, nth=1)
    assert raw(emulator, request(client) + request(client)) == b""
    assert members(client) == []


@pytest.mark.parametrize("fault", [{}, {"answer": "reset"}, {"answer": "empty"}], ids=["no", "reset", "empty"])
@pytest.mark.parametrize("requests", [1, 2], ids=["alone", "behind"])
def test_a_client_that_goes_away_ends_the_wait_and_nothing_is_done(
    emulator: Running, client: httpx2.Client, requests: int, fault: dict[str, str]
) -> None:
    fail(client, operation="emma.members.add", delay=60, **fault)
    with socket.create_connection(emulator.address, timeout=SECONDS) as connection:
        connection.sendall(request(client) * requests)
        time.sleep(0.3)
    assert is_noted(client, "the client went away meanwhile; nothing was done")
    assert members(client) == []


@pytest.mark.parametrize("fault", [{"delay": 200}, {"delay": 200, "when": "after"}, {"answer": "slow", "seconds": 200}])
def test_who_waits_is_answered_at_once_when_the_emulator_ends(tmp_path: Path, fault: dict[str, Any]) -> None:
    with running(tmp_path) as started:
        headers = {"Authorization": AUTH}
        client = httpx2.Client(base_url=started.url, headers=headers, trust_env=False, timeout=SECONDS)
        with client, ThreadPoolExecutor(1) as pool:
            fail(client, operation="emma.members.add", **fault)
            waiting = pool.submit(add, client)
            time.sleep(0.5)
            began = time.monotonic()
            code, _, errors = started.stop(signal.SIGTERM)
            assert waiting.result().status_code == 200
    assert (code, errors) == (0, "")
    assert time.monotonic() - began < 3


def test_nothing_of_a_failure_is_logged(tmp_path: Path) -> None:
    with running(tmp_path) as started:
        with httpx2.Client(base_url=started.url, headers={"Authorization": AUTH}, trust_env=False) as client:
            for answer in ("reset", "empty", "truncated", "malformed"):
                client.put("/_emulator/faults", json=[{"operation": "emma.*", "answer": answer}])
                try:
                    add(client)
                except httpx2.TransportError:
                    continue
        assert started.stop()[2] == ""


def test_faults_and_limits_of_a_world_touch_no_other_under_load(emulator: Running) -> None:
    def work(world: str, number: int) -> tuple[str, str]:
        try:
            answer = control.post(f"/_world/{world}{ADD}", json={"email": f"ann{number}@shop.test"})
        except httpx2.TransportError as error:
            return world, type(error).__name__
        return world, f"{answer.status_code} {answer.headers.get('X-Emulator-Fault', '')}"

    headers = {"Authorization": AUTH}
    control = httpx2.Client(base_url=emulator.url, headers=headers, trust_env=False, timeout=SECONDS)
    kinds: list[dict[str, Any]] = [
        {"status": 500},
        {"answer": "reset"},
        {"answer": "truncated"},
        {"delay": [0.01, 0.05]},
        {"answer": "slow", "seconds": 0.05},
    ]
    faults = [{"operation": "emma.members.add", "probability": 0.3, **kind} for kind in kinds]
    for world in ("calm", "stormy", "narrow"):
        control.post("/_emulator/worlds", json={"name": world})
    assert control.put("/_world/stormy/_emulator/faults", json=faults).status_code == 200
    assert (
        control.put("/_world/narrow/_emulator/limits", json={"emma": {"calls": 40, "seconds": 86400}}).status_code
        == 200
    )
    with ThreadPoolExecutor(12) as pool:
        jobs = [pool.submit(work, world, number) for number in range(100) for world in ("calm", "stormy", "narrow")]
        seen = [job.result() for job in jobs]
    assert {what for world, what in seen if world == "calm"} == {"200 "}
    assert sorted(what for world, what in seen if world == "narrow") == ["200 "] * 40 + ["403 "] * 60
    assert {"500 fault-1", "ReadError", "RemoteProtocolError", "200 fault-4", "200 fault-5", "200 "} == {
        what for world, what in seen if world == "stormy"
    }
    control.close()


def test_a_connection_that_is_closing_is_not_reset() -> None:
    class Closing:
        def is_closing(self) -> bool:
            return True

    protocol = SeverableProtocol.__new__(SeverableProtocol)
    protocol.transport = Closing()  # type: ignore[assignment]
    protocol.reset()  # there is nothing in it that could be
