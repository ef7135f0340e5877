"""A directory that can not be read is refused in one line, and left as it is."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.app import create_app
from emulator.core.durable.log import read_records
from emulator.core.errors import UserError
from emulator.settings import Settings
from tests.durable.directories import LOCK, NOON, content, killed, opened
from tests.emma.support import add, emails, ok, update
from tests.process import run, running

Tables = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a checkpoint and no log."""
    folder = tmp_path_factory.mktemp("written") / "worlds"
    with opened(folder, clock=NOON) as client:
        fill(client)
    return folder


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a killed emulator: with a checkpoint and a log."""
    folder = tmp_path_factory.mktemp("interrupted") / "worlds"
    with opened(folder, clock=NOON) as client:
        add(client, "ann@shop.test")
        add(client, "bob@shop.test")
    with opened(folder) as client:
        for number in range(3):
            add(client, f"later-{number}@shop.test")
        return killed(folder)


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A copy of the first one, to be spoilt."""
    return copy(written, tmp_path)


@pytest.fixture
def unfinished(interrupted: Path, tmp_path: Path) -> Path:
    """A copy of the second one, to be spoilt."""
    return copy(interrupted, tmp_path)


def copy(folder: Path, parent: Path) -> Path:
    return Path(shutil.copytree(folder, parent / "worlds", ignore=shutil.ignore_patterns(LOCK)))


def fill(client: Any) -> None:
    add(client, "ann@shop.test")
    add(client, "bob@shop.test")
    ok(client.post("/100/members", json={"members": [{"email": "cat@shop.test"}, {"email": "dan@shop.test"}]}))
    ok(
        client.post(
            "/v1/marketing/lists/members", json={"members": [{"email": "eve@shop.test"}], "update_existing": False}
        )
    )
    assert client.put("/_emulator/snapshots/before").status_code == 201


def start(folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return run("start", "--port", "0", "--store", f"tinydb:{folder}", **more)


def refused(folder: Path) -> str:
    """Why it is refused, in one line; nothing is changed then."""
    before = content(folder)
    with pytest.raises(UserError) as caught:
        create_app(Settings(store=str(folder)))
    assert content(folder) == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def refused_by_the_command(folder: Path) -> str:
    """The same by a process of its own."""
    before = content(folder)
    ended = start(folder)
    assert (ended.returncode, ended.stdout) == (2, ""), ended
    assert content(folder) == before
    assert ended.stderr == f"emulator: {refused(folder)}\n"
    return ended.stderr


def spoil(path: Path, change: Callable[[Tables], Any]) -> None:
    tables = json.loads(path.read_bytes())
    change(tables)
    path.write_text(json.dumps(tables))


def test_a_newer_format_is_refused_by_the_command(folder: Path) -> None:
    spoil(folder / "default.json", lambda tables: tables["emulator"]["1"].update(format=3))
    assert "in format 3; this one reads format 2; upgrade, or" in refused_by_the_command(folder)


@pytest.mark.parametrize("name", ["default.json", "_start.json"])
def test_a_newer_format_is_refused_with_what_to_do(folder: Path, name: str) -> None:
    spoil(folder / name, lambda tables: tables["emulator"]["1"].update(format=3, unknown=[]))
    assert refused(folder) == (
        f"{folder / name} was written by a newer emulator, in format 3; this one reads format 2; "
        "upgrade, or name another directory"
    )


@pytest.mark.parametrize("name", ["default.json", "_start.json"])
@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"hello",
        b"[1, 2]",
        b"{}",
        b'{"a": 1}',
        b'{"a": {"1": {}}}',
        b"\xff\xfe",
        b"\0" * 4096,
        b"[" * 100_000,
    ],
    ids=["empty", "brace", "text", "list", "object", "number", "other", "bytes", "zeros", "deep"],
)
def test_a_checkpoint_that_is_something_else_is_refused(folder: Path, name: str, text: bytes) -> None:
    (folder / name).write_bytes(text)
    said = refused(folder)
    assert said.startswith(f"{folder / name} is damaged or unreadable: ")
    assert said.endswith("; restore the directory from a copy, or name another one")


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_checkpoint_that_was_cut_is_refused(folder: Path, part: float) -> None:
    path = folder / "default.json"
    text = path.read_bytes()
    path.write_bytes(text[: int(len(text) * part)])
    assert refused(folder).startswith(f"{path} is damaged or unreadable: ")


