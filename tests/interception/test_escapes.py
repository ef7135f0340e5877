"""Inside of a block nobody reaches a vendor's real host."""

from __future__ import annotations

import _socket
import asyncio
import http.client
import pickle
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from socket import getaddrinfo as imported_earlier
from typing import Any

import aiohttp
import pytest
import urllib3
import uvloop

from emulator import intercept
from emulator.interception import EscapedCall, routes
from emulator.interception.routes import ROUTES
from tests.receiver import Receiver

HOST = "api.e2ma.net"
WIDE = "\uff41pi.e2ma.net"
MEND = "make it with requests, urllib3, httpx or httpx2, or "

pytestmark = pytest.mark.usefixtures("inside")


def _connect(method: str, *before: Any) -> None:
    kind = socket.SOCK_DGRAM if before else socket.SOCK_STREAM
    with socket.socket(type=kind) as connection:
        getattr(connection, method)(*before, (HOST, 443))


async def _look_up() -> None:
    await asyncio.get_running_loop().getaddrinfo(HOST, 443)


async def _open(host: str = HOST) -> None:
    await asyncio.open_connection(host, 443)


async def _connect_later() -> None:
    with socket.socket() as connection:
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, (HOST, 443))


async def _open_datagrams() -> None:
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=(HOST, 443))


ESCAPES: dict[str, Callable[[], object]] = {
    "urllib": lambda: urllib.request.urlopen(f"https://{HOST}/"),
    "urllib, a request": lambda: urllib.request.urlopen(urllib.request.Request(f"http://{HOST}:80/", b"x")),
    "http.client": lambda: http.client.HTTPSConnection(HOST).request("GET", "/"),
    "getaddrinfo": lambda: socket.getaddrinfo(HOST, 443),
    "getaddrinfo, bytes": lambda: socket.getaddrinfo(HOST.encode(), "https"),
    "getaddrinfo, a name with a dot": lambda: socket.getaddrinfo(f"{HOST.upper()}.", None),
    "getaddrinfo, imported earlier": lambda: imported_earlier(HOST, 443),
    "gethostbyname": lambda: socket.gethostbyname(HOST),
    "gethostbyname_ex": lambda: socket.gethostbyname_ex(HOST),
    "create_connection": lambda: socket.create_connection((HOST, 443)),
    "connect": lambda: _connect("connect"),
    "connect_ex": lambda: _connect("connect_ex"),
    "sendto": lambda: _connect("sendto", b"x"),
    "gethostbyaddr": lambda: socket.gethostbyaddr(HOST),
    "sendmsg": lambda: _connect("sendmsg", [b"x"], [], 0),
    "bind": lambda: _connect("bind"),
    "wide letters": lambda: socket.create_connection((WIDE, 443)),
    "another dot": lambda: socket.getaddrinfo(HOST.replace(".", "\u3002"), 443),
    "a soft hyphen": lambda: urllib.request.urlopen(f"http://{HOST}\xad:8081/"),
    "wide letters, http.client": lambda: http.client.HTTPConnection(WIDE).connect(),
    "wide letters, a stream": lambda: asyncio.run(_open(WIDE)),
    "wide letters, a stream of uvloop": lambda: uvloop.run(_open(WIDE)),
    "an event loop connects": lambda: asyncio.run(_connect_later()),
    "uvloop connects": lambda: uvloop.run(_connect_later()),
    "datagrams": lambda: asyncio.run(_open_datagrams()),
    "datagrams of uvloop": lambda: uvloop.run(_open_datagrams()),
    "an event loop": lambda: asyncio.run(_look_up()),
    "a stream": lambda: asyncio.run(_open()),
    "uvloop": lambda: uvloop.run(_look_up()),
    "a stream of uvloop": lambda: uvloop.run(_open()),
    "the other hosts": lambda: socket.getaddrinfo("email.api.engagelab.cc", 443),
}


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_a_look_up_of_a_vendors_host_is_refused(escape: Callable[[], object]) -> None:
    with pytest.raises(EscapedCall, match=MEND):
        escape()


def test_the_error_names_the_host_and_says_how_to_mend_it() -> None:
    with pytest.raises(EscapedCall, match=rf'^{HOST}: .* or call intercept\(mode="thread"\) and point its base URL'):
        socket.getaddrinfo(HOST, 443)
    with intercept(mode="thread") as world, pytest.raises(EscapedCall, match=f"or point its base URL at {world.url}$"):
        socket.getaddrinfo(HOST, 443)


def test_the_error_travels_between_processes() -> None:
    with pytest.raises(EscapedCall) as raised:
        socket.getaddrinfo(HOST, 443)
    copy = pickle.loads(pickle.dumps(raised.value))
    assert type(copy) is EscapedCall
    assert str(copy) == str(raised.value)


