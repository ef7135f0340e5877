"""Scenarios of several files, and bad ones, wherever they are read: at the start, by validate, by seed, by PUT."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from emulator import create_app
from emulator.settings import Settings
from tests.emma.support import AUTH
from tests.process import COMMAND, SECONDS, Running, environment, run, running

HEADERS = {"Authorization": AUTH}
ACCOUNT = "emma:\n  accounts:\n    - account_id: 100\n"
# What is wrong, the scenario and, if it needs one, its CSV file; where that is said, and how.
BAD = {
    "an unknown key": (f"{ACCOUNT}      membres: []\n", "", "shop.yaml, line 4: ", "is not a known key"),
    "a duplicate address": (
        f"{ACCOUNT}      members:\n        - email: a@b.test\n        - email: A@b.test\n",
        "",
        "shop.yaml, line 6: ",
        "'a@b.test' is given twice",
    ),
    "a group that does not exist": (
        f"{ACCOUNT}      members:\n        - email: a@b.test\n          groups: [7]\n",
        "",
        "shop.yaml, line 6: ",
        "7 is no group of this account",
    ),
    "a wrong type": (f"{ACCOUNT}      members: many\n", "", "shop.yaml, line 4: ", "must be a list"),
    "a half-written file": (
        f"{ACCOUNT}      members: [{{email: a@b",
        "",
        "shop.yaml, line 5: ",
        "not readable as YAML",
    ),
    "a path outside": ("include:\n  - ../other.yaml\n", "", "shop.yaml, line 2: ", "lies outside the folder"),
    "an account declared twice": (
        f"include: [messy-list]\n{ACCOUNT}",
        "",
        "shop.yaml, line 4: ",
        "account_id 100 is declared twice, first in scenario messy-list",
    ),
    "a half-written CSV file": (
        f"{ACCOUNT}      members_from: people.csv\n",
        'email,groups\na@b.test,"',
        "people.csv, line 2: ",
        "not readable as CSV",
    ),
    "a CSV file outside": (f"{ACCOUNT}      members_from: ../people.csv\n", "", "shop.yaml, line 4: ", "lies outside"),
    "too many percent": (
        f"{ACCOUNT}      generate:\n        - members: 5\n          percent: {{opted_out: 99, in_error: 2}}\n",
        "",
        "shop.yaml, line 6: ",
        "add up to 101",
    ),
}
each_bad = pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
Bad = tuple[str, str, str, str]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("emulator"), "--scenario", "empty") as started:
        yield started


def write(folder: Path, bad: Bad) -> str:
    text, csv, _, _ = bad
    if csv:
        (folder / "people.csv").write_text(csv)
    file = folder / "shop.yaml"
    file.write_text(text)
    return str(file)


def members(url: str, world: str = "default") -> list[str]:
    rows: list[dict[str, Any]] = httpx2.get(
        f"{url}/_world/{world}/100/members", headers=HEADERS, trust_env=False
    ).json()
    return [row["email"] for row in rows]


@each_bad
def test_start_says_where_a_scenario_is_wrong_and_does_not_start(tmp_path: Path, bad: Bad) -> None:
    done = run("start", "--port", "0", "--scenario", write(tmp_path, bad))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"emulator: {tmp_path}/{bad[2]}")
    assert bad[3] in done.stderr


@each_bad
def test_validate_says_where_a_scenario_is_wrong(tmp_path: Path, bad: Bad) -> None:
    done = run("validate", write(tmp_path, bad))
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (1, "", 1)
    assert done.stdout.startswith(f"{tmp_path}/{bad[2]}")
    assert bad[3] in done.stdout


@each_bad
def test_seed_says_where_a_scenario_is_wrong_and_leaves_the_world_as_it_was(
    emulator: Running, tmp_path: Path, bad: Bad
) -> None:
    there = ("--url", emulator.url, "--world", "seeded")
    assert run("seed", "newsletter", *there).returncode == 0
    before = members(emulator.url, "seeded")
    done = run("seed", write(tmp_path, bad), *there)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(f"emulator: {tmp_path}/{bad[2]}")
    assert bad[3] in done.stderr
    assert members(emulator.url, "seeded") == before


@pytest.mark.parametrize("bad", [bad for bad in BAD.values() if ".." not in bad[0] and not bad[1]])
def test_put_says_where_a_scenario_is_wrong_and_leaves_the_world_as_it_was(emulator: Running, bad: Bad) -> None:
    state = f"{emulator.url}/_world/put/_emulator/state"
    assert httpx2.put(state, content=f"{ACCOUNT}      members: [{{email: ann@shop.test}}]", trust_env=False).is_success
    answer = httpx2.put(state, content=bad[0], trust_env=False)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(bad[2].replace("shop.yaml", "the scenario"))
    assert bad[3] in answer.json()["error"]
    assert members(emulator.url, "put") == ["ann@shop.test"]


@pytest.mark.parametrize("text", ["include: [b.yaml]", f"{ACCOUNT}      members_from: people.csv"])
def test_a_scenario_that_is_put_has_no_files_beside_it(emulator: Running, text: str) -> None:
    answer = httpx2.put(f"{emulator.url}/_emulator/state", content=text, trust_env=False)
    assert answer.status_code == 400
    assert (
        "a scenario that comes without a folder has no files beside it; `emulator seed FILE` sends"
        in answer.json()["error"]
    )


def test_a_scenario_that_is_put_may_include_one_that_comes_along(emulator: Running) -> None:
    answer = httpx2.put(f"{emulator.url}/_world/i/_emulator/state", content="include: [newsletter]", trust_env=False)
    assert answer.status_code == 200
    clock = httpx2.get(f"{emulator.url}/_world/i/_emulator/clock", trust_env=False).json()
    assert (clock["mode"], clock["now"]) == ("frozen", "2024-05-01T12:00:00Z")
    assert len(members(emulator.url, "i")) == 7


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"scenario": "a.yaml", "files": []}, "files: write"),
        ({"scenario": "a.yaml", "files": {"a.yaml": 7}}, "files: write"),
        ({"scenario": "b.yaml", "files": {"a.yaml": ""}}, "scenario: name one of the files"),
        ({"scenario": "a.yaml", "files": {"a.yaml": ""}, "folder": 7}, "scenario: name one of the files"),
        (
            {"scenario": "a.yaml", "files": {"a.yaml": "include: [b.yaml]"}},
            "a.yaml, line 1: include[0]: b.yaml was not sent",
        ),
        ({"files": {}}, "the scenario, line 1: unknown key 'files'"),
    ],
)
def test_files_that_are_put_must_be_whole(emulator: Running, body: object, message: str) -> None:
    answer = httpx2.put(f"{emulator.url}/_emulator/state", json=body, trust_env=False)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(message)


def test_seed_sends_along_what_a_scenario_names(emulator: Running, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    file = tmp_path / "shop.yaml"
    file.write_text("include: [d/base.yaml, empty]\nclock: {mode: frozen, at: 2020-01-01T00:00:00Z}\n")
    (tmp_path / "d" / "base.yaml").write_text(f"{ACCOUNT}      members_from: people.csv\n")
    (tmp_path / "d" / "people.csv").write_text("email\nann@shop.test\n")
    done = run("seed", str(file), "--url", emulator.url, "--world", "bundle")
    assert (done.stdout, done.stderr) == (f"world bundle: {file} loaded\n", "")
    assert members(emulator.url, "bundle") == ["ann@shop.test"]


def test_an_error_in_a_file_that_was_sent_along_names_it_and_its_line(emulator: Running, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(f"{ACCOUNT}      members_from: people.csv\n")
    (tmp_path / "people.csv").write_bytes(b"email\nann@shop.test\nj\xf6@shop.test\n")
    done = run("seed", str(file), "--url", emulator.url, "--world", "bundle")
    assert done.stderr == f"emulator: {tmp_path}/people.csv, line 3: is not in UTF-8; save the file as CSV in UTF-8\n"


def start_in(folder: Path, *arguments: str, **variables: str) -> tuple[str, str]:
    """Standard error and the default world's clock of an emulator that was started in this folder."""
    ready = folder / "ready"
    command = [*COMMAND, "start", "--port", "0", "--ready-file", str(ready), *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdout=pipe, stderr=pipe, text=True, env=environment(**variables), cwd=folder
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.partition(" at ")[2].partition(" |")[0]
        mode = httpx2.get(f"{url}/_emulator/clock", trust_env=False).json()["mode"]
        process.terminate()
        _, errors = process.communicate(timeout=SECONDS)
    return errors, mode


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "emulator.yaml").write_text("clock: {mode: frozen, at: 2020-01-01T00:00:00Z}\n")
    return tmp_path


