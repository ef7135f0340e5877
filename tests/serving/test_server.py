"""`emulator start` as a process: socket, signals, limits, refusals."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from emulator.serving.limits import MOST_HEADER_BYTES, MOST_URL_BYTES
from tests.process import SECONDS, Running, environment, run, running, wait_for
from tests.support import AUTH, MEMBERS


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> object:
    with running(tmp_path_factory.mktemp("emulator"), "--max-body", "1000") as started:
        yield started


def exchange(emulator: Running, request: bytes) -> bytes:
    """Send bytes, read until the server closes the connection."""
    with socket.create_connection(emulator.address, timeout=SECONDS) as connection:
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        return answer


def test_it_answers_on_the_address_in_the_ready_file(emulator: Running) -> None:
    assert httpx2.get(f"{emulator.url}/_emulator/readyz", trust_env=False).status_code == 200
    assert emulator.url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_exit_code_0_and_takes_the_ready_file_away(
    tmp_path: Path, number: signal.Signals
) -> None:
    with running(tmp_path) as started:
        code, output, errors = started.stop(number)
    assert (code, errors) == (0, "")
    assert not (tmp_path / "ready").exists()
    assert output.count("\n") == 1


def test_it_ends_although_a_connection_is_open(tmp_path: Path) -> None:
    with running(tmp_path) as started, socket.create_connection(started.address):
        assert started.stop()[0] == 0


def test_the_one_line_names_address_base_url_and_credentials(tmp_path: Path) -> None:
    with running(tmp_path) as started:
        _, output, _ = started.stop()
    assert started.url in output
    assert f"EngageLab Email: base URL {started.url}, any credentials, for example api_user:api_key" in output


def test_the_one_line_names_declared_credentials(tmp_path: Path) -> None:
    scenario = tmp_path / "shop.yaml"
    scenario.write_text("engagelab: {accounts: [{api_user: shop, api_key: s3cret}]}")
    with running(tmp_path, "--scenario", str(scenario), "--accounts", "closed") as started:
        assert "credentials shop:s3cret" in started.stop()[1]
    with running(tmp_path, "--accounts", "closed") as started:
        assert "no account declared" in started.stop()[1]


def test_a_scenario_that_comes_with_the_emulator_is_found_from_any_folder(tmp_path: Path) -> None:
    with running(tmp_path, EMULATOR_SCENARIO="engagelab-documentation") as started:
        answer = httpx2.get(
            f"{started.url}{MEMBERS}/6565c12a3b4e0d83d3f58ea0", headers={"Authorization": AUTH}, trust_env=False
        )
    assert answer.json()["result"]["email"] == "xjmfc@126.com"


def test_a_busy_port_is_one_line_and_exit_code_2(emulator: Running) -> None:
    done = run("start", "--port", str(emulator.address[1]))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "in use" in done.stderr
    assert "--port" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "many"], "--port: 'many' is not valid"),
        (["--colour", "red"], "unrecognized arguments: --colour red"),
        (
            ["--scenario", "nothing"],
            "scenario 'nothing' is unknown; name one of emma-documentation, empty, engagelab-documentation",
        ),
        (["--scenario", "nothing.yaml"], "scenario nothing.yaml: No such file"),
        (["--behaviour", "engagelab.patch=dance"], "engagelab.patch: 'dance' is no choice"),
        (["--behaviour", "engagelab.dance=patch"], "behaviour 'engagelab.dance' is unknown"),
        (["--clock", "frozen:noon"], "--clock"),
        (["--host", "0.0.0.0"], "--insecure-control"),
        (["--host", "nowhere.invalid", "--insecure-control"], "can not listen on nowhere.invalid"),
        (["--ready-file", "/nowhere/ready"], "--ready-file /nowhere/ready: No such file"),
    ],
)
def test_what_it_can_not_start_with_is_one_line_and_exit_code_2(arguments: list[str], words: str) -> None:
    done = run("start", "--port", "0", *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert words in done.stderr


def test_a_ready_file_of_an_earlier_start_does_not_survive_a_failed_one(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    ready.write_text("http://127.0.0.1:1\n")
    assert run("start", "--port", "0", "--ready-file", str(ready), "--scenario", "nothing").returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_a_start_that_finds_its_port_busy_leaves_the_ready_file_of_the_other(tmp_path: Path) -> None:
    with running(tmp_path) as started:
        done = run("start", "--port", str(started.address[1]), "--ready-file", str(tmp_path / "ready"))
        assert done.returncode == 2
        assert (tmp_path / "ready").exists()


def test_a_ready_file_that_is_a_folder_is_one_line(tmp_path: Path) -> None:
    done = run("start", "--port", "0", "--ready-file", str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert str(tmp_path) in done.stderr


def test_it_ends_quietly_although_a_request_is_still_arriving(tmp_path: Path) -> None:
    with running(tmp_path) as started, socket.create_connection(started.address) as connection:
        connection.sendall(b"POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        httpx2.get(f"{started.url}/_emulator/livez", trust_env=False)
        code, _, errors = started.stop()
    assert (code, errors) == (0, "")


def test_a_control_request_that_is_given_up_leaves_no_traceback(tmp_path: Path) -> None:
    with running(tmp_path) as started:
        with socket.create_connection(started.address) as connection:
            connection.sendall(b"PUT /_emulator/clock HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        httpx2.get(f"{started.url}/_emulator/livez", trust_env=False)
        assert started.stop()[2] == ""


def test_a_host_that_others_reach_can_be_asked_for(tmp_path: Path) -> None:
    with running(tmp_path, "--host", "0.0.0.0", "--insecure-control") as started:
        assert httpx2.get(f"{started.url}/_emulator/livez", trust_env=False).status_code == 200


def test_the_access_log_is_there_when_asked_for(tmp_path: Path) -> None:
    with running(tmp_path, "--access-log") as started:
        httpx2.get(f"{started.url}/_emulator/livez", trust_env=False)
        assert '"GET /_emulator/livez HTTP/1.1" 200' in started.stop()[2]


def test_a_declared_body_over_the_limit_is_refused_before_it_arrives(emulator: Running) -> None:
    head = f"POST {MEMBERS} HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTH}\r\nContent-Length: 1001\r\n\r\n"
    answer = exchange(emulator, head.encode())
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code":30991' in answer
    assert b"connection: close" in answer


def test_a_chunked_body_is_counted_while_it_arrives(emulator: Running) -> None:
    head = f"POST {MEMBERS} HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTH}\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = exchange(emulator, head.encode() + (b"258\r\n" + b" " * 600 + b"\r\n") * 2)
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_chunked_body_is_read_whole(emulator: Running) -> None:
    head = f"POST {MEMBERS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {AUTH}\r\n"
    parts = [b'{"members": [{"email":', b' "a@shop.test"}], "update_existing": true}']
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    answer = exchange(emulator, head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert b'"created_count":1' in answer


def test_headers_over_the_limit_are_refused(emulator: Running) -> None:
    header = b"X-Long: " + b"a" * 8000 + b"\r\n"
    answer = exchange(emulator, b"GET / HTTP/1.1\r\n" + header * (MOST_HEADER_BYTES // 8000 + 1) + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")


def test_a_url_over_the_limit_is_refused(emulator: Running) -> None:
    answer = exchange(emulator, b"GET /" + b"a" * MOST_URL_BYTES + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 414 ")


def test_garbage_is_refused(emulator: Running) -> None:
    assert exchange(emulator, b"what is this?\r\n\r\n").startswith(b"HTTP/1.1 400 ")


def test_a_client_that_goes_away_in_the_middle_of_its_request_is_journalled(emulator: Running) -> None:
    with socket.create_connection(emulator.address) as connection:
        connection.sendall(f"POST /_world/gone{MEMBERS} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{".encode())
    for _ in range(SECONDS * 100):
        entries = httpx2.get(f"{emulator.url}/_world/gone/_emulator/journal", trust_env=False).json()["entries"]
        if entries and entries[0]["notes"]:
            break
    assert entries[0]["status"] is None
    assert "closed the connection" in entries[0]["notes"][0]


@pytest.mark.parametrize("output", ["| head -c 0", ">&-", ">&- 2>&- <&-", "> /dev/full"])
def test_it_serves_although_nobody_reads_its_output(tmp_path: Path, output: str) -> None:
    ready = tmp_path / "ready"
    # The shell writes down the exit code, because the one of a pipe is its reader's.
    command = f"{sys.executable} -m emulator start --port 0 --ready-file {ready} & echo $! > {tmp_path}/pid; wait $!"
    shell = f"{{ {command}; echo $? > {tmp_path}/code; }} {output}"
    with subprocess.Popen(["bash", "-c", shell], env=environment(), stderr=subprocess.PIPE, text=True) as process:
        url = wait_for(ready)
        assert httpx2.get(f"{url}/_emulator/livez", trust_env=False).status_code == 200
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGTERM)
        _, errors = process.communicate(timeout=SECONDS)
    assert ((tmp_path / "code").read_text(), errors) == ("0\n", "")


def test_an_address_may_have_the_brackets_of_a_url(tmp_path: Path) -> None:
    with running(tmp_path, "--host", "[::1]") as started:
        assert started.url.startswith("http://[::1]:")


def test_a_websocket_handshake_leaves_no_line_in_the_log(tmp_path: Path) -> None:
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n"
    with running(tmp_path) as started:
        with socket.create_connection(started.address, timeout=SECONDS) as connection:
            connection.sendall(b"GET /_emulator/livez HTTP/1.1\r\nHost: localhost\r\n" + upgrade + b"\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert started.stop()[2] == ""
