"""Emulators that keep their worlds in a directory, and what tests ask of such a directory."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from starlette.testclient import TestClient

from emulator import create_app
from emulator.app import EmulatorApp
from emulator.settings import Settings
from tests.support import AUTH

NOON = {"mode": "frozen", "at": "2024-05-01T12:00:00Z"}
LOCK = ".lock"


@contextmanager
def opened(folder: Path, **settings: Any) -> Iterator[TestClient]:
    """A client of an emulator in this process, which ends in good order."""
    app = create_app(Settings(store=str(folder), **settings))
    try:
        yield TestClient(app, headers={"Authorization": AUTH}, raise_server_exceptions=False)
    finally:
        app.close()


def close(client: TestClient) -> None:
    assert isinstance(client.app, EmulatorApp)
    client.app.close()


def killed(folder: Path) -> Path:
    """A directory as it were if the emulator had been killed now."""
    while True:
        twin = Path(mkdtemp(dir=folder.parent)) / folder.name
        before = _state(folder)
        with suppress(FileNotFoundError, shutil.Error):
            shutil.copytree(folder, twin, ignore=shutil.ignore_patterns(LOCK))
            # A copy takes a while; one that something was written during is no state that ever was.
            if _state(folder) == before:
                return twin


def content(folder: Path) -> dict[str, bytes]:
    """All files of an instant, but for the lock."""
    while True:
        before = _state(folder)
        with suppress(FileNotFoundError):
            found = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != LOCK}
            if _state(folder) == before:
                return found


def _state(folder: Path) -> dict[str, tuple[int, int, int]]:
    """What tells whether a file was written."""
    while True:
        with suppress(FileNotFoundError):
            stats = {path.name: path.stat() for path in folder.iterdir()}
            return {name: (each.st_ino, each.st_size, each.st_mtime_ns) for name, each in stats.items()}


def mentioning(folder: Path, *words: str) -> list[str]:
    """The names of the files in which one of these texts stands."""
    return sorted(
        name for name, text in content(folder).items() if any(word.lower().encode() in text.lower() for word in words)
    )


def failing(*errors: OSError) -> Callable[..., Any]:
    """In the place of a function: raises these errors, then the last of them for good."""
    left = list(errors)

    def fail(*arguments: Any) -> Any:
        raise left.pop(0) if len(left) > 1 else left[0]

    return fail
