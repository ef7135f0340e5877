"""What happens to a world, as it is written down: a step says how something is now, or names a change of the whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import msgspec
from msgspec import Struct

from emulator.core.clock import Clock, Mode
from emulator.core.jobs import Job, Pace, State
from emulator.core.world import Scope, World

if TYPE_CHECKING:
    Later = Any
else:
    # Written from whatever object it is, read as the bytes it was, because only the account knows its type.
    Later = msgspec.Raw


class Settings(Struct, tag_field="do", tag="settings"):
    """How time runs in the world, and what was chosen."""

    mode: Mode
    offset: float
    latest: float
    behaviours: dict[str, str]


class AccountState(Struct, tag_field="do", tag="account"):
    """What an account is beside its rows; one that is not known yet comes into being."""

    vendor: str
    account: str
    state: Later


class Rows(Struct, tag_field="do", tag="rows"):
    """Rows of a table: first the keys in `drop` go, then the rows in `put` come, each in place of that of its key."""

    vendor: str
    account: str
    table: str
    drop: list[Any]
    put: Later


class JobState(Struct, tag_field="do", tag="job", omit_defaults=True):
    """A job: with its whole `work`, or with its progress since that was written; neither when it is over."""

    id: int
    vendor: str
    account: str
    kind: str
    subject: int
    created: float
    pace: Pace
    total: int
    state: State
    held: bool = False
    rushed: bool = False
    done: int = 0
    begun: float | None = None
    ended: float | None = None
    message: str | None = None
    work: Later = msgspec.Raw(b"null")
    progress: Later = msgspec.Raw(b"null")


class Save(Struct, tag_field="do", tag="save snapshot"):
    """Keep the world as it is by now, under a name; `at` is the world's time."""

    name: str
    at: float


class Drop(Struct, tag_field="do", tag="drop snapshot"):
    name: str


class Restore(Struct, tag_field="do", tag="restore"):
    """Return to a snapshot, or to the start, in these respects."""

    scopes: list[Scope]
    snapshot: str | None = None


class Clear(Struct, tag_field="do", tag="clear"):
    """No account and no job is left; what follows brings others."""


class Forget(Struct, tag_field="do", tag="forget"):
    """This account and its jobs are no more; what follows brings another one of its id."""

    vendor: str
    account: str


class Erase(Struct, tag_field="do", tag="erase"):
    """Rows of these ids go; what else mentions them, or one of the texts, is to be forgotten, in snapshots as well."""

    vendor: str
    account: str
    ids: list[Any]
    texts: list[str]


Step = Settings | AccountState | Rows | JobState | Save | Drop | Restore | Clear | Forget | Erase


FORMAT = 2
"""Another number whenever an older emulator could not read what is written, or would read it otherwise."""


class Record(Struct):
    """What is written at once: all that happened since the record before, in its order. `at` is the world's time."""

    steps: list[Step]
    at: float
    format: int = FORMAT


class Version(Struct):
    """What is read of a record that can not be read."""

    format: int = 0


def encode(value: object) -> bytes:
    """JSON in one line; a callable in it is written as what it returns."""
    return _ENCODER.encode(value)


def settings_of(world: World) -> Settings:
    clock = world.clock
    return Settings(clock.mode, clock.offset, clock.latest, world.behaviours.chosen())


def read_clock(settings: Settings) -> Clock:
    return Clock(settings.mode, settings.offset, settings.latest)


def job_state(job: Job) -> JobState:
    """A job without its work."""
    account = job.account
    return JobState(
        job.id,
        account.vendor,
        account.id,
        job.kind,
        job.subject,
        job.created,
        job.pace,
        job.work.total,
        job.state,
        job.held,
        job.rushed,
        job.done,
        job.begun,
        job.ended,
        job.message,
    )


def _call(value: object) -> object:
    return cast(Callable[[], object], value)()


_ENCODER = msgspec.json.Encoder(enc_hook=_call)
