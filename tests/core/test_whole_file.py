"""Files that appear whole, and stay their owner's."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from emulator.core.whole_file import OWNER, write_whole


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


def test_it_takes_the_place_of_what_is_there_and_leaves_nothing_else(file: Path) -> None:
    file.write_text("before")
    write_whole(file, b"after")
    assert [(each.name, each.read_text()) for each in file.parent.iterdir()] == [("state.json", "after")]


@pytest.mark.parametrize("before", [None, 0o666])
def test_what_is_its_owners_is_so_whatever_the_umask_and_what_was_there(file: Path, before: int | None) -> None:
    if before is not None:
        file.touch()
        file.chmod(before)
    umask = os.umask(0)
    try:
        write_whole(file, b"secret", OWNER)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_link_that_somebody_planted_is_not_followed(file: Path) -> None:
    victim = file.with_name("victim")
    victim.write_text("mine")
    for name in (f".state.json.{os.getpid()}", f"state.json.{os.getpid()}"):
        file.with_name(name).symlink_to(victim)
    write_whole(file, b"after")
    assert (victim.read_text(), file.read_text(), file.is_symlink()) == ("mine", "after", False)


def test_a_link_planted_at_the_last_moment_is_an_error(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = file.with_name("victim")
    victim.write_text("mine")
    file.with_name(f".state.json.{os.getpid()}").symlink_to(victim)
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
    with pytest.raises(FileExistsError):
        write_whole(file, b"after")
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("durable", [True, False])
def test_a_full_disk_leaves_what_was_there(file: Path, monkeypatch: pytest.MonkeyPatch, durable: bool) -> None:
    file.write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((os, "fsync", full) if durable else (Path, "replace", full)))
    with pytest.raises(OSError, match="No space left"):
        write_whole(file, b"after", durable=durable)
    assert [(each.name, each.read_text()) for each in file.parent.iterdir()] == [("state.json", "before")]
