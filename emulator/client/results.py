"""What control requests answer, as types; docs/control.md says what the words mean.

Instants are in UTC and of the world's time, durations in the unit that their name ends with.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct, field


class ClockState(Struct, frozen=True):
    mode: str
    now: datetime


class Loaded(Struct, frozen=True):
    """The world, and the ids of the accounts that it has now, by vendor."""

    world: str
    accounts: dict[str, list[str]]


class World(Struct, frozen=True):
    name: str
    accounts: dict[str, list[str]]
    journal_entries: int
    clock: str


class Snapshot(Struct, frozen=True):
    name: str
    at: datetime
    accounts: dict[str, list[str]]


class Job(Struct, frozen=True):
    id: int
    vendor: str
    account: str
    kind: str
    subject: Any
    state: str
    held: bool
    done: int
    total: int
    created: datetime
    begun: datetime | None
    ended: datetime | None
    message: str | None
    progress: str = "time"
    queue_seconds: float = 0.0
    units_per_second: float = 0.0


class Fault(Struct, frozen=True):
    """`calls` is how many requests it matched, `hits` how many of them it met; the rest is as it was asked for."""

    id: str
    operation: str
    when: str
    calls: int
    hits: int
    vendor: str | None = None
    account: str | None = None
    match: dict[str, Any] | None = None
    status: int | None = None
    message: str | None = None
    code: int | None = None
    delay: Any = None
    answer: str | None = None
    seconds: float | None = None
    nth: int | None = None
    first: int | None = None
    probability: float | None = None


class Caller(Struct, frozen=True):
    caller: str
    refused: int
    early: int


class Limit(Struct, frozen=True):
    vendor: str
    on: bool
    calls: int
    seconds: float
    callers: list[Caller]
    documented: dict[str, float] = {}


class Behaviour(Struct, frozen=True):
    id: str
    choice: str
    default: str
    choices: list[str]
    about: str
    evidence: str
    source: str
    least: float | None = None
    fixed_at_start: bool = False


class Refusal(Struct, frozen=True):
    stage: str
    kind: str
    why: str
    by: str | None = None


class Choice(Struct, frozen=True):
    """A behaviour that was looked up for a request."""

    id: str
    choice: str
    default: str
    about: str
    evidence: str
    source: str


class Explanation(Struct, frozen=True):
    rule: str | None
    source: str | None
    refused: Refusal | None
    unread: dict[str, list[str]] | None
    behaviours: list[Choice]


class Entry(Struct, frozen=True):
    """A request; bodies are JSON values where they are JSON, else texts; `_cut` is the true size of a cut one."""

    id: int
    at: datetime
    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    request: Any
    vendor: str | None
    operation: str | None
    account: str | None
    status: int | None
    response: Any
    duration_ms: float
    hint: str | None
    notes: list[str]
    explain: Explanation | None = None
    request_cut: int | None = None
    response_cut: int | None = None


class Kept(Struct, frozen=True):
    """How many entries a journal has, and how many older ones it had to give up for them."""

    kept: int
    crowded_out: int


class Unmatched(Struct, frozen=True):
    method: str
    path: str
    times: int
    entries: list[int]
    nearest: list[str]


class Expectation(Struct, frozen=True):
    expected: str
    seen: int
    entries: list[int]


class Verdict(Struct, frozen=True):
    ok: bool
    instead: list[str]
    expectations: list[Expectation]
    looked_at: int


class Seen(Struct, frozen=True):
    """How many requests were seen, and the numbers of the newest of them."""

    seen: int
    entries: list[int]
    ok: bool = True


class Attempt(Struct, frozen=True):
    at: datetime
    status: int | None
    answer: Any
    error: str | None
    duration_ms: float


class Delivery(Struct, frozen=True):
    id: int
    event: str
    vendor: str
    account: str
    webhook: int
    state: str
    at: datetime
    due: datetime | None
    method: str
    url: str
    headers: list[tuple[str, str]]
    request: Any
    attempts_made: int
    attempts: list[Attempt]
    journal_entry: int | None


class Ledger(Struct, frozen=True):
    """How many deliveries are in each state, how many are kept, and how many older ones had to be given up."""

    states: dict[str, int]
    kept: int
    dropped: int


class Difference(Struct, frozen=True, rename={"before": "from", "after": "to"}):
    kind: str
    id: Any
    change: str
    text: str
    vendor: str | None = None
    account: str | None = None
    attribute: str | None = None
    before: Any = None
    after: Any = None


class State(Struct, frozen=True):
    state: str
    now: datetime


class Differences(Struct, frozen=True, rename={"before": "from", "after": "to"}):
    """`counts` is how many there are by kind and change, those left out included."""

    differences: list[Difference]
    total: int
    left_out: int
    counts: dict[str, dict[str, int]] = {}
    before: State | None = None
    after: State | None = None


class Finding(Struct, frozen=True):
    """A piece of advice; see docs/journal.md."""

    kind: str
    text: str
    times: int
    entries: list[int]
    quote: str | None
    document: str


class Credentials(Struct, frozen=True):
    """How a client of a vendor's API gets into an account of this world; no key is known where all is None."""

    vendor: str
    title: str
    base_url: str
    account: str | None
    user: str | None
    key: str | None
    hosts: list[str]
    variables: dict[str, str] = field(default_factory=dict)
