"""The worlds of one emulator, each a copy of the state it started with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from emulator.core.behaviours import Behaviours
from emulator.core.errors import Conflict, UnknownName, UserError
from emulator.core.jobs import Jobs
from emulator.core.journal import Journal
from emulator.core.names import is_name
from emulator.core.vendor import Vendor
from emulator.core.webhooks.courier import Courier
from emulator.core.webhooks.outbox import Outbox
from emulator.core.webhooks.reach import Reach
from emulator.core.world import World

if TYPE_CHECKING:
    from emulator.core.durable.directory import Directory
    from emulator.core.scenarios.progress import Progress

DEFAULT = "default"
_MOST_GONE = 10_000


class TooManyWorlds(UserError):
    """The cap that protects memory is reached; no world is ever dropped to make room."""

    status = 503


class Worlds:
    """Worlds by name. `ready` is whether the start-up scenario is in; before that no world is handed out.

    `loading` has the names of the worlds into which a scenario is being loaded, and how far that is.
    """

    def __init__(
        self,
        vendors: Sequence[Vendor],
        *,
        cap: int,
        journal_entries: int,
        journal_bytes: int,
        open_accounts: bool,
        reach: Reach | None = None,
    ) -> None:
        self.vendors = vendors
        self.cap = cap
        self.ready = False
        self.directory: Directory | None = None
        self.loading: dict[str, Progress] = {}
        declared = Behaviours(behaviour for vendor in vendors for behaviour in vendor.behaviours)
        self.start = World("start", vendors, declared, Journal(journal_entries, journal_bytes), is_open=open_accounts)
        self.start.outbox = Outbox(Courier(reach))
        self._worlds: dict[str, World] = {}
        self._once: set[str] = set()
        self._gone: dict[str, None] = {}
        """Names of worlds that were made once and dropped, the latest last."""

    def open(self) -> None:
        """The start-up state is complete: hand out worlds from now on. The default world never lacks room."""
        if DEFAULT not in self._worlds:
            self.create(DEFAULT)
        self.ready = True

    def keep(self, directory: Directory) -> None:
        """Keep the start-up state and all worlds in an empty directory. Raises UserError."""
        directory.keep_start(self.start, self.vendors)
        self.directory = directory

    def load(self, directory: Directory) -> None:
        """Go on with what a directory holds, and keep it there. Raises UserError."""
        vendors = {vendor.id: vendor for vendor in self.vendors}
        self._worlds = {world.name: world for world in directory.load(self.start, vendors)}
        self.directory = directory

    def close(self) -> None:
        """Nothing happens any more: leave everything on disk, if it is kept there. Raises UserError."""
        if self.directory is not None:
            self.directory.close(list(self))

    def get(self, name: str) -> World:
        """The world of this name, made on first use. Raises UserError for a bad name or when the cap is reached."""
        world = self._worlds.get(name)
        if world is not None:
            return world
        if name in self._gone:
            raise UnknownName(f"world {name!r} was dropped; make it anew with POST /_emulator/worlds")
        return self.create(name)

    def create(self, name: str, *, once: bool = False) -> World:
        """Make a world that must not exist yet. One that is made `once` is not made again on first use after it was
        dropped, so that a call that comes late does not bring it back.
        """
        if name in self._worlds:
            raise Conflict(f"world {name!r} exists already; reset it or drop it first")
        if not is_name(name):
            raise UserError(
                "world names have 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first"
            )
        if len(self._worlds) >= self.cap:
            raise TooManyWorlds(
                f"there are {self.cap} worlds already, the limit; drop some with DELETE /_emulator/worlds/NAME "
                "or start with a higher --max-worlds"
            )
        world = self.start.copy(name)
        if self.directory is not None:
            self.directory.create(world, self.start)
        self._worlds[name] = world
        self._gone.pop(name, None)
        if once:
            self._once.add(name)
        return world

    def blank(self) -> World:
        """A world of nobody's, without accounts, faults and limits, with the behaviours of the start."""
        return self.start.blank("blank")

    def drop(self, name: str) -> None:
        """Forget a world and all that is in it."""
        if name not in self._worlds:
            raise UnknownName(f"there is no world {name!r}; GET /_emulator/worlds lists them")
        world = self._worlds[name]
        if world.file is not None:
            world.file.remove()
            world.file = None
        del self._worlds[name]
        if name in self._once:
            self._once.discard(name)
            self._gone[name] = None
            while len(self._gone) > _MOST_GONE:
                del self._gone[next(iter(self._gone))]
        world.jobs = Jobs()  # so that nothing goes on in it
        world.outbox.close()

    def __iter__(self) -> Iterator[World]:
        return iter(self._worlds.values())
