"""What one request to a receiver comes to, whatever the receiver does."""

from __future__ import annotations

import socket
import threading
import time
from functools import partial
from typing import Any

import pytest

from emulator.core.webhooks import courier as module
from emulator.core.webhooks import reach
from emulator.core.webhooks.courier import ANSWER_KEPT, MOST_OF_ONE, Courier, Outcome, Parcel
from emulator.core.webhooks.reach import Reach
from tests.receiver import dead, endless, receiving, wait_until

SHORT = 0.3  # seconds


def send(url: str, *, seconds: float = 10.0, anywhere: bool = False, body: bytes = b'{"a":1}') -> Outcome:
    return Courier(Reach(anywhere=anywhere), seconds=seconds).send(
        Parcel("POST", url, body, (("Content-Type", "application/json"),))
    )


def test_a_request_arrives_as_it_was_given() -> None:
    with receiving() as receiver:
        outcome = send(f"{receiver.url}?token=1")
    (got,) = receiver.received
    assert (got.method, got.path, got.body) == ("POST", "/hook?token=1", b'{"a":1}')
    assert got.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["Content-Type"] == "application/json"
    assert (outcome.status, outcome.answer, outcome.error, outcome.accepted) == (200, b"thanks", None, True)
    assert outcome.duration > 0


def test_a_large_body_arrives_whole() -> None:
    body = b"x" * 1_000_000
    with receiving() as receiver:
        assert send(receiver.url, body=body).accepted
    assert receiver.received[0].body == body


def test_a_request_without_a_body_has_no_length() -> None:
    with receiving() as receiver:
        assert Courier().send(Parcel("GET", receiver.url)).accepted
    assert "Content-Length" not in receiver.received[0].headers


@pytest.mark.parametrize("status", [301, 302, 400, 404, 500, 503])
def test_only_success_is_accepted(status: int) -> None:
    with receiving() as receiver:
        receiver.status = status
        outcome = send(receiver.url)
    assert (outcome.status, outcome.accepted) == (status, False)


def test_a_redirect_is_not_followed() -> None:
    with receiving() as receiver, receiving() as other:
        receiver.status, receiver.more_headers = 302, {"Location": other.url}
        send(receiver.url)
    assert other.received == []


def test_a_long_answer_is_cut() -> None:
    with receiving() as receiver:
        receiver.answer = b"x" * 1_000_000
        outcome = send(receiver.url)
    assert (outcome.status, len(outcome.answer)) == (200, ANSWER_KEPT)


def test_a_receiver_that_is_not_there_is_an_error() -> None:
    with receiving() as receiver:
        url = receiver.url
    outcome = send(f"{url}?token=secret")
    assert (outcome.status, outcome.error, outcome.refused) == (None, f"{url}: Connection refused", False)


def test_a_name_that_nobody_knows_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*given: Any, **more: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert send("http://nobody.test/hook", anywhere=True).error == "http://nobody.test/hook: Name or service not known"


def test_a_receiver_that_says_nothing_is_given_up() -> None:
    with dead() as url:
        outcome = send(url, seconds=SHORT)
    assert (outcome.status, outcome.error) == (None, "the receiver took longer than 0.3 s")
    assert SHORT <= outcome.duration < 10 * SHORT


@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_receiver_that_drips_is_given_up(beginning: bytes) -> None:
    with endless(beginning) as url:
        outcome = send(url, seconds=SHORT)
    assert outcome.error == "the receiver took longer than 0.3 s"
    assert outcome.duration < 10 * SHORT


def test_a_status_counts_although_the_answer_never_ends() -> None:
    with endless(b"HTTP/1.1 201 Created\r\n\r\n") as url:
        outcome = send(url, seconds=SHORT)
    assert (outcome.status, outcome.accepted) == (201, True)
    assert outcome.answer.startswith(b"x")


def test_an_answer_without_end_is_read_for_so_long_only() -> None:
    with endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000, 0.0) as url:
        outcome = send(url)
    assert (outcome.accepted, len(outcome.answer), outcome.error) == (True, ANSWER_KEPT, None)


def test_what_is_not_http_is_an_error() -> None:
    with endless(b"220 smtp.test ESMTP\r\n", b"\r\n") as url:
        outcome = send(url)
    assert outcome.status is None
    assert (outcome.error or "").startswith("the answer is not HTTP: ")


