"""Failures, limits and the end, as clients meet them behind TLS; on uvloop and on asyncio's own loop."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from emulator.serving.limits import MOST_HEADER_BYTES, MOST_URL_BYTES
from tests.emma.support import AUTH
from tests.process import SECONDS, Running, running
from tests.secure import connect, exchange, printed_trust, trusting, without_uvloop

ADD = "/100/members/add"
ANN = b'{"email": "ann@shop.test"}'
AT_ONCE = 5  # seconds; a time-out of the handshake takes a minute, one of the goodbye half of that
LOOPS = ("uvloop", "asyncio")


class Secure(NamedTuple):
    """A started emulator, and what its clients trust."""

    emulator: Running
    ca_file: str

    def exchange(self, request: bytes) -> bytes:
        return exchange(connect(self.emulator, self.ca_file), request)


@pytest.fixture(scope="module", params=LOOPS)
def secure(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    with starting(tmp_path_factory.mktemp("emulator"), request.param, "--max-body", "1000") as started:
        yield Secure(started, printed_trust(started)["SSL_CERT_FILE"])


@pytest.fixture(params=LOOPS)
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Secure]:
    """One that the test may stop."""
    with starting(tmp_path, request.param) as started:
        yield Secure(started, printed_trust(started)["SSL_CERT_FILE"])


def starting(folder: Path, loop: str, *arguments: str) -> AbstractContextManager[Running]:
    return running(folder, "--tls", *arguments, **(without_uvloop(folder) if loop == "asyncio" else {}))


@pytest.fixture
def client(secure: Secure, request: pytest.FixtureRequest) -> Iterator[httpx2.Client]:
    """A client of a world of this test's own."""
    name = "".join(letter for letter in request.node.name if letter.isalnum())[-60:]
    headers = {"Authorization": AUTH, "X-Emulator-World": name}
    verify = ssl.create_default_context(cafile=secure.ca_file)
    url = secure.emulator.url
    with httpx2.Client(base_url=url, headers=headers, verify=verify, trust_env=False, timeout=SECONDS) as made:
        yield made


def fail(client: httpx2.Client, **fault: Any) -> None:
    answer = client.post("/_emulator/faults", json={"operation": "emma.members.add", **fault})
    assert answer.status_code == 201, answer.text


def request(client: httpx2.Client) -> bytes:
    """The bytes of a call that adds Ann in the client's world."""
    head = f"POST {ADD} HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTH}\r\nContent-Length: {len(ANN)}\r\n"
    return f"{head}X-Emulator-World: {client.headers['X-Emulator-World']}\r\n\r\n".encode() + ANN


