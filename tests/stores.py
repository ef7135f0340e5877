"""Stores that tests run on: memory, and a directory whose worlds must be the same when they are read again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from emulator import create_app
from emulator.app import EmulatorApp
from emulator.core.durable.document import tables_of
from emulator.core.durable.steps import Settings as WorldSettings
from emulator.core.durable.steps import encode
from emulator.core.world import World
from emulator.core.worlds import Worlds
from emulator.settings import Settings

Folders = Callable[[], Path]


class Memory:
    """Clients of emulators that keep nothing."""

    def make(self, headers: dict[str, str], **settings: Any) -> TestClient:
        return _client(create_app(Settings(**settings)), headers)

    def check(self) -> None:
        """Nothing was kept."""


class OnDisk:
    """Clients of emulators that keep their worlds; in the end each is read again as after a kill, and compared."""

    def __init__(self, folder: Folders) -> None:
        self._folder = folder
        self._made: list[tuple[EmulatorApp, Settings]] = []

    def make(self, headers: dict[str, str], **settings: Any) -> TestClient:
        complete = Settings(**{"store": str(self._folder()), **settings})
        app = create_app(complete)
        self._made.append((app, complete))
        return _client(app, headers)

    def check(self) -> None:
        for app, settings in self._made:
            before = kill(app)
            again = create_app(settings)
            try:
                assert {world.name: contents(world) for world in again.state.worlds} == before
            finally:
                release(again)


def kill(app: EmulatorApp) -> dict[str, Any]:
    """Leave the directory as a killed process does that had answered; what its worlds held."""
    worlds: Worlds = app.state.worlds
    for world in worlds:
        assert world.file is not None
        world.file.touch_all()
        asyncio.run(world.file.flush())
    held = {world.name: contents(world) for world in worlds}
    release(app)
    return held


def release(app: EmulatorApp) -> None:
    """Let go of the directory, without writing anything."""
    directory = app.state.worlds.directory
    assert directory is not None
    directory.release()


def contents(world: World) -> dict[str, list[bytes]]:
    """All that a store keeps of a world, by table."""
    tables = tables_of(world, 0)
    return {name: sorted(map(_comparable, documents)) for name, documents in tables}


def _comparable(document: object) -> bytes:
    if isinstance(document, WorldSettings) and document.mode != "frozen":
        document.latest = 0.0  # time has passed
    return encode(document)


def _client(app: EmulatorApp, headers: dict[str, str]) -> TestClient:
    return TestClient(app, headers=headers, raise_server_exceptions=False)
