"""Who may use the control plane, request by request."""

from __future__ import annotations

import asyncio

import pytest
from starlette.testclient import TestClient

from emulator.control.guard import Guard
from emulator.core.call import Message, Receive, Scope, Send
from emulator.core.senders import Names
from tests.conftest import ClientFactory

TOKEN = "correct-horse-battery"
CLOCK = "/_emulator/clock"
Header = tuple[bytes, bytes]


def status(
    *headers: Header,
    path: str = CLOCK,
    method: str = "GET",
    token: str | None = None,
    loopback: bool = True,
    server: tuple[str, int | None] | None = ("127.0.0.1", 8025),
    client: tuple[str, int] | None = None,
    insecure: bool = False,
) -> int:
    """What the guard answers; 200 if it lets the request through."""
    sent: list[Message] = []

    async def behind(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})

    async def receive() -> Message:
        raise AssertionError("the guard reads no body")

    async def send(message: Message) -> None:
        sent.append(message)

    names = Names(["api.acme.example", "Emulator"])
    guard = Guard(behind, token=token, loopback=loopback, names=names, insecure=insecure)
    scope = {"type": "http", "path": path, "method": method, "headers": [*headers], "server": server, "client": client}
    asyncio.run(guard(scope, receive, send))
    answer: int = sent[0]["status"]
    return answer


def host(name: bytes) -> Header:
    return (b"host", name)


LOCAL = host(b"127.0.0.1:8025")


@pytest.mark.parametrize(
    "name",
    [
        b"localhost",
        b"LOCALHOST:8025",
        b"127.0.0.1",
        b"127.0.0.1:8025",
        b"[::1]:8025",
        b"192.168.7.7:1",
        b"api.acme.example",
        b"emulator:8025",
    ],
)
def test_these_names_reach_the_control_plane_on_loopback(name: bytes) -> None:
    assert status(host(name)) == 200


@pytest.mark.parametrize(
    "name",
    [
        b"evil.test",
        b"evil.test:8025",
        b"localhost.evil.test",
        b"127.0.0.1.evil.test",
        b"",
        b":8025",
        b"[::1",
        b"a:b:c",
        b"localhost:x",
        b"\xff\xfe",
        b"user@localhost",
        b"localhost/x",
        b"evil.test#localhost",
    ],
)
def test_other_names_do_not(name: bytes) -> None:
    assert status(host(name)) == 403


def test_a_second_host_header_does_not_help() -> None:
    assert status(LOCAL, host(b"evil.test")) == 403
    assert status(host(b"evil.test"), LOCAL) == 403
    assert status() == 403


@pytest.mark.parametrize("server", [None, ("testserver", 80), ("/run/emulator.sock", None)])
def test_the_host_matters_on_a_network_only(server: tuple[str, int | None] | None) -> None:
    assert status(host(b"evil.test"), server=server, insecure=True) == 200


ELSEWHERE = ("172.17.0.2", 8025)


@pytest.mark.parametrize(
    "name",
    [
        b"testserver",
        b"audience-emulator:8025",
        b"group__image",
        b"host.docker.internal:8025",
        b"emulator.shop.svc",
        b"emulator.shop.svc.cluster.local",
        b"emulator.localhost",
        b"172.17.0.2:8025",
        b"api.acme.example",
    ],
)
def test_where_others_are_meant_to_come_they_may_use_names_that_no_site_can_have(name: bytes) -> None:
    assert status(host(name), server=ELSEWHERE, client=ELSEWHERE, insecure=True, loopback=False) == 200


@pytest.mark.parametrize("name", [b"evil.test:8025", b"svc.evil.test", b"localhost.", b"a.notsvc", b""])
def test_a_site_reaches_no_control_plane_that_is_open_to_everybody(name: bytes) -> None:
    origin = (b"origin", b"http://" + name)
    for headers in ([host(name)], [host(name), origin]):
        assert status(*headers, server=ELSEWHERE, client=ELSEWHERE, insecure=True, loopback=False) == 403
        # A port of a container that is published on loopback, and a user-land proxy before it.
        assert status(*headers, server=HERE, client=HERE, insecure=True, loopback=False) == 403


