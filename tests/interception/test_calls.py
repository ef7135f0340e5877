"""What is called by a hard-coded host lands in a world, and answers come back as the client's own."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from emulator import intercept
from emulator.client import Client
from tests.interception.callers import AUTH, EMMA, ENGAGELAB, Caller
from tests.receiver import Receiver

ADD = f"{EMMA}/members/add"
MEMBERS = f"{EMMA}/members"
PERSON = {"email": "ann@shop.test"}


def test_a_hard_coded_call_lands_in_the_emulator(world: Client) -> None:
    response = requests.post("https://api.e2ma.net/100/members/add", json=PERSON, auth=AUTH, timeout=10)
    assert response.json()["added"] is True
    entry = world.journal.last()
    assert entry.operation == "emma.members.add"
    assert dict(entry.headers)["host"] == "api.e2ma.net"
    assert entry.path == "/100/members/add"


def test_every_client_reaches_emma(world: Client, call: Caller) -> None:
    assert call("POST", ADD, json=PERSON).body["added"] is True
    assert [each["email"] for each in call("GET", f"{MEMBERS}?deleted=false").body] == ["ann@shop.test"]
    assert world.journal.last().query == "deleted=false"


def test_every_client_reaches_engagelab(world: Client, call: Caller) -> None:
    saved = call("POST", f"{ENGAGELAB}/members", json={"members": [PERSON], "update_existing": True})
    assert saved.status == 200
    condition = {"relation": "and", "items": [{"field_name": "email", "op": "==", "value": "ann@shop.test"}]}
    assert call("POST", f"{ENGAGELAB}/list_members", json={"condition": condition}).status == 200
    seen = world.journal.entries()
    assert [each.operation for each in seen] == ["engagelab.members.save", "engagelab.members.list"]
    assert {dict(each.headers)["host"] for each in seen} == {"email.api.engagelab.cc"}


@pytest.mark.parametrize("origin", ["http://api.e2ma.net", "https://api.e2ma.net:8443", "https://API.e2ma.net"])
def test_any_port_and_either_scheme_is_the_vendors(world: Client, call: Caller, origin: str) -> None:
    assert call("GET", f"{origin}/100/members").status == 200
    host = dict(world.journal.last().headers)["host"]
    assert host.lower() == origin.lower().partition("://")[2]


def test_the_scheme_s_own_port_is_not_in_the_host_header(world: Client, call: Caller) -> None:
    assert call("GET", "https://api.e2ma.net:443/100/members").status == 200
    assert dict(world.journal.last().headers)["host"] == "api.e2ma.net"


def test_clients_made_before_the_block_are_routed_and_stay_usable_after_it(inside: Client) -> None:
    with requests.Session() as session, httpx.Client() as client, httpx2.Client() as client2:
        with intercept() as inner:
            for each in (session, client, client2):
                assert each.get(MEMBERS, auth=AUTH).status_code == 200
            assert len(inner.journal.entries()) == 3
        for each in (session, client, client2):
            assert each.get(MEMBERS, auth=AUTH).status_code == 200
    assert len(inside.journal.entries()) == 3


def test_a_session_with_retries_retries(world: Client) -> None:
    world.faults.add(operation="emma.members.list", status=503, first=2)
    with requests.Session() as session:
        session.mount("https://", HTTPAdapter(max_retries=Retry(total=3, status_forcelist=[503])))
        assert session.get(MEMBERS, auth=AUTH).status_code == 200
    assert [each.status for each in world.journal.entries()] == [503, 503, 200]


def test_a_lost_answer_is_retried_as_a_read_error(world: Client) -> None:
    world.faults.add(operation="emma.members.list", answer="reset", first=1)
    with requests.Session() as session:
        session.mount("https://", HTTPAdapter(max_retries=Retry(total=3, read=1, connect=0)))
        assert session.get(MEMBERS, auth=AUTH).status_code == 200
    assert len(world.journal.entries()) == 2


@pytest.mark.parametrize("url", [ADD, ADD.replace("https", "http")])
def test_a_proxy_of_the_environment_is_not_asked(
    world: Client, call: Caller, url: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{receiver.port}")
    assert call("POST", url, json=PERSON).body["added"] is True
    assert world.journal.last().path == "/100/members/add"
    assert not receiver.received


@pytest.mark.parametrize("url", [ADD, ADD.replace("https", "http")])
def test_a_proxy_manager_is_routed_too(world: Client, url: str) -> None:
    proxies = {"http": "http://proxy.invalid:3128", "https": "http://proxy.invalid:3128"}
    response = requests.post(url, json=PERSON, auth=AUTH, proxies=proxies, timeout=10)
    assert response.json()["added"] is True
    with httpx.Client(proxy="http://proxy.invalid:3128", auth=AUTH) as client:
        assert client.get(MEMBERS).json()[0]["email"] == "ann@shop.test"


@pytest.mark.parametrize("verify", [True, False])
def test_there_is_no_certificate_to_verify(world: Client, verify: bool) -> None:
    assert requests.get(MEMBERS, auth=AUTH, verify=verify, timeout=(3, 10)).status_code == 200
    with httpx.Client(verify=verify, auth=AUTH) as client:
        assert client.get(MEMBERS).status_code == 200
    assert len(world.journal.entries()) == 2


def test_requests_sends_files_and_generators(world: Client, tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text(json.dumps(PERSON))

    def pieces() -> Iterator[bytes]:
        yield b'{"email": '
        yield b'"bob@shop.test"}'

    with file.open("rb") as opened:
        assert requests.post(ADD, data=opened, auth=AUTH, timeout=10).json()["added"] is True
    assert requests.post(ADD, data=pieces(), auth=AUTH, timeout=10).json()["added"] is True
    cat = io.BytesIO(b'{"email": "cat@shop.test"}')
    assert requests.post(ADD, data=cat, auth=AUTH, timeout=10).json()["added"] is True
    emails = [entry.request["email"] for entry in world.journal.entries()]
    assert emails == ["ann@shop.test", "bob@shop.test", "cat@shop.test"]


def test_httpx_sends_generators(world: Client) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"email": '
        yield b'"bob@shop.test"}'

    with httpx.Client(auth=AUTH) as client, httpx2.Client(auth=AUTH) as client2:
        assert client.post(ADD, content=pieces()).json()["added"] is True
        assert client2.post(ADD, content=pieces()).json()["added"] is False


async def _pieces() -> AsyncIterator[bytes]:
    yield b'{"email": '
    yield b'"bob@shop.test"}'


def test_async_httpx_sends_generators(world: Client) -> None:
    async def send() -> tuple[bool, bool]:
        async with httpx.AsyncClient(auth=AUTH) as client, httpx2.AsyncClient(auth=AUTH) as client2:
            first = await client.post(ADD, content=_pieces())
            second = await client2.post(ADD, content=_pieces())
        return first.json()["added"], second.json()["added"]

    assert asyncio.run(send()) == (True, False)


def test_an_answer_may_be_streamed(world: Client) -> None:
    with requests.get(MEMBERS, auth=AUTH, stream=True, timeout=10) as response:
        assert b"".join(response.iter_content(1)) == b"[]"
    with httpx.Client(auth=AUTH) as client, client.stream("GET", MEMBERS) as streamed:
        assert b"".join(streamed.iter_bytes(1)) == b"[]"


def test_a_compressed_body_is_sent_as_it_is(world: Client, call: Caller) -> None:
    packed = gzip.compress(json.dumps(PERSON).encode())
    option = {"by_requests": "data", "by_urllib3": "body"}.get(call.__name__, "content")
    call("POST", ADD, **{option: packed})
    assert dict(world.journal.last().headers)["content-length"] == str(len(packed))


def test_head_has_no_body(world: Client) -> None:
    assert requests.head(MEMBERS, auth=AUTH, timeout=10).content == b""
    assert httpx.head(MEMBERS, auth=AUTH).content == b""


def test_other_hosts_are_reached_as_before(world: Client, receiver: Receiver) -> None:
    assert requests.get(receiver.url, timeout=10).content == b"thanks"
    for library in (httpx, httpx2):
        with library.Client() as client:
            assert client.get(receiver.url).content == b"thanks"

    async def reach() -> list[bytes]:
        async with httpx.AsyncClient() as client, httpx2.AsyncClient() as client2:
            return [(await client.get(receiver.url)).content, (await client2.get(receiver.url)).content]

    assert asyncio.run(reach()) == [b"thanks", b"thanks"]
    assert len(receiver.received) == 5
    assert not world.journal.entries()


@pytest.mark.parametrize("library", [requests, httpx, httpx2])
def test_a_redirect_leads_into_the_emulator(world: Client, library: Any, receiver: Receiver) -> None:
    receiver.status = 307
    receiver.answer = b""
    receiver.more_headers = {"Location": MEMBERS}
    follow = {} if library is requests else {"follow_redirects": True}
    # Credentials are for the host that they were given for.
    assert library.get(receiver.url, auth=AUTH, timeout=10, **follow).status_code == 401
    assert dict(world.journal.last().headers)["host"] == "api.e2ma.net"
