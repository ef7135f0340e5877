"""Findings about an integration from its own traffic, each with the vendor's sentence behind it.

A vendor says in data which calls have a better one (`emulator/*/advice.py`); here the journal is walked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from emulator.core.journal import Entry
from emulator.core.operation import Operation
from emulator.core.proof.explanation import choices_of, routes_of, unread_of
from emulator.core.slices import Slices

if TYPE_CHECKING:
    from emulator.core.routing import Route
    from emulator.core.vendor import Vendor
    from emulator.core.world import World

_LEAST_CALLS = 5  # of a loop
_LEAST_POLLS = 3  # answers without news
_PAUSE = 60.0  # seconds between two calls that still are one loop
_MOST_ENTRIES = 20  # that a finding names


class Sentence(NamedTuple):
    """What the vendor's document says, word for word, and which document that is."""

    quote: str
    document: str


class Loop(NamedTuple):
    """A call for one thing where `instead` takes many. `single` is whether an entry is such a call."""

    operations: Sequence[str]
    instead: str
    sentence: Sentence
    single: Callable[[Entry], bool] = lambda entry: True


class Poll(NamedTuple):
    """A call that asks whether something has ended; more often than every `seconds` brings nothing."""

    operation: str
    seconds: float
    sentence: Sentence


class Window(NamedTuple):
    """What a call reads of a list: from where, up to so many rows, and how many it got, None if that is not known."""

    start: int
    size: int
    rows: int | None


class Listing(NamedTuple):
    """Calls that page through a list. `window` is None for one that does not, such as one that only counts."""

    operations: Sequence[str]
    window: Callable[[Entry], Window | None]
    end: str
    """How to know where the list ends."""
    end_sentence: Sentence
    number: str
    """How to get only the number."""
    number_sentence: Sentence


class Advice(NamedTuple):
    """What a vendor's documents recommend, as data."""

    loops: Sequence[Loop] = ()
    polls: Sequence[Poll] = ()
    listings: Sequence[Listing] = ()
    always: frozenset[str] = frozenset()
    """Behaviours that are looked up whatever the request holds, so that a look-up says nothing about the client."""
    documented: Mapping[str, Sequence[str]] = {}
    """By operation the body keys that are documented and do nothing here."""


class Finding(NamedTuple):
    """One piece of advice. `times` counts the requests it is about, `entries` are the first of them; `quote` is None
    where the documents are silent, and `document` then says where one can read that.
    """

    kind: str
    text: str
    times: int
    entries: list[int]
    quote: str | None
    document: str


def give_advice(world: World, vendors: Sequence[Vendor]) -> Slices[list[Finding]]:
    """What the journal of a world shows, vendor by vendor."""
    findings: list[Finding] = []
    routes = routes_of(vendors)
    for vendor in vendors:
        advice = vendor.advice()
        entries = [entry for entry in (yield from world.journal.closed()) if entry.vendor == vendor.id]
        yield
        for account in _by(entries, lambda entry: entry.account or "").values():
            yield
            findings += [*_loops(account, advice), *_polls(account, advice), *_listings(account, advice)]
        findings += yield from _inferred(entries, advice, world, routes)
        findings += yield from _unread(entries, advice, routes)
    return findings


def _finding(kind: str, text: str, entries: Sequence[Entry], sentence: Sentence) -> Finding:
    ids = [entry.id for entry in entries[:_MOST_ENTRIES]]
    return Finding(kind, text, len(entries), ids, sentence.quote, sentence.document)


def _by(entries: Sequence[Entry], key: Callable[[Entry], str]) -> dict[str, list[Entry]]:
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[key(entry)].append(entry)
    return groups


def _loops(entries: Sequence[Entry], advice: Advice) -> Iterator[Finding]:
    for loop in advice.loops:
        for operation in loop.operations:
            calls = [entry for entry in entries if entry.operation == operation and loop.single(entry)]
            for run in _runs(calls):
                if len(run) >= _LEAST_CALLS:
                    text = f"{len(run)} calls of {operation} one after the other; {loop.instead}"
                    yield _finding("loop", text, run, loop.sentence)


