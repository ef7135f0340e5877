"""`emulator doctor`."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

import pytest

from emulator.verbs import checks
from emulator.verbs.store_check import store_problem
from tests.process import COMMAND, environment, run, running

TOKEN = "correct-horse-battery"


def report(*arguments: str, **variables: str) -> dict[str, Any]:
    """The checks by name, and whether all is well."""
    done = run("doctor", *arguments, "--json", **variables)
    answer = json.loads(done.stdout)
    assert done.returncode == (0 if answer["ok"] else 1)
    assert done.stderr == ""
    return {each["check"]: each for each in answer["checks"]} | {"ok": answer["ok"]}


def test_all_is_well_here() -> None:
    done = run("doctor", "--port", "0")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(line.startswith("ok       ") for line in done.stdout.splitlines())
    names = [line.removeprefix("ok       ").partition(":")[0] for line in done.stdout.splitlines()]
    assert names == ["python", "libraries", "clock", "open files", "variables", "exposure", "port", "extras"]


def test_what_is_wrong_is_said_with_a_way_to_mend_it() -> None:
    done = run("doctor", "--port", "0", "--host", "0.0.0.0", "--scenario", "nothing", EMULATOR_PROT="1")
    assert done.returncode == 1
    problems = [line for line in done.stdout.splitlines() if line.startswith("problem")]
    assert [line.partition(":")[0].split()[-1] for line in problems] == ["variables", "exposure", "scenario"]
    assert "did you mean EMULATOR_PORT?" in problems[0]
    assert "add --control-token TOKEN" in problems[1]
    assert "name one of" in problems[2]


def test_a_flag_that_is_wrong_is_a_finding_and_the_machine_is_looked_at_all_the_same() -> None:
    found = report("--port", "many")
    assert (found["settings"]["ok"], "--port: 'many' is not valid" in found["settings"]["text"]) == (False, True)
    assert found["python"]["ok"]
    assert not report("--port", "0", "--behaviour", "emma.dance=yes")["scenario"]["ok"]


def test_an_emulator_that_is_there_already_is_described(tmp_path: Path) -> None:
    with running(tmp_path, "--clock", "frozen:2024-05-01T12:00:00Z") as started:
        found = report("--port", str(started.address[1]))
    assert found["ok"]
    assert found["port"]["text"].endswith(" already, which is ready")
    assert found["its clock"]["text"] == "frozen, it is 2024-05-01T12:00:00Z there"


def test_a_token_is_neither_sent_in_the_open_nor_printed(tmp_path: Path) -> None:
    with running(tmp_path, EMULATOR_CONTROL_TOKEN=TOKEN) as started:
        port = str(started.address[1])
        done = run("doctor", "--port", port, EMULATOR_CONTROL_TOKEN=TOKEN)
        assert (done.returncode, TOKEN in done.stdout, "which is ready" in done.stdout) == (0, False, True)
        assert "needs its token" in report("--port", port)["port"]["text"]
    done = run("doctor", "--port", "0", EMULATOR_CONTROL_TOKEN="short secret")
    assert (done.returncode, "short secret" in done.stdout) == (1, False)


class Pretender(BaseHTTPRequestHandler):
    """Says that it is an emulator."""

    authorizations: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        self.authorizations.append(self.headers["Authorization"])
        body = b'{"version": "9", "mode": "real", "now": "x"}'
        self.send_response(200)
        self.send_header("X-Emulator", "9")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_whoever_has_the_port_does_not_get_the_token() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pretender) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        found = report("--port", str(server.server_port), EMULATOR_CONTROL_TOKEN=TOKEN)
        server.shutdown()
        thread.join()
    assert found["port"]["text"].endswith("has an emulator 9 already, which is ready")
    assert Pretender.authorizations == [None] * 3


def test_over_tls_who_proves_to_be_the_emulator_is_asked_with_the_token(tmp_path: Path) -> None:
    tls = str(tmp_path / "tls")
    with running(tmp_path, EMULATOR_CONTROL_TOKEN=TOKEN, EMULATOR_TLS_DIRECTORY=tls) as started:
        port = str(started.address[1])
        found = report("--port", port, EMULATOR_CONTROL_TOKEN=TOKEN, EMULATOR_TLS_DIRECTORY=tls)
    assert "has an emulator" in found["port"]["text"]
    assert found["port"]["text"].endswith("already, which is ready")


def test_something_else_on_the_port_is_a_problem() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.listen()
        port = listener.getsockname()[1]
        listener.settimeout(30)
        with subprocess.Popen(
            [*COMMAND, "doctor", "--port", str(port), "--json"], stdout=subprocess.PIPE, text=True, env=environment()
        ) as process:
            for _ in range(2):
                connection, _ = listener.accept()
                connection.close()
            output, _ = process.communicate(timeout=30)
    found = {each["check"]: each for each in json.loads(output)["checks"]}
    assert (found["port"]["ok"], "choose another with --port" in found["port"]["text"]) == (False, True)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a world in it."""
    folder = tmp_path_factory.mktemp("store")
    with running(folder, "--store", f"tinydb:{folder / 'worlds'}") as started:
        started.stop()
    return folder / "worlds"