def test_start_finds_the_emulator_yaml_of_its_folder_and_says_so(folder: Path) -> None:
    errors, mode = start_in(folder)
    assert mode == "frozen"
    assert errors == "emulator: starting with the emulator.yaml of this folder; --scenario empty does without\n"


def test_a_named_scenario_takes_its_place(folder: Path) -> None:
    assert start_in(folder, "--scenario", "empty") == ("", "real")
    assert start_in(folder, EMULATOR_SCENARIO="empty") == ("", "real")


def test_a_folder_without_one_starts_empty(tmp_path: Path) -> None:
    (tmp_path / "emulator.yaml").mkdir()
    assert start_in(tmp_path) == ("", "real")


def test_without_the_library_of_names_generate_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "faker.py").write_text("raise ModuleNotFoundError\n")
    file = tmp_path / "shop.yaml"
    file.write_text(f"{ACCOUNT}      generate:\n        - members: 5\n")
    done = run("validate", str(file), PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stdout.startswith(f"{file}, line 5: emma.accounts[0].generate[0] needs the library Faker; install it")


@pytest.mark.parametrize("clock_of_file", ["", "clock: {mode: frozen, at: 2030-01-01T00:00:00Z}\n"])
def test_rows_without_a_date_are_of_the_time_that_the_start_was_told(tmp_path: Path, clock_of_file: str) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(f"{clock_of_file}emma: {{accounts: [{{account_id: 100, members: [{{email: ann@shop.test}}]}}]}}\n")
    app = create_app(Settings(scenario=(str(file),), clock={"mode": "frozen", "at": "2020-01-01T12:00:00Z"}))
    answer = TestClient(app).get("/100/members", headers={"Authorization": AUTH})
    assert answer.json()[0]["member_since"].startswith("@D:2020-01-01T")