def _runs(calls: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The calls in groups without a long pause."""
    run: list[Entry] = []
    for call in calls:
        if run and call.began - run[-1].began > _PAUSE:
            yield run
            run = []
        run.append(call)
    if run:
        yield run


def _polls(entries: Sequence[Entry], advice: Advice) -> Iterator[Finding]:
    for poll in advice.polls:
        calls = [entry for entry in entries if entry.operation == poll.operation]
        for path, asked in _by(calls, lambda entry: entry.path).items():
            # A test may move the world's clock instead of waiting.
            early = [
                later
                for earlier, later in pairwise(asked)
                if max(later.began - earlier.began, later.at - earlier.at) < poll.seconds
                and later.response == earlier.response
            ]
            if len(early) >= _LEAST_POLLS:
                text = (
                    f"{path} was asked again within {poll.seconds:g} s {len(early)} times and had nothing new; "
                    "wait longer between two questions, and longer each time"
                )
                yield _finding("polling", text, early, poll.sentence)


def _listings(entries: Sequence[Entry], advice: Advice) -> Iterator[Finding]:
    for listing in advice.listings:
        calls = [(entry, window) for entry in entries if (window := _window(listing, entry)) is not None]
        past = [entry for entry, window in calls if window.start > 0 and window.rows == 0]
        if past:
            text = f"{len(past)} pages past the end of {_paths(past)}, which are empty; {listing.end}"
            yield _finding("past_the_end", text, past, listing.end_sentence)
        pages = [entry for run in _whole_lists(calls) if _unused(run[-1], entries) for entry in run]
        if pages:
            text = (
                f"{_paths(pages)} was read to the end in {len(pages)} pages and no member was touched afterwards; "
                f"if only the number was wanted: {listing.number}"
            )
            yield _finding("reading_to_count", text, pages, listing.number_sentence)


def _window(listing: Listing, entry: Entry) -> Window | None:
    # The answer to a refused call is no page.
    return listing.window(entry) if entry.operation in listing.operations and entry.status == 200 else None


def _paths(entries: Sequence[Entry]) -> str:
    return " and ".join(sorted({entry.path for entry in entries})[:3])


def _whole_lists(calls: Sequence[tuple[Entry, Window]]) -> Iterator[list[Entry]]:
    """The pages of lists that were read from the beginning to the end, in two pages or more."""
    for pages in _by_path(calls).values():
        run: list[Entry] = []
        due = 0
        for entry, window in pages:
            if window.start == 0:
                run, due = [], 0
            if window.start != due or (due and not run):
                run, due = [], -1
                continue
            run.append(entry)
            due += window.size
            if window.rows is not None and window.rows < window.size:
                if len(run) > 1:
                    yield run
                run, due = [], -1


def _by_path(calls: Sequence[tuple[Entry, Window]]) -> Mapping[str, list[tuple[Entry, Window]]]:
    groups: dict[str, list[tuple[Entry, Window]]] = defaultdict(list)
    for entry, window in calls:
        groups[f"{entry.path} {entry.request!r}"].append((entry, window))
    return groups


def _unused(last: Entry, entries: Sequence[Entry]) -> bool:
    """Whether nothing but reading of the same list followed."""
    return all(entry.operation == last.operation for entry in entries if entry.id > last.id)


def _inferred(
    entries: Sequence[Entry], advice: Advice, world: World, routes: Mapping[str, tuple[Vendor, Route]]
) -> Slices[list[Finding]]:
    used: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        _, route = routes.get(entry.operation or "", (None, None))
        for behaviour_id, choice in choices_of(entry, route):
            behaviour = world.behaviours.declared[behaviour_id]
            if behaviour.evidence == "inferred" and behaviour_id not in advice.always:
                used[behaviour_id, choice].append(entry)
        yield
    findings = []
    for (behaviour_id, choice), asked in used.items():
        behaviour = world.behaviours.declared[behaviour_id]
        text = (
            f"{len(asked)} answers rest on {behaviour_id}={choice}, which nobody has documented or seen: "
            f"{behaviour.about} Try the other choices, {behaviour.wanted}"
        )
        ids = [entry.id for entry in asked[:_MOST_ENTRIES]]
        findings.append(Finding("inferred", text, len(asked), ids, None, behaviour.source))
    return findings


def _unread(
    entries: Sequence[Entry], advice: Advice, routes: Mapping[str, tuple[Vendor, Route]]
) -> Slices[list[Finding]]:
    found: dict[tuple[str, str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        for place, keys in (unread_of(entry, routes) or {}).items():
            for key in keys:
                found[entry.operation or "", place, key].append(entry)
        yield
    return [_unread_key(*where, asked, advice, routes) for where, asked in found.items()]


def _unread_key(
    operation_id: str,
    place: str,
    key: str,
    entries: Sequence[Entry],
    advice: Advice,
    routes: Mapping[str, tuple[Vendor, Route]],
) -> Finding:
    _, route = routes[operation_id]
    assert isinstance(route, Operation)
    what = f"{key!r} in the {place} of {operation_id} does nothing"
    if place == "body" and key in advice.documented.get(operation_id, ()):
        text = f"{what} here; it is documented, but not emulated"
    else:
        text = f"{what}: the call has no such parameter there"
    ids = [entry.id for entry in entries[:_MOST_ENTRIES]]
    return Finding("unread", text, len(entries), ids, None, route.source)
