"""A directory of worlds on disk, and the lock on it; the start-up state lies there, too, as `_start.json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from emulator.core.durable.checkpoint import CheckpointStorage
from emulator.core.durable.disk import NEW
from emulator.core.durable.document import Header, Tables, load, tables_of
from emulator.core.durable.file import WorldFile
from emulator.core.durable.log import Damaged, Newer, check_format, read_records
from emulator.core.durable.names import WorldNames, stem_of, stems, world_of
from emulator.core.durable.replay import replay
from emulator.core.durable.steps import FORMAT
from emulator.core.durable.threads import Threads
from emulator.core.errors import Invalid, NotStored, UserError, reason_of
from emulator.core.scenarios.export import failures
from emulator.core.scenarios.scenario import load_failures
from emulator.core.vendor import Vendor
from emulator.core.world import World

_START = "_start"
_LOCK = ".lock"
_FAILURES = "failures"


class Directory:
    """The worlds of one emulator on disk; no other process can open it meanwhile."""

    def __init__(self, path: Path) -> None:
        """Make and lock it. Raises UserError."""
        self.path = path
        self._lock = FileLock(path / _LOCK, mode=0o600, thread_local=False)
        self._threads = Threads()
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire(blocking=False)
        except Timeout:
            raise UserError(f"{path} is used by another emulator; stop that one or name another directory") from None
        except OSError as error:
            raise UserError(f"{path} can not be used: {reason_of(error)}") from None

    def is_empty(self) -> bool:
        """Whether it holds no worlds yet. Raises UserError when it holds something else."""
        entries = {entry.name for entry in self.path.iterdir() if not entry.name.endswith(NEW)} - {_LOCK}
        if entries and f"{_START}.json" not in entries:
            raise UserError(f"{self.path} holds something else than worlds, such as {min(entries)}; name an empty one")
        return not entries

    def keep_start(self, start: World, vendors: Sequence[Vendor]) -> None:
        """Write down what worlds begin as. Raises UserError."""
        tables = [*tables_of(start, 0), (_FAILURES, [failures(start, vendors, credentials=True)])]
        try:
            CheckpointStorage(self._names(_START).checkpoint).write_tables(tables)
        except (OSError, UnicodeEncodeError) as error:
            raise UserError(f"{self.path} can not be written: {reason_of(error)}") from None

    def load(self, start: World, vendors: Mapping[str, Vendor]) -> list[World]:
        """Read the start-up state, and the worlds that there are. Raises UserError, and has changed no file then."""
        self._load_start(start, vendors)
        found = stems(self.path) - {_START}
        loaded = [self._load(world_of(stem), start, vendors) for stem in sorted(found)]
        # What a kill left behind just before it would have been removed or put in place.
        with suppress(OSError):
            for unfinished in self.path.glob(f"*{NEW}"):
                unfinished.unlink()
        for world, generation, oldest in loaded:
            with suppress(OSError):
                self._names(world.name).remove_logs(before=oldest)
            self._attach(world, start, generation, oldest)
            assert world.file is not None
            if generation > oldest:
                world.file.switch()
        return [world for world, _, _ in loaded]

    def create(self, world: World, start: World) -> None:
        """Keep a world that begins as the start."""
        self._attach(world, start, 0, 0)
        assert world.file is not None
        world.file.create()

    def close(self, worlds: list[World]) -> None:
        """Leave a checkpoint of each world, and unlock the directory. Raises UserError when something is not kept."""
        failures = []
        for world in worlds:
            try:
                if world.file is not None:
                    world.file.close()
            except NotStored as error:
                failures.append(f"world {world.name!r}: {error.reason}")
        self.release()
        if failures:
            raise UserError(f"{self.path}: not everything could be written; {'; '.join(failures)}")

    def release(self) -> None:
        """Unlock it, and write no more."""
        self._threads.close()
        self._lock.release()

    def _load_start(self, start: World, vendors: Mapping[str, Vendor]) -> None:
        names = self._names(_START)
        self._load_checkpoint(names, start, vendors)
        documents = CheckpointStorage(names.checkpoint).read_raw().get(_FAILURES, ())
        try:
            for document in documents:
                load_failures(msgspec.json.decode(document, type=dict[str, object]), start, list(vendors.values()))
        except (Invalid, ValueError) as error:
            raise _unreadable(names.checkpoint, error) from None

    def _names(self, world: str) -> WorldNames:
        return WorldNames(self.path, world if world == _START else stem_of(world))

    def _attach(self, world: World, start: World, generation: int, oldest: int) -> None:
        names = self._names(world.name)
        world.file = WorldFile(world, lambda state: state is start, names, self._threads, generation, oldest)

    def _load(self, name: str, start: World, vendors: Mapping[str, Vendor]) -> tuple[World, int, int]:
        """A world, the generation of the log to go on with, and that of the first log since the checkpoint."""
        names = self._names(name)
        if names.checkpoint.exists():
            world = start.blank(name)
            # They are not kept, so they are those of the start.
            world.restore(start, ("faults", "limits"))
            first = self._load_checkpoint(names, world, vendors)
        else:
            world, first = start.copy(name), 0
        generations = [generation for generation in names.generations() if generation >= first]
        if generations != list(range(first, first + len(generations))):
            raise UserError(f"{names.log(generations[0])}: a log before it is missing; {_MEND}")
        for generation in generations:
            newest = generation == generations[-1]
            self._replay(names.log(generation), world, start, vendors, newest=newest)
        return world, first + len(generations), first

    def _load_checkpoint(self, names: WorldNames, world: World, vendors: Mapping[str, Vendor]) -> int:
        """The generation that it is of."""
        path = names.checkpoint
        try:
            tables = CheckpointStorage(path).read_raw()
            header = _header(tables, world.name)
            load(tables, world, vendors)
        except (OSError, UserError, LookupError, ValueError) as error:
            raise _unreadable(path, error) from None
        return header.generation

    def _replay(self, path: Path, world: World, start: World, vendors: Mapping[str, Vendor], *, newest: bool) -> None:
        try:
            for record in read_records(path.read_bytes(), newest=newest):
                replay(record, world, start, vendors)
        except (OSError, UserError, LookupError, ValueError) as error:
            raise _unreadable(path, error) from None


_MEND = "restore the directory from a copy, or name another one"


def _header(tables: Tables, world: str) -> Header:
    """Raises Damaged and msgspec's errors."""
    documents = tables.get("emulator", ())
    if len(documents) != 1:
        raise Damaged("it is no file of an emulator")
    check_format(bytes(documents[0]))
    header = msgspec.json.decode(documents[0], type=Header)
    if world != header.world:
        raise Damaged(f"it is of world {header.world!r}")
    return header


def _unreadable(path: Path, error: Exception) -> UserError:
    if isinstance(error, Newer):
        return UserError(
            f"{path} was written by a newer emulator, in format {error.number}; this one reads format {FORMAT}; "
            "upgrade, or name another directory"
        )
    reason = f"something is missing, {error}" if isinstance(error, LookupError) else reason_of(error)
    return UserError(f"{path} is damaged or unreadable: {reason}; {_MEND}")
