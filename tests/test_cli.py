"""The verbs that talk to a running emulator, and the manners of the command."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from emulator import __version__
from emulator.app import make_vendors
from emulator.core.scenarios.scenario_file import built_in
from tests.process import Running, environment, run, running


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> object:
    with running(tmp_path_factory.mktemp("emulator"), "--clock", "frozen:2024-05-01T12:00:00Z") as started:
        yield started


@pytest.fixture
def nobody() -> str:
    """An address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_the_version() -> None:
    assert run("--version").stdout == f"emulator {__version__}\n"


def test_ready_is_0_when_it_is(emulator: Running) -> None:
    assert run("ready", "--url", emulator.url).returncode == 0
    assert run("ready", EMULATOR_URL=emulator.url).returncode == 0


def test_ready_is_1_when_nobody_answers(nobody: str) -> None:
    done = run("ready", "--url", nobody)
    assert (done.returncode, done.stderr) == (1, f"emulator: nothing is ready at {nobody}\n")


def test_ready_waits_as_long_as_it_is_told(nobody: str) -> None:
    assert run("ready", "--wait", "0.2", "--url", nobody).returncode == 1


def test_a_proxy_in_the_environment_does_not_come_between(emulator: Running, nobody: str) -> None:
    assert run("ready", "--url", emulator.url, http_proxy=nobody, HTTP_PROXY=nobody).returncode == 0


def test_clock_shows_and_sets_the_time_of_a_world(emulator: Running) -> None:
    def clock(*arguments: str) -> str:
        return run("clock", "--url", emulator.url, "--world", "time", *arguments).stdout

    assert clock() == "2024-05-01T12:00:00Z frozen\n"
    assert clock("--advance", "1h") == "2024-05-01T13:00:00Z frozen\n"
    assert clock("--to", "2024-05-02") == "2024-05-02T00:00:00Z frozen\n"
    assert clock("--set", "frozen:2024-05-03") == "2024-05-03T00:00:00Z frozen\n"
    assert clock("--set", "shifted").endswith(" shifted\n")


def test_reset_returns_a_world_to_its_start(emulator: Running) -> None:
    run("clock", "--advance", "1h", "--url", emulator.url, "--world", "again")
    done = run("reset", "--url", emulator.url, "--world", "again", "--scope", "clock")
    assert (done.returncode, done.stdout) == (0, "world again: reset clock\n")
    assert run("clock", "--url", emulator.url, "--world", "again").stdout.startswith("2024-05-01T12:00:00Z")
    assert "data, journal, clock, behaviours" in run("reset", "--url", emulator.url).stdout


def test_behaviours_are_listed_and_set(emulator: Running) -> None:
    listed = run("behaviours", "--url", emulator.url, "--world", "b").stdout
    assert "engagelab.patch=not_found" in listed
    done = run("behaviours", "engagelab.patch=update", "--url", emulator.url, "--world", "b")
    assert done.stdout.startswith("engagelab.patch=update")
    assert done.stdout.count("\n") == 1
    assert httpx2.patch(f"{emulator.url}/_world/b/v1/x", trust_env=False).status_code == 404


def test_output_that_nobody_reads_to_the_end_is_no_error() -> None:
    command = f"{sys.executable} -m emulator operations | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, env=environment())
    assert (done.stdout, done.stderr) == ("Emma\n", "")


def test_the_scenarios_that_come_along_are_listed_with_what_they_are() -> None:
    lines = dict(line.split("  ", 1) for line in run("scenarios").stdout.splitlines())
    assert list(lines) == sorted(built_in())
    assert all(lines.values())


def test_every_scenario_that_comes_along_is_valid() -> None:
    done = run("validate", *built_in())
    assert done.returncode == 0
    assert all(f"{name}: valid" in done.stdout for name in built_in())


def test_scenarios_of_a_folder_are_listed_and_looked_at_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("# Our shop.\nclock: {mode: frozen}\n")
    (tmp_path / "bad.yaml").write_text("clok: {}\n")
    folder = ("--scenario-folder", str(tmp_path))
    assert "shop  Our shop\n" in run("scenarios", *folder).stdout
    assert "shop  Our shop\n" in run("scenarios", EMULATOR_SCENARIO_FOLDER=str(tmp_path)).stdout
    assert "Our shop" not in run("scenarios").stdout
    assert run("validate", "shop", *folder).stdout == "shop: valid; accounts: none\n"
    assert "line 1: unknown key 'clok'" in run("validate", "bad", *folder).stdout


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = run("scenarios", "--scenario-folder", str(tmp_path / "none"))
    assert (done.returncode, done.stderr.count("\n"), "No such file" in done.stderr) == (2, 1, True)