@pytest.mark.parametrize(
    "change",
    [
        lambda tables: tables.pop("emulator"),
        lambda tables: tables.pop("accounts"),
        lambda tables: tables["emulator"].clear(),
        lambda tables: tables["emulator"].update({"2": tables["emulator"]["1"]}),
        lambda tables: tables["emulator"].update({"1": []}),
        lambda tables: tables["emulator"]["1"].update(format=True),
        lambda tables: tables["emulator"]["1"].update(format="1"),
        lambda tables: tables["emulator"]["1"].update(generation=None),
        lambda tables: tables["emulator"]["1"].update(world="other"),
        lambda tables: tables["settings"]["1"].update(mode="stopped"),
        lambda tables: tables["settings"]["1"]["behaviours"].update({"emma.deletion": "nonsense"}),
        lambda tables: tables["accounts"]["1"].update(vendor="acme"),
        lambda tables: tables["accounts"]["1"].update(account="one"),
        lambda tables: tables["accounts"]["1"].update(state=[]),
        lambda tables: tables["emma/100/members"].update({"1": 7}),
        lambda tables: tables["emma/100/members"]["1"].update(member_id="x"),
        lambda tables: tables["emma/100/members"]["1"].pop("address"),
        lambda tables: tables["engagelab/api_user/members"]["1"].update(email=None),
        lambda tables: tables["jobs"]["1"].update(kind="dance"),
        lambda tables: tables["jobs"]["1"]["work"].update(rows=[{"numbers": [1, 2], "json": "[1]"}]),
        lambda tables: tables["jobs"]["1"]["work"]["progress"].update(unread=77),
        lambda tables: tables["jobs"]["1"].update(account="no"),
        lambda tables: tables["snapshots"].update({"1": {"name": 1}}),
        lambda tables: tables["snapshots/before/emma/100/members"]["1"].update(email=1),
    ],
)
def test_a_checkpoint_with_a_wrong_document_is_refused(folder: Path, change: Callable[[Tables], Any]) -> None:
    spoil(folder / "default.json", change)
    assert refused(folder).startswith(f"{folder / 'default.json'} is damaged or unreadable: ")


def test_a_document_of_a_wrong_type_is_refused_by_the_command_too(folder: Path) -> None:
    spoil(folder / "default.json", lambda tables: tables["emma/100/members"]["1"].update(member_id="x"))
    assert "Expected `int`, got `str`" in refused_by_the_command(folder)


@pytest.mark.parametrize("line", [0, 1])
@pytest.mark.parametrize(
    "damaged",
    [
        lambda text: text.replace(b"later", b"Later"),
        lambda text: b"",
        lambda text: text[:-10],
        lambda text: b"00000000 " + text[9:],
        lambda text: text[:20],
        lambda text: b"\0" * len(text),
    ],
)
def test_a_damaged_line_that_is_not_the_last_is_refused(
    unfinished: Path, line: int, damaged: Callable[[bytes], bytes]
) -> None:
    path = unfinished / "default.1.log"
    lines = path.read_bytes().split(b"\n")
    lines[line] = damaged(lines[line])
    path.write_bytes(b"\n".join(lines))
    assert f"default.1.log is damaged or unreadable: line {line + 1} is damaged; " in refused(unfinished)


def test_a_damaged_log_is_refused_by_the_command_too(unfinished: Path) -> None:
    path = unfinished / "default.1.log"
    path.write_bytes(path.read_bytes().replace(b"later-0", b"later-9"))
    assert refused_by_the_command(unfinished) == (
        f"emulator: {path} is damaged or unreadable: line 1 is damaged; "
        "restore the directory from a copy, or name another one\n"
    )


def test_a_log_that_is_missing_before_another_is_refused(unfinished: Path) -> None:
    path = unfinished / "default.1.log"
    path.rename(unfinished / "default.2.log")
    assert refused_by_the_command(unfinished) == (
        f"emulator: {unfinished / 'default.2.log'}: a log before it is missing; "
        "restore the directory from a copy, or name another one\n"
    )


def test_a_log_without_its_checkpoint_is_refused(unfinished: Path) -> None:
    (unfinished / "default.json").unlink()
    assert "default.1.log: a log before it is missing" in refused(unfinished)


def test_a_log_that_is_older_than_the_checkpoint_is_passed_over(unfinished: Path) -> None:
    (unfinished / "default.0.log").write_bytes(b"whatever it is\n")
    with opened(unfinished) as client:
        assert len(emails(client)) == 5
    assert sorted(content(unfinished)) == ["_start.json", "default.json"]


def test_a_last_line_that_was_torn_is_dropped_alone(unfinished: Path) -> None:
    path = unfinished / "default.1.log"
    text = path.read_bytes()
    start = text.rindex(b"\n", 0, -1) + 1
    for size in [*range(start, start + 12), *range(start + 12, len(text), 97), len(text) - 2, len(text) - 1]:
        path.write_bytes(text[:size])
        with opened(killed(unfinished)) as client:
            assert emails(client)[2:] == ["later-0@shop.test", "later-1@shop.test"], size
            # Nothing of it is left: its id is given out again, because nobody was told of it.
            assert add(client, "new@shop.test") == 1028


