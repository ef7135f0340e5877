"""What `emulator snapshot` does with states beside keeping them."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.process import Running, run, running

HEADERS = {"Authorization": "Basic cHVibGljX2tleTpwcml2YXRlX2tleQ=="}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("states")
    with running(folder, "--clock", "frozen:2024-05-01T12:00:00Z", "--scenario", "newsletter") as started:
        yield started


@pytest.fixture
def there(emulator: Running, request: pytest.FixtureRequest) -> tuple[str, ...]:
    """A world for each test."""
    name = "".join(letter for letter in request.node.name if letter.isalnum())
    return ("--url", emulator.url, "--world", name[-60:])


def add(there: tuple[str, ...], *names: str) -> None:
    for name in names:
        body = {"email": f"{name}@shop.test"}
        path = f"{there[1]}/_world/{there[3]}/100/members/add"
        assert httpx2.post(path, json=body, headers=HEADERS, trust_env=False).status_code == 200


def test_what_changed_is_a_line_each(there: tuple[str, ...]) -> None:
    assert run("snapshot", "diff", *there).stdout == "nothing changed\n"
    add(there, "ann")
    run("snapshot", "save", "one", *there)
    run("clock", "--advance", "1s", *there)
    add(there, "bob")
    run("snapshot", "save", "two", *there)
    add(there, "cat")
    assert run("snapshot", "diff", "one", "two", *there).stdout.splitlines() == [
        "emma 100: member 2010 bob@shop.test was added",
        "clock: 2024-05-01T12:00:00Z frozen -> 2024-05-01T12:00:01Z frozen",
    ]
    assert run("snapshot", "diff", "two", *there).stdout == "emma 100: member 2011 cat@shop.test was added\n"
    assert run("snapshot", "diff", "start", "one", *there).stdout == "emma 100: member 2009 ann@shop.test was added\n"


def test_what_is_over_the_limit_is_said_to_be_left_out(there: tuple[str, ...]) -> None:
    add(there, "ann", "bob", "cat")
    assert run("snapshot", "diff", "--limit", "1", *there).stdout.splitlines() == [
        "emma 100: member 2009 ann@shop.test was added",
        "and 2 more; --limit shows them",
    ]


@pytest.mark.parametrize("name", ["state.json", "state.yaml"])
def test_an_exported_file_is_valid_and_brings_the_state_back(
    there: tuple[str, ...], emulator: Running, tmp_path: Path, name: str
) -> None:
    add(there, "ann")
    file = tmp_path / name
    done = run("snapshot", "export", "--output", str(file), *there)
    assert (done.returncode, done.stdout) == (0, f"wrote {file}\n")
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    assert run("validate", str(file)).stdout == f"{file}: valid; accounts: 1 of emma, 1 of engagelab\n"
    assert run("seed", str(file), *there[:2], "--world", f"again-{file.suffix[1:]}").returncode == 0
    members = [
        httpx2.get(f"{emulator.url}/_world/{world}/100/members", headers=HEADERS, trust_env=False).text
        for world in (there[3], f"again-{file.suffix[1:]}")
    ]
    assert members[0] == members[1]
    assert "ann@shop.test" in members[0]


def test_a_file_with_credentials_is_its_owners(there: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    run("snapshot", "export", "--output", str(file), *there)
    file.chmod(0o644)
    run("snapshot", "export", "--output", str(file), "--credentials", *there)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_exported_file_can_be_started_with(there: tuple[str, ...], tmp_path: Path) -> None:
    add(there, "ann")
    file = tmp_path / "state.json"
    run("snapshot", "export", "--output", str(file), "--credentials", *there)
    with running(tmp_path, "--scenario", str(file), "--accounts", "closed") as other:
        answer = httpx2.get(f"{other.url}/100/members/email/ann@shop.test", headers=HEADERS, trust_env=False)
    assert answer.status_code == 200


def test_a_snapshot_is_written_to_standard_output(there: tuple[str, ...]) -> None:
    run("snapshot", "save", "before", *there)
    add(there, "ann")
    done = run("snapshot", "export", "before", *there)
    assert done.returncode == 0
    assert "ann@shop.test" not in done.stdout
    assert "private_key" not in done.stdout
    assert [each["account_id"] for each in json.loads(done.stdout)["emma"]["accounts"]] == [100]
    assert "ann@shop.test" in run("snapshot", "export", *there).stdout


def test_jobs_under_way_are_refused_unless_they_may_fail(there: tuple[str, ...], tmp_path: Path) -> None:
    path = f"{there[1]}/_world/{there[3]}/100/members"
    httpx2.post(path, json={"members": [{"email": "ann@shop.test"}]}, headers=HEADERS, trust_env=False)
    file = tmp_path / "state.json"
    file.write_text("what was there before")
    done = run("snapshot", "export", "--output", str(file), *there)
    assert (done.returncode, "a job is under way" in done.stderr) == (1, True)
    assert file.read_text() == "what was there before"
    assert run("snapshot", "export", "--unfinished", "fail", "--output", str(file), *there).returncode == 0
    assert "was under way" in file.read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["export", "nothing"], 1, "there is no snapshot 'nothing'"),
        (["export", "--output", "state.txt"], 2, "the name must end in .json, .yaml, .yml"),
        (["export", "--output", "no-such-folder/state.json"], 2, "no-such-folder/state.json: No such file"),
        (["export", "--unfinished", "perhaps"], 2, "invalid choice"),
        (["save", "one", "two"], 2, "snapshot save: 'two' is one name too many"),
        (["diff", "nothing"], 1, "there is no snapshot 'nothing'"),
        (["diff", "--limit", "many"], 2, "invalid int value"),
        (["diff", "--limit", "-1"], 1, "limit: '-1' is no number"),
    ],
)
def test_a_refusal_is_one_line_and_an_exit_code(emulator: Running, arguments: list[str], code: int, words: str) -> None:
    done = run("snapshot", *arguments, "--url", emulator.url)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr
    assert words in done.stderr