def test_a_pool_of_urllib3_made_by_hand_is_refused() -> None:
    with (
        urllib3.HTTPSConnectionPool(HOST, retries=False) as pool,
        pytest.raises(urllib3.exceptions.NewConnectionError, match=MEND),
    ):
        pool.request("GET", "/")


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_aiohttp_is_refused(run: Callable[[Any], Any]) -> None:
    async def call() -> None:
        async with aiohttp.ClientSession() as session, session.get(f"https://{HOST}/"):
            pass

    with pytest.raises(aiohttp.ClientOSError, match=MEND):
        run(call())


def test_aiohttp_gets_to_no_proxy_either(receiver: Receiver) -> None:
    async def call() -> None:
        proxy = f"http://127.0.0.1:{receiver.port}"
        async with aiohttp.ClientSession() as session, session.get(f"http://{HOST}/", proxy=proxy):
            pass

    with pytest.raises(aiohttp.ClientOSError, match=MEND):
        asyncio.run(call())
    assert not receiver.received


def test_a_socket_below_those_of_python_looks_up_and_does_not_connect(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "HOSTS", frozenset({"localhost"}))
    connection = _socket.socket()
    with pytest.raises(EscapedCall, match=r"^localhost: "):
        connection.connect(("localhost", receiver.port))
    connection.close()


def test_uvloop_may_be_imported_in_the_block() -> None:
    script = """
import asyncio, sys
from emulator import intercept
async def open_connection():
    await asyncio.open_connection("api.e2ma.net", 443)
assert "uvloop" not in sys.modules
with intercept():
    import uvloop
    try:
        uvloop.run(open_connection())
    except OSError as error:
        print(type(error).__name__)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "EscapedCall\n"


def test_a_proxy_is_not_asked_by_an_escaped_name(receiver: Receiver) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": f"http://127.0.0.1:{receiver.port}"}))
    with pytest.raises(OSError, match=MEND):
        opener.open("http://api.e2ma%2enet/")
    assert not receiver.received


PROXIED = [f"http://{HOST}/100/members", f"http://u:p@{HOST}/", f"https://{HOST}:8443", "HTTP://API.e2ma.net/x"]
PROXIED += [f"http://{HOST}?x=1", f"http://{HOST}#x", "http://api.e2ma%2Enet/x", f"http://{HOST}.:80/x"]


@pytest.mark.parametrize("path", PROXIED)
def test_a_proxy_is_not_asked_for_a_vendors_host(receiver: Receiver, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port)
    with pytest.raises(EscapedCall, match=MEND):
        connection.request("GET", path, headers={"Host": HOST})
    connection.close()
    assert not receiver.received


def test_no_tunnel_leads_to_a_vendors_host(receiver: Receiver) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port)
    connection.set_tunnel(HOST, 443)
    with pytest.raises(EscapedCall, match=MEND):
        connection.request("GET", "/")
    connection.close()
    assert not receiver.received


def test_a_connection_from_before_the_block_is_not_used(receiver: Receiver) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port)
    connection.connect()
    connection.host = HOST  # as if it had been open to the vendor
    with pytest.raises(EscapedCall, match=MEND):
        connection.request("GET", "/")
    connection.close()
    assert not receiver.received


def test_a_tunnel_from_before_the_block_is_not_used(receiver: Receiver) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port)
    connection.connect()
    vars(connection)["_tunnel_host"] = HOST  # as if it led to the vendor
    with pytest.raises(EscapedCall, match=MEND):
        connection.request("GET", "/")
    connection.close()
    assert not receiver.received


def test_what_is_said_to_others_is_not_looked_at_for_names(receiver: Receiver) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port)
    connection.request("POST", f"/hook?url=http://{HOST}/", f"GET https://{HOST}/ is what was called", {"Host": HOST})
    assert connection.getresponse().read() == b"thanks"
    connection.close()


def test_other_names_are_looked_up() -> None:
    assert socket.getaddrinfo("localhost", 80)
    assert socket.gethostbyname("localhost") == "127.0.0.1"
    for name in (f"x.{HOST}", "e2ma.net", f"{HOST}.test", None, 8025):
        ROUTES.refuse(name)


def test_threads_that_start_in_the_block_are_covered() -> None:
    errors: list[object] = []

    def escape() -> None:
        try:
            socket.getaddrinfo(HOST, 443)
        except OSError as error:
            errors.append(type(error))

    thread = threading.Thread(target=escape)
    thread.start()
    thread.join()
    assert errors == [EscapedCall]
