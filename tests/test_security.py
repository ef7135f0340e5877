"""The control plane as others could attack it: real processes, real sockets."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from emulator.core.proof.watching import MOST
from tests.process import SECONDS, Running, run, running
from tests.serving.test_server import exchange
from tests.support import AUTH, MEMBERS

TOKEN = "correct-horse-battery"
SECRET = "s3cret"
WAIT = "/_world/quiet/_emulator/journal/wait"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("emulator"), "--allowed-host", "emulator") as started:
        yield started


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One that others can reach, with a token."""
    folder = tmp_path_factory.mktemp("guarded")
    with running(folder, "--host", "0.0.0.0", EMULATOR_CONTROL_TOKEN=TOKEN) as started:
        yield started


def status(emulator: Running, path: str, *headers: str, method: str = "GET", host: str = "127.0.0.1") -> int:
    """Of a request that is written by hand."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers, "", ""]
    answer = exchange(emulator, "\r\n".join(lines).encode("latin-1"))
    return int(answer.split(b" ", 2)[1]) if answer else 0


def get(emulator: Running, path: str, **headers: str) -> httpx2.Response:
    return httpx2.get(f"{emulator.url}{path}", headers=headers, trust_env=False, timeout=SECONDS)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8025", "[::1]", "emulator", "api.e2ma.net"])
def test_a_control_request_comes_under_a_name_of_this_machine(emulator: Running, host: str) -> None:
    assert status(emulator, "/_emulator/clock", host=host) == 200


@pytest.mark.parametrize("host", ["evil.test", "evil.test:8025", ""])
def test_a_site_that_calls_itself_loopback_is_refused(emulator: Running, host: str) -> None:
    assert status(emulator, "/_emulator/clock", host=host) == 403
    assert status(emulator, "/_world/other/_emulator/clock", host=host) == 403
    assert status(emulator, "/%5Femulator/clock", host=host) == 403
    assert status(emulator, "/_emulator/readyz", host=host) == 200


@pytest.mark.parametrize("header", ["Origin: http://evil.test", "Origin: null", "Sec-Fetch-Site: cross-site"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_page_of_another_origin_is_refused(emulator: Running, guarded: Running, header: str, method: str) -> None:
    assert status(emulator, "/_emulator/reset", header, method=method) == 403
    assert status(guarded, "/_emulator/reset", header, method=method) == 403


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One that others can reach, and that anybody may steer, as in a container."""
    with running(tmp_path_factory.mktemp("published"), "--host", "0.0.0.0", "--insecure-control") as started:
        yield started


def test_a_site_that_has_its_name_lead_here_steers_nothing(published: Running) -> None:
    site = "evil.test:8025"
    assert status(published, "/_emulator/reset", f"Origin: http://{site}", method="POST", host=site) == 403
    assert status(published, "/_emulator/credentials", host=site) == 403
    assert status(published, "/_emulator/credentials", host="audience-emulator:8025") == 200


SITES = ["Origin: http://evil.test", "Origin: null", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-origin"]


@pytest.mark.parametrize("mark", SITES)
def test_a_site_that_has_its_name_lead_here_calls_no_vendor_and_makes_no_world(
    emulator: Running, published: Running, mark: str
) -> None:
    for each in (emulator, published):
        before = worlds(each), entries(each)
        for path in ("/_world/new/x.png", "/_world/other/100/members", "/100/members"):
            assert status(each, path, mark, f"Authorization: {AUTH}", host="evil.test:8025") == 403
        assert (worlds(each), entries(each)) == before


@pytest.mark.parametrize("more", [[], ["Origin: https://evil.test"], ["Origin: null"]])
def test_a_picture_or_form_of_a_site_makes_no_world(emulator: Running, more: list[str]) -> None:
    before = worlds(emulator), entries(emulator)
    assert status(emulator, "/_world/picture/x.png", "Sec-Fetch-Site: cross-site", *more) == 403
    assert (worlds(emulator), entries(emulator)) == before


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        ("127.0.0.1:8025", ["Origin: http://localhost:3000", "Sec-Fetch-Site: cross-site"]),
        ("127.0.0.1:8025", ["Origin: http://127.0.0.1:3000", "Sec-Fetch-Site: same-site"]),
        ("127.0.0.1:8025", ["Origin: https://shop.test", "Sec-Fetch-Site: same-origin"]),  # by a proxy of developers
        ("localhost:3000", ["Origin: http://localhost:3000", "Sec-Fetch-Site: same-origin"]),
        ("web:3000", ["Origin: http://web:3000", "Sec-Fetch-Site: same-origin"]),
        ("127.0.0.1:8025", ["Sec-Fetch-Site: none"]),
        ("api.e2ma.net", ["Origin: http://localhost"]),
        ("shop.test", []),
        ("shop.test", ["Sec-Fetch-Mode: cors"]),  # as Node.js says
        ("emulator", ["Origin: http://emulator", "Sec-Fetch-Site: cross-site"]),
    ],
    ids=str,
)
def test_software_under_development_calls_a_vendor(emulator: Running, host: str, headers: list[str]) -> None:
    assert status(emulator, "/100/members", f"Authorization: {AUTH}", *headers, host=host) == 200


