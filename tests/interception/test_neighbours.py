"""Mocks and transports of users' own go on working in a block, and around one."""

from __future__ import annotations

from typing import Any

import httpx
import httpx2
import pytest
import requests
import responses
import respx
from requests.adapters import HTTPAdapter

from emulator import intercept
from emulator.client import Client
from tests.interception.callers import AUTH, EMMA
from tests.receiver import Receiver

MEMBERS = f"{EMMA}/members"
OTHER = "https://other.test/"


def test_responses_in_a_block_mock_other_hosts_and_let_the_vendors_pass(inside: Client) -> None:
    with responses.RequestsMock() as mock:
        mock.get(OTHER, body="mocked")
        mock.add_passthru("https://api.e2ma.net")
        assert requests.get(OTHER, timeout=10).text == "mocked"
        assert requests.get(MEMBERS, auth=AUTH, timeout=10).json() == []
    assert len(inside.journal.entries()) == 1


def test_responses_in_a_block_may_mock_a_vendor(inside: Client) -> None:
    with responses.RequestsMock() as mock:
        mock.get(MEMBERS, json=["mocked"])
        assert requests.get(MEMBERS, timeout=10).json() == ["mocked"]
    assert not inside.journal.entries()


def test_a_block_in_responses_gets_what_they_let_pass() -> None:
    with responses.RequestsMock() as mock:
        mock.get(OTHER, body="mocked")
        mock.add_passthru("https://api.e2ma.net")
        with intercept() as world:
            assert requests.get(OTHER, timeout=10).text == "mocked"
            assert requests.get(MEMBERS, auth=AUTH, timeout=10).json() == []
            assert len(world.journal.entries()) == 1


def test_respx_in_a_block_mocks_other_hosts_and_lets_the_vendors_pass(inside: Client) -> None:
    with respx.mock as mock:
        mock.get(OTHER).respond(text="mocked")
        mock.get(MEMBERS).pass_through()
        assert httpx.get(OTHER).text == "mocked"
        assert httpx.get(MEMBERS, auth=AUTH).json() == []
    assert len(inside.journal.entries()) == 1
    assert httpx.get(MEMBERS, auth=AUTH).json() == []


def test_a_block_in_respx_takes_the_vendors_calls() -> None:
    with respx.mock as mock:
        mock.get(OTHER).respond(text="mocked")
        with intercept() as world:
            assert httpx.get(OTHER).text == "mocked"
            assert httpx.get(MEMBERS, auth=AUTH).json() == []
            with httpx.Client(proxy="http://proxy.invalid:3128", auth=AUTH) as client:
                assert client.get(MEMBERS).json() == []
            assert len(world.journal.entries()) == 2
        assert httpx.get(OTHER).text == "mocked"


def test_the_innermost_holds_when_mocks_stand_between_two_blocks() -> None:
    with intercept() as outer, respx.mock as mock:
        mock.get(MEMBERS).respond(json=["mocked"])
        with intercept() as inner:
            assert httpx.get(MEMBERS, auth=AUTH).json() == []
            assert len(inner.journal.entries()) == 1
        assert httpx.get(MEMBERS, auth=AUTH).json() == ["mocked"]
        mock.get(MEMBERS).pass_through()
        assert httpx.get(MEMBERS, auth=AUTH).json() == []
        assert len(outer.journal.entries()) == 1


def test_mocks_that_outlive_the_block_in_which_they_began_are_left_alone() -> None:
    with intercept():
        respx.mock.start()
    try:
        respx.mock.get(MEMBERS).respond(json=["mocked"])
        assert httpx.get(MEMBERS).json() == ["mocked"]
        with intercept() as world:
            assert httpx.get(MEMBERS, auth=AUTH).json() == []
            assert len(world.journal.entries()) == 1
        assert httpx.get(MEMBERS).json() == ["mocked"]
    finally:
        respx.mock.stop()
        respx.mock.clear()
    with intercept() as world:
        assert httpx.get(MEMBERS, auth=AUTH).json() == []
        assert len(world.journal.entries()) == 1


class Adapter(HTTPAdapter):
    """One of a user's, which adds a header."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        request.headers["X-Mine"] = "yes"
        return super().send(request, *args, **options)


def test_an_adapter_of_a_users_own_is_kept(inside: Client) -> None:
    with requests.Session() as session:
        session.mount("https://api.e2ma.net", Adapter())
        session.get(MEMBERS, auth=AUTH)
    assert dict(inside.journal.last().headers)["x-mine"] == "yes"


class Transport(httpx.HTTPTransport):
    """One of a user's, which adds a header."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["X-Mine"] = "yes"
        return super().handle_request(request)


def test_a_transport_of_a_users_own_is_kept(inside: Client) -> None:
    with httpx.Client(mounts={"https://": Transport(retries=2)}) as client:
        client.get(MEMBERS, auth=AUTH)
    assert dict(inside.journal.last().headers)["x-mine"] == "yes"


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_a_mock_transport_of_a_client_answers_itself(inside: Client, library: Any) -> None:
    with library.Client(transport=library.MockTransport(lambda _: library.Response(418))) as client:
        assert client.get(MEMBERS).status_code == 418
    assert not inside.journal.entries()


def test_a_session_serves_both_hosts(inside: Client, receiver: Receiver) -> None:
    with requests.Session() as session:
        for _ in range(2):
            assert session.get(receiver.url, timeout=10).content == b"thanks"
            assert session.get(MEMBERS, auth=AUTH, timeout=10).json() == []
    assert (len(inside.journal.entries()), len(receiver.received)) == (2, 2)
