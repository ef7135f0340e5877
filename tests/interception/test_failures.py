"""Faults surface as the exceptions that each library raises on a socket."""

from __future__ import annotations

from typing import Any

import httpx
import httpx2
import pytest
import requests
import urllib3

from emulator import Emulator, intercept
from emulator.client import Client
from tests.interception.callers import (
    AUTH,
    EMMA,
    Caller,
    by_async_httpx,
    by_async_httpx2,
    by_httpx,
    by_httpx2,
    by_urllib3,
)

MEMBERS = f"{EMMA}/members"
LIBRARIES: list[tuple[Caller, Any]] = [
    (by_httpx, httpx),
    (by_httpx2, httpx2),
    (by_async_httpx, httpx),
    (by_async_httpx2, httpx2),
]
per_httpx = pytest.mark.parametrize(("call", "library"), LIBRARIES, ids=lambda each: each.__name__)


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        ("reset", requests.exceptions.ConnectionError, "reset"),
        ("empty", requests.exceptions.ConnectionError, "closed connection without response"),
        ("truncated", requests.exceptions.ChunkedEncodingError, "IncompleteRead"),
        ("malformed", requests.exceptions.JSONDecodeError, "line 1"),
    ],
)
def test_requests_raises_its_own(world: Client, answer: str, kind: type[Exception], text: str) -> None:
    world.faults.add(operation="*", answer=answer)
    with pytest.raises(kind, match=text):
        requests.get(MEMBERS, auth=AUTH, timeout=10).json()
    assert len(world.journal.entries()) == 1


def test_a_truncated_body_that_is_streamed_comes_as_far_as_it_came(world: Client) -> None:
    world.faults.add(operation="*", answer="truncated")
    with requests.get(f"{MEMBERS}/9", auth=AUTH, stream=True, timeout=10) as response:
        pieces = response.iter_content(1)
        assert next(pieces) == b"{"
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            list(pieces)


@per_httpx
@pytest.mark.parametrize(
    ("answer", "name", "text"),
    [
        ("reset", "ReadError", "reset"),
        ("empty", "RemoteProtocolError", "without sending a response"),
        ("truncated", "RemoteProtocolError", "without sending complete message body"),
    ],
)
def test_httpx_raises_its_own(world: Client, call: Caller, library: Any, answer: str, name: str, text: str) -> None:
    world.faults.add(operation="*", answer=answer)
    with pytest.raises(getattr(library, name), match=text) as raised:
        call("GET", MEMBERS)
    assert type(raised.value) is getattr(library, name)
    assert len(world.journal.entries()) == 1


def test_a_late_answer_is_a_read_timeout_of_requests(world: Client) -> None:
    world.faults.add(operation="*", delay=5)
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(MEMBERS, auth=AUTH, timeout=(5, 0.2))
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        by_urllib3("GET", MEMBERS, timeout=0.2)


@per_httpx
def test_a_late_answer_is_a_read_timeout_of_httpx(world: Client, call: Caller, library: Any) -> None:
    world.faults.add(operation="*", delay=5)
    with pytest.raises(library.ReadTimeout):
        call("GET", MEMBERS, timeout=0.2)


def test_a_body_in_a_trickle_arrives(world: Client, call: Caller) -> None:
    world.faults.add(operation="*", answer="slow", seconds=0.2)
    assert call("GET", MEMBERS).body == []


@pytest.fixture
def over() -> Any:
    """The URL of an emulator that was stopped while calls go there."""
    with Emulator() as emulator:
        interception = intercept(to=emulator.url)
        interception.__enter__()
    yield
    interception.__exit__()


@pytest.mark.usefixtures("over")
def test_an_emulator_that_is_gone_refuses_connections() -> None:
    with pytest.raises(requests.exceptions.ConnectionError, match="refused"):
        requests.get(MEMBERS, timeout=10)
    with pytest.raises(httpx.ConnectError, match="refused"):
        httpx.get(MEMBERS)
    with pytest.raises(httpx2.ConnectError, match="refused"):
        httpx2.get(MEMBERS)