@pytest.mark.parametrize("name", [b"audience-emulator", b"host.docker.internal", b"emulator.shop.svc"])
def test_on_loopback_only_names_that_are_declared_are_its_own(name: bytes) -> None:
    assert status(host(name)) == 403


@pytest.mark.parametrize("site", [b"cross-site", b"same-site", b"", b"whatever"])
@pytest.mark.parametrize("loopback", [True, False])
def test_a_browser_that_says_that_the_page_is_from_elsewhere_is_refused(site: bytes, loopback: bool) -> None:
    assert status(LOCAL, (b"sec-fetch-site", site), loopback=loopback) == 403


@pytest.mark.parametrize("site", [b"same-origin", b"none"])
def test_a_browser_on_the_emulators_own_page_is_served(site: bytes) -> None:
    assert status(LOCAL, (b"sec-fetch-site", site)) == 200


@pytest.mark.parametrize(
    "origin",
    [
        b"http://evil.test",
        b"http://127.0.0.1:3000",
        b"http://localhost:8025",
        b"null",
        b"",
        b"file://",
        b"http://127.0.0.1:8025.evil.test",
        b"chrome-extension://abc",
    ],
)
@pytest.mark.parametrize("path", [CLOCK, "/_emulator/livez"])
def test_a_page_of_another_origin_is_refused(origin: bytes, path: str) -> None:
    assert status(LOCAL, (b"origin", origin), path=path) == 403
    assert status(LOCAL, (b"origin", origin), path=path, loopback=False) == 403


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        (b"http://127.0.0.1:8025", b"127.0.0.1:8025"),
        (b"HTTP://LocalHost:8025", b"localhost:8025"),
        (b"http://localhost", b"localhost:80"),
        (b"https://localhost:443", b"localhost"),
    ],
)
def test_a_page_of_the_emulators_own_origin_is_served(origin: bytes, name: bytes) -> None:
    assert status(host(name), (b"origin", origin)) == 200


def test_an_origin_without_a_host_is_foreign() -> None:
    assert status((b"origin", b"http://evil.test"), loopback=False) == 403


@pytest.mark.parametrize("path", ["/_emulator/livez", "/_emulator/readyz", "/_emulator/ca.pem"])
def test_some_paths_need_neither_token_nor_host(path: str) -> None:
    assert status(host(b"evil.test"), path=path) == 200
    assert status(host(b"evil.test"), path=path, token=TOKEN, method="HEAD") == 200
    assert status(host(b"evil.test"), path=path, token=TOKEN, method="POST") == 401
    assert status(host(b"evil.test"), path=f"{path}/x", token=TOKEN) == 401


BEARER = (b"authorization", f"Bearer {TOKEN}".encode())


@pytest.mark.parametrize(
    "header",
    [BEARER, (b"authorization", f"bearer   {TOKEN} ".encode()), (b"x-emulator-token", TOKEN.encode())],
    ids=str,
)
def test_a_token_is_all_that_is_needed(header: Header) -> None:
    assert (
        status(host(b"evil.test"), (b"origin", b"null"), (b"sec-fetch-site", b"cross-site"), header, token=TOKEN) == 200
    )


@pytest.mark.parametrize(
    "header",
    [
        (b"authorization", b"Bearer wrong"),
        (b"authorization", f"Bearer {TOKEN}x".encode()),
        (b"authorization", f"Bearer {TOKEN[:-1]}".encode()),
        (b"authorization", b"Bearer"),
        (b"authorization", b"Bearer \xff"),
        (b"authorization", TOKEN.encode()),
        (b"authorization", f"Basic {TOKEN}".encode()),
        (b"x-emulator-token", b""),
        LOCAL,
    ],
    ids=str,
)
def test_without_the_right_token_nothing_else_helps(header: Header) -> None:
    assert status(LOCAL, header, token=TOKEN) == 401


