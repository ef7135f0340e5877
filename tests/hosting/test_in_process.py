"""One without a socket gives the answers of one with it, also at its end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from types import ModuleType

import httpx
import httpx2
import pytest

from emulator import Emulator
from emulator.client import Unreachable
from emulator.serving.limits import MOST_HEADER_BYTES, MOST_URL_BYTES

AUTH = ("public_key", "private_key")
each_library = pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda library: library.__name__)


@pytest.fixture(scope="module", params=["thread", "in-process"])
def running(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(mode=request.param) as emulator:
        yield emulator


def client_of(emulator: Emulator, library: ModuleType = httpx2) -> httpx2.Client:
    transport = emulator.transport if emulator.mode == "in-process" else None
    client: httpx2.Client = library.Client(transport=transport, base_url=emulator.url, auth=AUTH, trust_env=False)
    return client


@each_library
def test_a_body_can_be_streamed_raw(running: Emulator, library: ModuleType) -> None:
    with client_of(running, library) as client, client.stream("GET", "/100/members") as answer:
        assert b"".join(answer.iter_raw()) == b"[]"
    with client_of(running, library) as client:
        assert client.get("/100/members").json() == []


@each_library
def test_a_body_can_be_streamed_with_an_event_loop(running: Emulator, library: ModuleType) -> None:
    transport = running.transport if running.mode == "in-process" else None

    async def go() -> bytes:
        async with (
            library.AsyncClient(transport=transport, base_url=running.url, auth=AUTH, trust_env=False) as client,
            client.stream("GET", "/100/members") as answer,
        ):
            return b"".join([part async for part in answer.aiter_raw()])

    assert asyncio.run(go()) == b"[]"


def test_the_answer_to_head_has_no_body(running: Emulator) -> None:
    with client_of(running) as client:
        answer = client.head("/_emulator/livez")
    assert (answer.content, int(answer.headers["content-length"]) > 0) == (b"", True)


def test_what_is_too_long_is_refused(running: Emulator) -> None:
    with client_of(running) as client:
        long = client.get(f"/100/members?x={'a' * MOST_URL_BYTES}")
        assert (long.status_code, long.text) == (414, f"The URL is longer than {MOST_URL_BYTES} bytes.")
        headers = {f"x-{number}": "a" * 8000 for number in range(MOST_HEADER_BYTES // 8000 + 1)}
        assert client.get("/100/members", headers=headers).status_code == 431


@each_library
def test_a_call_under_way_at_the_end_meets_what_it_meets_on_a_socket(library: ModuleType) -> None:
    met: list[type[Exception]] = []

    def note(call: Callable[[], object]) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - whatever it is
            met.append(type(error))

    with Emulator(mode="in-process") as emulator:
        emulator.client.faults.add(operation="*", delay=60)
        client, control = client_of(emulator, library), emulator.client
        calls = (lambda: client.get("/100/members", timeout=20), lambda: control.wait(9))
        threads = [threading.Thread(target=note, args=(call,)) for call in calls]
        for each in threads:
            each.start()
        while not emulator.client.faults.all()[0].calls:
            pass
    for each in threads:
        each.join(20)
    assert sorted(kind.__name__ for kind in met) == ["ReadError", "Unreachable"]


@each_library
def test_a_call_after_the_end_finds_nobody(library: ModuleType) -> None:
    with Emulator(mode="in-process") as emulator:
        control, client = emulator.client, client_of(emulator, library)
    with pytest.raises(library.ConnectError, match="it has ended"):
        client.get("/100/members")
    with pytest.raises(Unreachable, match="it has ended"):
        control.clock.get()
