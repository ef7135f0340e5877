"""States of a world that a tester kept under a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from emulator.core.errors import Conflict, UnknownName, UserError
from emulator.core.names import is_name

if TYPE_CHECKING:
    from emulator.core.world import World

MOST = 100
"""Snapshots of one world; each shares its rows with the world until one of them changes."""


class Snapshot(NamedTuple):
    """Accounts, jobs, clock and behaviours as they were at an instant of the world's time; the rest is not kept."""

    name: str
    at: float
    state: World


class Snapshots:
    """The snapshots of one world, in the order in which they were first taken."""

    __slots__ = ("_snapshots",)

    def __init__(self) -> None:
        self._snapshots: dict[str, Snapshot] = {}

    def __iter__(self) -> Iterator[Snapshot]:
        return iter(self._snapshots.values())

    def get(self, name: str) -> Snapshot:
        """Raises UnknownName."""
        if name not in self._snapshots:
            raise UnknownName(f"there is no snapshot {name!r}; GET /_emulator/snapshots lists them")
        return self._snapshots[name]

    def save(self, world: World, name: str) -> Snapshot:
        """Keep the world as it is, in place of what had the name before. Raises UserError."""
        if not is_name(name):
            raise UserError(
                "snapshot names have 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first"
            )
        if name not in self._snapshots and len(self._snapshots) >= MOST:
            raise Conflict(f"there are {MOST} snapshots already, the limit; drop some first")
        snapshot = Snapshot(name, world.clock.now(), world.kept(name))
        self.put(snapshot)
        if world.file is not None:
            world.file.saved(snapshot)
        return snapshot

    def put(self, snapshot: Snapshot) -> None:
        """Take in one that was kept."""
        self._snapshots[snapshot.name] = snapshot

    def drop(self, world: World, name: str) -> None:
        """Forget one of this world's. Raises UnknownName."""
        self.get(name)
        del self._snapshots[name]
        if world.file is not None:
            world.file.dropped(name)
