"""Serving the CA's certificate; tests/serving/test_tls.py does so with a real one."""

from __future__ import annotations

from starlette.testclient import TestClient

from emulator.app import EmulatorApp, load_start, make_worlds
from emulator.settings import Settings


def test_without_tls_there_is_none_and_it_says_how_to_have_one(client: TestClient) -> None:
    answer = client.get("/_emulator/ca.pem")
    assert answer.status_code == 404
    assert "start it with --tls" in answer.json()["error"]


def test_it_is_open_while_all_else_needs_the_token() -> None:
    settings = Settings(control_token="correct-horse-battery")
    worlds = make_worlds(settings)
    load_start(worlds, settings)
    client = TestClient(EmulatorApp(worlds, settings, b"a certificate"))
    answer = client.get("/_emulator/ca.pem")
    assert (answer.status_code, answer.content) == (200, b"a certificate")
    assert (answer.headers["Content-Type"], "X-Emulator" in answer.headers) == ("application/x-pem-file", True)
    assert client.get("/_emulator/version").status_code == 401