def test_a_directory_that_can_be_used_is_fine_and_stays_as_it_is(store: Path, tmp_path: Path) -> None:
    before = {file.name: file.stat().st_mtime_ns for file in store.iterdir()}
    assert store_problem(store) is None
    assert report("--port", "0", "--store", f"tinydb:{store}")["store"]["ok"]
    assert {file.name: file.stat().st_mtime_ns for file in store.iterdir()} == before
    assert store_problem(tmp_path / "new" / "one") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"emulator": {"1": {"format": 99, "world": "x"}}}', "a newer emulator wrote it, in format 99"),
        ('{"emulator": {"1": {"format": "x"}}}', "it says no format"),
        ('{"emulator": {"1": {"format": 0}}}', "there is no format 0"),
        ("{}", "can not be read"),
        ("{", "can not be read"),
    ],
)
def test_a_file_of_an_unknown_format_is_named(store: Path, tmp_path: Path, text: str, words: str) -> None:
    copy = tmp_path / "worlds"
    shutil.copytree(store, copy)
    (copy / "default.json").write_text(text)
    assert str(store_problem(copy)).startswith(str(copy / "default.json"))
    assert words in str(store_problem(copy))


def test_a_directory_of_something_else_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "photo.png").touch()
    assert "such as photo.png; name an empty one" in str(store_problem(tmp_path))
    assert "is no directory" in str(store_problem(tmp_path / "photo.png" / "below"))


def test_a_directory_that_can_not_be_written_to_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Not by its mode, which the superuser is not stopped by.
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "can not be written to" in str(store_problem(tmp_path))


def test_a_machine_that_is_unfit_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 0))
    assert checks._python() == ("python", "3.9.0 is not supported; install one that is >=3.11", False)
    monkeypatch.setattr(checks, "_YEARS", range(1970, 1971))
    assert checks._clock().text.endswith("; set it")


def test_a_clock_that_jumps_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = iter([0.0, 7.0])
    monkeypatch.setattr(checks, "stopwatch", lambda: next(watch))
    found = checks._clock()
    assert (found.ok, "jumped by 6." in found.text) == (False, True)


def test_few_files_are_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 64))
    assert checks._files() == ("open files", "at most 64, one for each connection; run ulimit -n 4096", False)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert checks._files().ok


def test_a_library_that_is_missing_or_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = ["starlette>=99", "no-such-library", "msgspec", "win-only; sys_platform == 'nowhere'", "x; extra == 'e'"]
    monkeypatch.setattr(metadata, "requires", lambda _: needed)
    found = checks._libraries()
    assert not found.ok
    assert found.text.startswith("starlette ")
    assert " is not >=99; no-such-library is missing; run pip install" in found.text


def test_what_runs_uninstalled_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "metadata", missing)
    assert "run pip install . in its folder" in next(checks.of_the_machine()).text