@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        (b"", None, "the receiver closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", 200, "the answer is not HTTP: "),
    ],
)
def test_a_connection_that_is_closed_too_early_is_an_error(answer: bytes, status: int | None, error: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closing = threading.Thread(target=_take_and_close, args=(listener, answer))
        closing.start()
        outcome = send(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        closing.join()
    assert outcome.status == status
    assert (outcome.error or "").startswith(error)


def test_a_provisional_answer_is_none() -> None:
    with endless(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", b"", 1.0) as url:
        outcome = send(url)
    assert (outcome.status, outcome.error, outcome.accepted) == (204, None, True)


def test_without_time_nothing_is_sent() -> None:
    with receiving() as receiver:
        outcome = send(receiver.url, seconds=0.0)
    assert (outcome.error, receiver.received) == ("the receiver took longer than 0 s", [])


def _take_and_close(listener: socket.socket, answer: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(answer)


def test_a_secure_receiver_must_be_secure() -> None:
    with receiving() as receiver:
        outcome = send(receiver.url.replace("http:", "https:"))
    assert outcome.status is None
    assert "SSL" in (outcome.error or "")


def test_what_is_not_on_this_machine_is_refused_and_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*given: Any) -> None:
        raise AssertionError("it connected")

    monkeypatch.setattr(module, "_connect", connect)
    outcome = send("http://192.0.2.1/hook")
    assert (outcome.refused, outcome.status) == (True, None)
    assert outcome.error is not None
    assert "--webhooks-anywhere" in outcome.error


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads here at first and elsewhere when it is asked again, as in DNS rebinding."""
    asked = []
    monkeypatch.setattr(reach, "is_local_name", lambda name: name == "rebinding.test")
    with receiving() as receiver:

        def getaddrinfo(host: str, port: int, **more: Any) -> list[Any]:
            asked.append(host)
            address = "127.0.0.1" if len(asked) == 1 else "192.0.2.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        assert send(f"http://rebinding.test:{receiver.port}/").accepted
    assert asked == ["rebinding.test"]
    assert receiver.received[0].headers["Host"] == f"rebinding.test:{receiver.port}"


def test_the_next_address_is_tried_when_one_takes_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver:
        family = socket.AF_INET
        found = [(family, socket.SOCK_STREAM, 6, "", (each, receiver.port)) for each in ("127.0.0.9", "127.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **more: found)
        assert send(f"http://localhost:{receiver.port}/").accepted


def test_a_bug_is_an_outcome_and_a_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def read_target(url: str) -> None:
        raise RuntimeError("no more ink")

    monkeypatch.setattr(module, "read_target", read_target)
    assert (send("http://localhost/").error or "").startswith("internal error of the emulator")
    assert "no more ink" in caplog.text


def test_no_more_threads_than_allowed_work_at_a_time() -> None:
    courier, go, busy, most = Courier(threads=3), threading.Event(), [0], [0]
    done: list[int] = []
    lock = threading.Lock()

    def task(number: int) -> None:
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        go.wait(10)
        with lock:
            busy[0] -= 1
            done.append(number)

    for number in range(10):
        courier.submit(lambda number=number: task(number))  # type: ignore[misc]
    wait_until(lambda: busy[0] == 3)
    time.sleep(0.05)
    assert busy[0] == 3
    go.set()
    wait_until(lambda: len(done) == 10)
    assert most[0] == 3


def test_threads_end_when_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_IDLE_SECONDS", 0.01)
    courier, done = Courier(), threading.Event()
    courier.submit(done.set)
    assert done.wait(10)
    wait_until(lambda: courier._threads == 0)
    again = threading.Event()
    courier.submit(again.set)
    assert again.wait(10)


def test_an_idle_thread_takes_the_next_task() -> None:
    courier = Courier()
    for _ in range(5):
        done = threading.Event()
        courier.submit(done.set)
        assert done.wait(10)
        wait_until(lambda: courier._idle == 1)
    assert courier._threads == 1


def test_a_task_that_raises_takes_no_thread_away(caplog: pytest.LogCaptureFixture) -> None:
    courier, done = Courier(threads=1), threading.Event()
    courier.submit(lambda: 1 / 0)  # type: ignore[arg-type]
    courier.submit(done.set)
    assert done.wait(10)
    assert "ZeroDivisionError" in caplog.text


class Held:
    """Tasks that go on until they are let go, and a record of who began when."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._go = threading.Event()
        self.begun: list[str] = []

    def give(self, owner: str, count: int) -> None:
        def task() -> None:
            self.begun.append(owner)
            self._go.wait(10)

        for _ in range(count):
            self._courier.submit(task, owner)

    def let_go(self) -> None:
        self._go.set()


def test_nobody_has_more_than_so_many_threads_although_others_are_idle() -> None:
    held = Held(Courier())
    held.give("a", 64)
    wait_until(lambda: len(held.begun) == MOST_OF_ONE)
    held.give("b", 1)
    wait_until(lambda: "b" in held.begun)
    assert held.begun.count("a") == MOST_OF_ONE
    held.let_go()
    wait_until(lambda: len(held.begun) == 65)


def test_the_last_threads_are_kept_for_those_who_have_none() -> None:
    held = Held(Courier(threads=8))
    for number, owner in ((4, "a"), (6, "b"), (7, "c")):
        held.give(owner, 4)
        wait_until(lambda number=number: len(held.begun) == number)
    held.give("z", 1)
    wait_until(lambda: "z" in held.begun)
    assert len(held.begun) == 8
    held.let_go()
    wait_until(lambda: len(held.begun) == 13)


def test_those_who_wait_take_turns() -> None:
    courier, begun = Courier(threads=1), list[str]()
    first = Held(courier)
    first.give("a", 1)
    wait_until(lambda: first.begun == ["a"])
    for owner in "aaabbc":
        courier.submit(partial(begun.append, owner), owner)
    first.let_go()
    wait_until(lambda: len(begun) == 6)
    assert begun == ["a", "b", "c", "a", "b", "a"]