def test_a_last_line_can_be_torn_anywhere(unfinished: Path) -> None:
    text = (unfinished / "default.1.log").read_bytes()
    start = text.rindex(b"\n", 0, -1) + 1
    whole = list(read_records(text, newest=True))
    assert len(whole) == 3
    for size in range(start, len(text)):
        assert list(read_records(text[:size], newest=True)) == whole[:2], size


def test_zeros_after_the_last_line_are_taken_for_a_torn_one(unfinished: Path) -> None:
    path = unfinished / "default.1.log"
    with path.open("ab") as file:
        file.write(b"\0" * 4096)
    with opened(unfinished) as client:
        assert len(emails(client)) == 5


def test_what_is_written_after_a_torn_line_is_read_again(unfinished: Path) -> None:
    path = unfinished / "default.1.log"
    path.write_bytes(path.read_bytes()[:-5])
    with opened(unfinished) as client:
        member_id = add(client, "new@shop.test")
        update(client, member_id, fields={"first_name": "New"})
        twin = killed(unfinished)
        wanted = client.get("/100/members").content
    with opened(twin) as client:
        assert client.get("/100/members").content == wanted


def test_a_directory_that_another_process_uses_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "worlds"
    with running(tmp_path, "--store", f"tinydb:{folder}") as started:
        before = content(folder)
        ended = start(folder)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert ended.stderr == (
            f"emulator: {folder} is used by another emulator; stop that one or name another directory\n"
        )
        assert content(folder) == before
        assert started.stop()[0::2] == (0, "")
    with opened(folder) as client:
        assert emails(client) == []


def test_a_directory_can_be_used_twice_in_one_process_but_not_at_once(tmp_path: Path) -> None:
    with opened(tmp_path / "worlds"), pytest.raises(UserError, match="is used by another emulator"):
        create_app(Settings(store=str(tmp_path / "worlds")))
    with opened(tmp_path / "worlds"):
        pass


@pytest.mark.parametrize("name", ["notes.txt", "default.json", "default.0.log", "photo.jpg"])
def test_a_directory_of_something_else_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / name).write_text("mine")
    assert refused(folder) == f"{folder} holds something else than worlds, such as {name}; name an empty one"


def test_a_foreign_file_beside_worlds_stays(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    with opened(folder) as client:
        assert len(emails(client)) == 2
    assert (folder / "notes.txt").read_text() == "mine"


def test_a_foreign_document_beside_worlds_is_named(folder: Path) -> None:
    (folder / "package.json").write_text('{"name": {"1": {}}}')
    assert refused(folder).startswith(f"{folder / 'package.json'} is damaged or unreadable: it is no file of an emul")


def test_a_directory_in_the_place_of_a_checkpoint_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "worlds"):
        pass
    (tmp_path / "worlds" / "other.json").mkdir()
    with pytest.raises(UserError, match=r"other\.json is damaged or unreadable: Is a directory"):
        create_app(Settings(store=str(tmp_path / "worlds")))


def test_a_file_in_the_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "worlds"
    path.write_text("mine")
    ended = start(path)
    assert (ended.returncode, ended.stderr) == (2, f"emulator: {path} can not be used: File exists\n")
    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", ["file/worlds", f"{LOCK}/.."])
def test_a_path_that_can_be_no_directory_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / LOCK).mkdir()
    with pytest.raises(UserError, match=r" can not be used: "):
        create_app(Settings(store=str(tmp_path / name)))


def test_after_a_refusal_the_directory_is_not_locked(folder: Path) -> None:
    text = (folder / "default.json").read_bytes()
    (folder / "default.json").write_bytes(text[:100])
    with pytest.raises(UserError, match="damaged"):
        create_app(Settings(store=str(folder)))
    (folder / "default.json").write_bytes(text)
    with opened(folder) as client:
        assert emails(client) == ["ann@shop.test", "bob@shop.test"]


def test_a_scenario_that_is_wrong_leaves_the_directory_empty(tmp_path: Path) -> None:
    folder = tmp_path / "worlds"
    ended = start(folder, EMULATOR_SCENARIO="nothing-of-the-kind")
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert content(folder) == {}
    with opened(folder) as client:
        assert emails(client) == []


@pytest.mark.parametrize("store", ["tinydb:", "sqlite:x"])
def test_a_store_of_another_kind_is_refused(store: str) -> None:
    ended = run("start", "--port", "0", "--store", store)
    assert ended.returncode == 2
    assert ended.stderr == (f"emulator: --store: {store!r} is not valid; give memory or tinydb:DIRECTORY\n")