def test_a_world_is_seeded_with_what_the_emulator_knows_by_name(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("clock: {mode: frozen, at: 2020-01-01T00:00:00Z}\n")
    with running(tmp_path, "--scenario-folder", str(tmp_path)) as started:
        assert run("seed", "shop", EMULATOR_URL=started.url).stdout == "world default: shop loaded\n"
        assert run("clock", EMULATOR_URL=started.url).stdout.startswith("2020")
        done = run("seed", "shopp", EMULATOR_URL=started.url)
        assert (done.returncode, "scenario 'shopp' is unknown" in done.stderr) == (1, True)


def test_a_scenario_that_is_wrong_is_named_with_its_line_and_the_others_are_looked_at(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("emma:\n  accounts:\n    - account_id: 7\n      membres: []\n")
    done = run("validate", str(bad), "empty")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"{bad}, line 4: emma.accounts[0].membres is not a known key; did you mean members?",
        "empty: valid; accounts: none",
    ]


def test_a_world_is_seeded_by_name_or_file(emulator: Running, tmp_path: Path) -> None:
    there = ("--url", emulator.url, "--world", "seeded")
    assert run("seed", "newsletter", *there).stdout == "world seeded: newsletter loaded\n"
    file = tmp_path / "mine.yaml"
    file.write_text("clock: {mode: frozen, at: 2020-01-01T00:00:00Z}")
    assert run("seed", str(file), *there).returncode == 0
    assert run("clock", *there).stdout == "2020-01-01T00:00:00Z frozen\n"


def test_a_seed_that_is_wrong_is_named_as_its_user_knows_it(emulator: Running, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("emma:\n  acounts: []\n")
    done = run("seed", str(file), "--url", emulator.url, "--world", "seeded")
    expected = f"emulator: {file}, line 2: emma.acounts is not a known key; did you mean accounts?\n"
    assert (done.returncode, done.stderr) == (1, expected)


def test_snapshots_are_saved_listed_loaded_and_dropped(emulator: Running) -> None:
    def snapshot(*arguments: str) -> str:
        return run("snapshot", *arguments, "--url", emulator.url, "--world", "kept").stdout

    assert snapshot("save", "before") == "saved before\n"
    assert snapshot("list") == "before  2024-05-01T12:00:00Z\n"
    run("clock", "--advance", "1h", "--url", emulator.url, "--world", "kept")
    assert snapshot("load", "before") == "restored before; it is 2024-05-01T12:00:00Z\n"
    assert snapshot("drop", "before") == "dropped before\n"
    assert snapshot("list") == ""


def test_operations_need_no_emulator() -> None:
    output = run("operations").stdout
    for vendor in make_vendors():
        assert all(operation.id in output for operation in vendor.operations)
        assert all(declined.id in output for declined in vendor.declined)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["behaviours", "engagelab.patch=dance"], 1, "is no choice"),
        (["behaviours", "engagelab.patch"], 2, "write it as ID=CHOICE"),
        (["reset", "--scope", "everything"], 1, "scopes:"),
        (["clock", "--to", "noon"], 1, "is no instant"),
        (["clock", "--world", "no/world"], 1, "world names"),
        (["snapshot", "save"], 2, "name one"),
        (["snapshot", "load", "nothing"], 1, "there is no snapshot 'nothing'"),
        (["dance"], 2, "invalid choice"),
        (["faults"], 2, "list|add|clear"),
        (["snapshot"], 2, "save|load|list|drop|diff|export"),
        (["journal", "status=9xx"], 1, "'9xx' is neither a status nor a family of them, such as 4xx"),
        ([], 2, "required"),
        (["ready", "--wait", "long"], 2, "--wait"),
        (["ready", "--wait", "nan"], 2, "--wait"),
    ],
)
def test_a_refusal_is_one_line_and_an_exit_code(emulator: Running, arguments: list[str], code: int, words: str) -> None:
    done = run(*arguments, EMULATOR_URL=emulator.url)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr
    assert words in done.stderr


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8025", "https://u:p@127.0.0.1", "https://", "http://", "http://x:y", "ftp://x"]
)
def test_a_bad_address_is_said_to_be_one(url: str) -> None:
    done = run("reset", "--url", url)
    assert done.returncode == 2
    assert "is no address of an emulator" in done.stderr


def test_an_address_can_name_its_world(emulator: Running) -> None:
    assert run("clock", "--url", f"{emulator.url}/_world/mine", "--advance", "1d").returncode == 0
    assert run("clock", "--url", emulator.url, "--world", "mine").stdout.startswith("2024-05-02")
    assert run("clock", "--url", emulator.url).stdout.startswith("2024-05-01")


def test_an_address_with_another_path_is_refused(emulator: Running) -> None:
    done = run("reset", "--url", f"{emulator.url}/v1")
    assert (done.returncode, "has a path" in done.stderr) == (2, True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_output_that_can_not_be_written_is_one_line() -> None:
    command = f"{sys.executable} -m emulator operations > /dev/full"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, env=environment())
    assert (done.returncode, done.stderr) == (2, "emulator: can not write the output: No space left on device\n")


def test_something_else_at_the_address_is_said_to_be_no_emulator(tmp_path: Path) -> None:
    import threading

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

        thread = threading.Thread(target=answer)
        thread.start()
        done = run("reset", "--url", f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread.join()
    assert (done.returncode, "is no emulator" in done.stderr) == (3, True)


def test_nobody_at_the_address_is_said_with_a_way_to_mend_it(nobody: str) -> None:
    done = run("reset", "--url", nobody)
    assert done.returncode == 3
    assert "start one with `emulator start`" in done.stderr