def test_a_refusal_of_a_page_says_how_to_mend_it(emulator: Running) -> None:
    lines = ["GET /100/members HTTP/1.1", "Host: evil.test", "Origin: http://evil.test", "Connection: close", "", ""]
    answer = exchange(emulator, "\r\n".join(lines).encode()).decode().lower()
    assert "x-emulator-hint: a browser sent this under a host that another site may have" in answer
    assert "start with --allowed-host name" in answer


def worlds(emulator: Running) -> list[str]:
    return [each["name"] for each in get(emulator, "/_emulator/worlds").json()["worlds"]]


def entries(emulator: Running) -> int:
    return len(get(emulator, "/_emulator/journal").json()["entries"])


def test_others_need_the_token(guarded: Running) -> None:
    assert status(guarded, "/_emulator/clock", host="emulator.test") == 401
    assert status(guarded, "/_emulator/clock", "X-Emulator-Token: wrong") == 401
    assert status(guarded, "/_emulator/clock", f"X-Emulator-Token: {TOKEN}", host="emulator.test") == 200
    assert status(guarded, "/_emulator/clock", f"Authorization: Bearer {TOKEN}", "Origin: http://evil.test") == 200
    assert status(guarded, "/_emulator/livez", host="emulator.test") == 200


def test_the_command_brings_the_token(guarded: Running) -> None:
    refused = run("clock", "--url", guarded.url)
    assert (refused.returncode, "--token" in refused.stderr) == (1, True)
    assert run("clock", "--url", guarded.url, "--token", TOKEN).returncode == 0
    assert run("clock", EMULATOR_URL=guarded.url, EMULATOR_CONTROL_TOKEN=TOKEN).returncode == 0
    assert run("ready", "--url", guarded.url).returncode == 0
    assert run("clock", "--url", guarded.url, "--token", "a b").returncode == 2


@pytest.mark.parametrize(
    "verb",
    [
        ("ready",),
        ("faults", "list"),
        ("limits",),
        ("snapshot", "list"),
        ("snapshot", "diff"),
        ("snapshot", "export"),
        ("journal",),
        ("advice",),
    ],
    ids=" ".join,
)
def test_every_verb_brings_the_token(guarded: Running, verb: tuple[str, ...]) -> None:
    done = run(*verb, "--url", guarded.url, "--token", TOKEN)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_token_or_an_express_wish_is_needed_to_be_reachable() -> None:
    done = run("start", "--port", "0", "--host", "0.0.0.0")
    assert done.returncode == 2
    assert "--control-token" in done.stderr
    assert "--insecure-control" in done.stderr


def test_who_lets_everybody_in_is_told_so_in_one_line(tmp_path: Path) -> None:
    with running(tmp_path, "--host", "0.0.0.0", EMULATOR_INSECURE_CONTROL="true") as started:
        assert status(started, "/_emulator/clock") == 200
        port = started.address[1]
        said = f"anyone who can reach 0.0.0.0 port {port} can use the control plane; set EMULATOR_CONTROL_TOKEN\n"
        assert started.stop()[2] == f"WARNING:emulator:{said}"


def test_a_token_is_needed_although_everybody_would_be_let_in(tmp_path: Path) -> None:
    with running(tmp_path, "--host", "0.0.0.0", "--insecure-control", EMULATOR_CONTROL_TOKEN=TOKEN) as started:
        assert status(started, "/_emulator/clock") == 401
        assert status(started, "/_emulator/clock", f"X-Emulator-Token: {TOKEN}") == 200
        assert started.stop()[2] == ""


def test_on_loopback_there_is_nobody_to_be_told_of(tmp_path: Path) -> None:
    with running(tmp_path, "--insecure-control") as started:
        assert started.stop()[2] == ""


@pytest.mark.parametrize("token", ["short-s3cret", "s3cret with blanks in it", "s3crét-s3crét-s3crét"])
def test_a_bad_token_is_refused_and_not_repeated(token: str) -> None:
    done = run("start", "--port", "0", "--control-token", token)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "16 or more visible ASCII characters" in done.stderr
    assert token not in done.stderr