def test_a_token_that_nobody_asked_for_opens_nothing() -> None:
    assert status(host(b"evil.test"), BEARER) == 403


def test_a_refusal_says_what_to_do_and_that_it_is_the_emulators(make_client: ClientFactory) -> None:
    client = make_client(control_token=TOKEN)
    answer = client.get(CLOCK)
    assert answer.status_code == 401
    assert "Authorization: Bearer TOKEN" in answer.json()["error"]
    assert TOKEN not in answer.text
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "X-Emulator" in answer.headers
    assert client.get(CLOCK, headers={"X-Emulator-Token": TOKEN}).status_code == 200


def test_a_client_in_the_same_process_needs_no_special_host(client: TestClient) -> None:
    assert client.get(CLOCK).status_code == 200
    assert client.get(CLOCK, headers={"Origin": "http://evil.test"}).status_code == 403


def test_the_vendors_api_is_not_guarded(make_client: ClientFactory) -> None:
    client = make_client(control_token=TOKEN)
    assert client.get("/v1/marketing/lists/members/8", headers={"Origin": "http://evil.test"}).status_code == 200


@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_webhook_does_not_reach_the_control_plane(token: str | None) -> None:
    sent = (b"x-emulator-delivery", b"webhook")
    assert status(LOCAL, sent, (b"authorization", b"Bearer " + TOKEN.encode()), token=token) == 403


HERE = ("127.0.0.1", 50000)
OTHERS = [("192.0.2.1", 8025), ("2001:db8::1", 8025), ("::ffff:192.0.2.1", 8025), ("fe80::1%eth0", 8025)]


@pytest.mark.parametrize("address", OTHERS)
def test_without_a_token_nobody_else_is_served_whatever_server_runs_it(address: tuple[str, int]) -> None:
    for loopback in (True, False):
        assert status(LOCAL, server=address, client=HERE, loopback=loopback) == 403
        assert status(LOCAL, server=HERE, client=address, loopback=loopback) == 403
        assert status(LOCAL, server=address, client=address, loopback=loopback) == 403


@pytest.mark.parametrize("address", OTHERS)
def test_a_token_or_the_wish_of_the_user_serves_them(address: tuple[str, int]) -> None:
    assert status(LOCAL, server=address, client=address, insecure=True, loopback=False) == 200
    bearer = (b"authorization", f"Bearer {TOKEN}".encode())
    assert status(LOCAL, bearer, server=address, client=address, token=TOKEN, loopback=False) == 200
    assert status(LOCAL, server=address, client=address, token=TOKEN, loopback=False) == 401


@pytest.mark.parametrize("name", ["livez", "readyz", "ca.pem"])
def test_anybody_may_ask_whether_it_is_ready(name: str) -> None:
    assert status(LOCAL, path=f"/_emulator/{name}", server=OTHERS[0], client=OTHERS[0]) == 200


@pytest.mark.parametrize(
    ("server", "client"),
    [
        (HERE, HERE),
        (("::1", 8025), ("::1", 5)),
        (("::ffff:127.0.0.1", 8025), ("::ffff:127.0.0.1", 5)),
        (("/run/emulator.sock", None), None),
        (("testserver", 80), ("testclient", 50000)),
        (None, None),
    ],
)
def test_this_machine_and_this_process_are_served(
    server: tuple[str, int | None] | None, client: tuple[str, int] | None
) -> None:
    assert status(LOCAL, server=server, client=client) == 200


def test_the_refusal_says_how_to_mend_it(make_client: ClientFactory) -> None:
    app = make_client().app
    answer = TestClient(app, client=("192.0.2.1", 50000)).get("/_world/other/_emulator/clock")
    assert answer.status_code == 403
    assert "--control-token TOKEN, or --insecure-control" in answer.json()["error"]
    assert TestClient(app, client=("192.0.2.1", 50000)).get("/nowhere").status_code == 404
