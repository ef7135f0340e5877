"""Health, version, index, and the manners of the control plane."""

from __future__ import annotations

import asyncio

import pytest
from starlette.testclient import TestClient

from emulator import __version__
from emulator.app import EmulatorApp, make_worlds
from emulator.core.call import Message
from emulator.settings import Settings
from tests.conftest import ClientFactory


def test_it_is_alive_ready_and_knows_its_version(client: TestClient) -> None:
    assert client.get("/_emulator/livez").json() == {"status": "ok"}
    assert client.get("/_emulator/readyz").json() == {"status": "ok"}
    answer = client.get("/_emulator/version").json()
    assert answer == {"name": "audience-emulator", "version": __version__, "vendors": ["emma", "engagelab"]}


def test_before_the_scenario_is_in_it_is_alive_but_not_ready() -> None:
    client = TestClient(EmulatorApp(make_worlds(Settings()), Settings()))
    assert client.get("/_emulator/livez").status_code == 200
    assert client.get("/_emulator/readyz").status_code == 503
    for path in ("/_emulator/journal", "/v1/marketing/lists/members/8"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "still being loaded" in answer.text


def test_the_index_lists_the_endpoints(client: TestClient) -> None:
    endpoints = client.get("/_emulator").json()["endpoints"]
    assert "POST /_emulator/reset" in endpoints
    assert "PUT /_emulator/clock" in endpoints


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "7"])
def test_a_control_body_that_is_no_object_is_refused_in_one_line(client: TestClient, body: str) -> None:
    answer = client.post("/_emulator/reset", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("the body must be")


def test_a_control_body_over_the_limit_is_refused(make_client: ClientFactory) -> None:
    answer = make_client(max_body=10).post("/_emulator/reset", json={"scopes": ["data", "clock"]})
    assert answer.status_code == 400
    assert "--max-body" in answer.json()["error"]


def test_a_bug_in_the_control_plane_shows_no_traceback(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.control.catalogue.list_behaviours", lambda world: 1 / 0)
    answer = client.get("/_emulator/behaviours")
    assert (answer.status_code, list(answer.json())) == (500, ["error"])
    assert "ZeroDivision" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"), [("BREW", "/_emulator/clock", 405), ("GET", "/_emulator/no", 404)]
)
def test_what_there_is_not_is_one_line_whatever_the_query_holds(
    client: TestClient, method: str, path: str, status: int
) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "headers": []}

    async def ask() -> None:
        await client.app(scope | {"query_string": b"\xff=\xff"}, receive, send)

    asyncio.run(ask())
    assert (sent[0]["status"], sent[1]["body"].startswith(b'{"error":"')) == (status, True)