def curl(secure: Secure, client: httpx2.Client) -> subprocess.CompletedProcess[str]:
    """The same call by curl, because Python's TLS does not tell a reset from an end."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    world = f"X-Emulator-World: {client.headers['X-Emulator-World']}"
    options = ["--silent", "--show-error", "-H", world, "-H", f"Authorization: {AUTH}", "--data", ANN.decode()]
    command = ["curl", *options, f"{secure.emulator.url}{ADD}"]
    clean = trusting({"CURL_CA_BUNDLE": secure.ca_file})
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=clean, check=False)


def members(client: httpx2.Client) -> list[str]:
    client.delete("/_emulator/faults")
    return [each["email"] for each in client.get("/100/members").json()]


@pytest.mark.parametrize(("when", "stored"), [("before", []), ("after", ["ann@shop.test"])])
@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [("reset", 56, "Connection reset by peer"), ("empty", 52, "Empty reply from server")],
)
def test_curl_sees_that_nothing_comes(
    secure: Secure, client: httpx2.Client, answer: str, code: int, words: str, when: str, stored: list[str]
) -> None:
    fail(client, answer=answer, when=when)
    done = curl(secure, client)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert members(client) == stored


def test_curl_sees_that_a_body_is_cut(secure: Secure, client: httpx2.Client) -> None:
    fail(client, answer="truncated")
    done = curl(secure, client)
    assert done.returncode == 18
    assert "bytes remaining to read" in done.stderr
    assert members(client) == ["ann@shop.test"]


def test_a_truncated_body_is_shorter_than_its_length(secure: Secure, client: httpx2.Client) -> None:
    fail(client, answer="truncated")
    head, _, body = secure.exchange(request(client)).partition(b"\r\n\r\n")
    assert 0 < len(body) < int(head.lower().partition(b"content-length: ")[2].split()[0])
    assert members(client) == ["ann@shop.test"]


def test_the_connection_serves_on_after_the_other_kinds(client: httpx2.Client) -> None:
    fail(client, status=503, nth=1)
    fail(client, delay=0.05, nth=2)
    fail(client, answer="malformed", nth=3)
    fail(client, answer="slow", seconds=0.2, nth=4)
    answers = [client.post(ADD, json={"email": f"ann{number}@shop.test"}) for number in range(5)]
    assert [answer.status_code for answer in answers] == [503, 200, 200, 200, 200]
    with pytest.raises(json.JSONDecodeError):
        answers[2].json()
    assert answers[3].json()["added"] is True


def test_a_client_that_goes_away_ends_the_wait(secure: Secure, client: httpx2.Client) -> None:
    fail(client, delay=60)
    with connect(secure.emulator, secure.ca_file) as connection:
        connection.sendall(request(client))
        time.sleep(0.3)
    end = time.monotonic() + SECONDS
    remark = "the client went away meanwhile; nothing was done"
    while remark not in client.get("/_emulator/journal").json()["entries"][0]["notes"]:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_long_answer_arrives_whole(client: httpx2.Client) -> None:
    for number in range(100):
        client.post(ADD, json={"email": f"ann{number}@shop.test", "fields": {"first_name": "x" * 900}})
    assert len(client.get("/100/members").json()) == 100


def test_headers_over_the_limit_are_refused(secure: Secure) -> None:
    header = b"X-Long: " + b"a" * 8000 + b"\r\n"
    head = b"GET / HTTP/1.1\r\n" + header * (MOST_HEADER_BYTES // 8000 + 1)
    assert secure.exchange(head + b"\r\n").startswith(b"HTTP/1.1 431 ")


def test_a_url_over_the_limit_is_refused(secure: Secure) -> None:
    answer = secure.exchange(b"GET /" + b"a" * MOST_URL_BYTES + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 414 ")


def test_a_body_over_the_limit_is_refused_before_it_arrives(secure: Secure) -> None:
    head = f"POST {ADD} HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTH}\r\nContent-Length: 1001\r\n\r\n"
    assert secure.exchange(head.encode()).startswith(b"HTTP/1.1 413 ")


def test_garbage_is_refused(secure: Secure) -> None:
    assert secure.exchange(b"what is this?\r\n\r\n").startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("host", ["api.e2ma.net", "API.e2ma.net:443", "api.e2ma.net:8443"])
def test_the_vendor_and_the_control_plane_are_found_by_the_host(secure: Secure, host: str) -> None:
    for path, status in (("/nothing", b"404"), ("/_emulator/clock", b"200")):
        connection = connect(secure.emulator, secure.ca_file, "api.e2ma.net")
        head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nX-Emulator-World: hosts\r\n\r\n"
        assert exchange(connection, head.encode())[9:12] == status
    verify = ssl.create_default_context(cafile=secure.ca_file)
    url = f"{secure.emulator.url}/_world/hosts/_emulator/journal"
    assert httpx2.get(url, verify=verify, trust_env=False).json()["entries"][0]["vendor"] == "emma"


def test_a_page_of_the_same_https_origin_may_use_the_control_plane_and_one_of_another_may_not(secure: Secure) -> None:
    head = "GET /_emulator/clock HTTP/1.1\r\nHost: api.e2ma.net\r\nConnection: close\r\nOrigin: "
    assert secure.exchange(f"{head}https://api.e2ma.net\r\n\r\n".encode())[9:12] == b"200"
    assert secure.exchange(f"{head}https://evil.test\r\n\r\n".encode())[9:12] == b"403"


def test_tls_1_1_is_refused_and_1_2_is_not(secure: Secure) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(secure.ca_file)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(secure.emulator.address, timeout=SECONDS) as connection,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        context.wrap_socket(connection, server_hostname="localhost")
    with connect(secure.emulator, secure.ca_file, maximum_version=ssl.TLSVersion.TLSv1_2) as old:
        assert old.version() == "TLSv1.2"


def test_what_is_no_tls_fails_at_once_and_leaves_no_traceback(fresh: Secure) -> None:
    began = time.monotonic()
    for nonsense in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\0" * 4000, b"\x16\x03\x01\x00\x05hello"):
        with socket.create_connection(fresh.emulator.address, timeout=SECONDS) as connection:
            connection.sendall(nonsense)
            try:
                answer = connection.recv(1000)
            except ConnectionResetError:
                answer = b""
            assert not answer.startswith(b"HTTP")
    assert time.monotonic() - began < AT_ONCE
    assert fresh.emulator.stop()[::2] == (0, "")


def test_a_handshake_that_is_given_up_leaves_no_traceback(fresh: Secure) -> None:
    with pytest.raises(httpx2.ConnectError):  # it does not trust the CA
        httpx2.get(fresh.emulator.url, trust_env=False)
    for sent in (b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00"):
        for lingers in (True, False):
            with socket.create_connection(fresh.emulator.address, timeout=SECONDS) as connection:
                if not lingers:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.sendall(sent)
    assert fresh.exchange(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 ")
    assert fresh.emulator.stop()[::2] == (0, "")


def test_a_client_that_vanishes_without_goodbye_leaves_no_traceback(fresh: Secure) -> None:
    for _ in range(3):
        connection = connect(fresh.emulator, fresh.ca_file)
        connection.sendall(b"POST /100/members/add HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    assert fresh.exchange(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 ")
    assert fresh.emulator.stop()[::2] == (0, "")


def test_it_ends_soon_and_quietly_although_connections_are_open(fresh: Secure) -> None:
    address = fresh.emulator.address
    with (
        connect(fresh.emulator, fresh.ca_file) as idle,
        connect(fresh.emulator, fresh.ca_file) as arriving,
        socket.create_connection(address),
        socket.create_connection(address) as half,
    ):
        idle.sendall(b"GET /_emulator/livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle.recv(1000).startswith(b"HTTP/1.1 200 ")
        arriving.sendall(b"POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        half.sendall(b"\x16\x03\x01")
        began = time.monotonic()
        assert fresh.emulator.stop()[::2] == (0, "")
        assert time.monotonic() - began < 2


def test_who_reads_slowly_still_gets_all_of_the_answers_when_it_ends(fresh: Secure) -> None:
    verify = ssl.create_default_context(cafile=fresh.ca_file)
    with httpx2.Client(base_url=fresh.emulator.url, verify=verify, trust_env=False, timeout=SECONDS) as client:
        for _ in range(12):
            client.post(ADD, content=b"x" * 1_000_000)
        length = len(client.get("/_emulator/journal").content)
    asked = 12  # more than the buffers between them hold
    with socket.socket() as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.connect(fresh.emulator.address)
        connection = verify.wrap_socket(plain, server_hostname="localhost")
        connection.sendall(b"GET /_emulator/journal HTTP/1.1\r\nHost: localhost\r\n\r\n" * asked)
        connection.recv(1)
        with connect(fresh.emulator, fresh.ca_file) as quick:  # is gone before anybody's patience is at its end
            quick.sendall(b"GET /_emulator/livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert quick.recv(1000).startswith(b"HTTP/1.1 200 ")
            fresh.emulator.process.send_signal(signal.SIGTERM)
            while quick.recv(1000):
                pass
        time.sleep(1)
        assert len(exchange(connection, b"")) > asked * length
    assert fresh.emulator.process.communicate(timeout=SECONDS)[1] == ""