def test_credentials_are_in_no_journal_and_no_log(tmp_path: Path) -> None:
    query = f"?api_key={SECRET}&access_token={SECRET}&a%70i_key={SECRET}"
    with running(tmp_path, "--access-log", "--control-token", TOKEN) as started:
        for headers in (
            {"Authorization": f"Bearer {SECRET}"},
            {"X-Api-Key": SECRET, "Cookie": SECRET, "Referer": query},
        ):
            get(started, f"{MEMBERS}/8{query}", **headers)
            get(started, f"/nowhere{query}", **headers)
        body = json.dumps({"api_key": SECRET, "members": [{"access_token": SECRET}]})
        httpx2.post(f"{started.url}{MEMBERS}{query}", content=body, headers={"Authorization": AUTH}, trust_env=False)
        journal = get(started, "/_emulator/journal", Authorization=f"Bearer {TOKEN}")
        get(started, f"/_emulator/journal{query}", **{"X-Emulator-Token": TOKEN})
        assert len(journal.json()["entries"]) == 5
        _, output, log = started.stop()
    assert "api_key=***" in log
    assert not any(secret in text for secret in (SECRET, TOKEN) for text in (journal.text, output, log))


@pytest.mark.parametrize(
    "path",
    [
        "/_world/../_emulator/clock",
        "/_world/%2e%2e%2fetc/_emulator/clock",
        "/_world/a%00b/_emulator/clock",
        "/_world//_emulator/clock",
        f"/_world/{'x' * 65}/_emulator/clock",
        "/_world/.hidden/_emulator/clock",
    ],
)
def test_a_world_has_a_plain_name(emulator: Running, path: str) -> None:
    assert status(emulator, path) == 400


@pytest.mark.parametrize("name", ["..%2f..%2fetc%2fpasswd", "%2e%2e", ".hidden", "a%00b", "x" * 65])
def test_a_snapshot_has_a_plain_name(emulator: Running, name: str) -> None:
    assert status(emulator, f"/_emulator/snapshots/{name}", "Content-Length: 0", method="PUT") in (400, 404)


@pytest.mark.parametrize(
    "scenario",
    ["!!python/object/apply:os.system [id]", "!include /etc/passwd", "emma: /etc/passwd", "newsletter", "/etc/passwd"],
)
def test_a_request_can_not_reach_a_file(emulator: Running, scenario: str) -> None:
    answer = httpx2.put(f"{emulator.url}/_emulator/state", content=scenario, trust_env=False)
    assert answer.status_code == 400
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    "lines",
    [
        ["X-Emulator-World: a\x00b"],
        ["X Emulator: x"],
        [": x"],
        ["X-Emulator-World: a\rb"],
        ["Content-Length: -1"],
        ["Content-Length: 1", "Content-Length: 2"],
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
    ],
    ids=str,
)
def test_headers_that_are_none_are_refused(emulator: Running, lines: list[str]) -> None:
    assert status(emulator, "/_emulator/clock", *lines) == 400


@pytest.mark.parametrize(
    "path", ["/_emulator/reset", "/_emulator/journal/verify", "/_emulator/state", "/_emulator/clock"]
)
def test_a_control_request_has_a_body_within_the_limit(tmp_path: Path, path: str) -> None:
    method = "PUT" if path.endswith(("state", "clock")) else "POST"
    with running(tmp_path, "--max-body", "1000") as started:
        for headers in ("Content-Length: 1001", "Transfer-Encoding: chunked"):
            head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n\r\n"
            content = b"x" * 1001 if "Length" in headers else b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n"
            answer = exchange(started, head.encode() + content)
            assert b" 400 " in answer.split(b"\r\n")[0]
            assert b"larger than 1000 bytes" in answer


def test_those_who_wait_are_told_when_the_emulator_stops(tmp_path: Path) -> None:
    with running(tmp_path) as started, ExitStack() as open_connections:
        waiting = begin_to_wait(started, open_connections, MOST)
        code, _, errors = started.stop()
        answers = [read_all(connection) for connection in waiting]
    # Whoever was not told would be cut off after the grace for requests under way, which the log would say.
    assert (code, errors) == (0, "")
    assert all(answer.startswith(b"HTTP/1.1 503 ") and b"is stopping" in answer for answer in answers)


def test_those_who_wait_may_hang_up(emulator: Running) -> None:
    with ExitStack() as open_connections:
        begin_to_wait(emulator, open_connections, MOST)
    eventually(emulator, 408)


def begin_to_wait(emulator: Running, open_connections: ExitStack, count: int) -> list[socket.socket]:
    """As many as may wait at a time; once they do."""
    request = f"GET {WAIT}?timeout=60 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    connections = []
    for _ in range(count):
        connection = open_connections.enter_context(socket.create_connection(emulator.address, timeout=SECONDS))
        connection.sendall(request)
        connections.append(connection)
    eventually(emulator, 409)
    return connections


def eventually(emulator: Running, status: int) -> None:
    """What it comes to for one more."""
    end = time.monotonic() + SECONDS
    while get(emulator, f"{WAIT}?timeout=0").status_code != status:
        assert time.monotonic() < end


def read_all(connection: socket.socket) -> bytes:
    answer = b""
    while chunk := connection.recv(65536):
        answer += chunk
    return answer
