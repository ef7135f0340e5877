"""Failures that a tester asked for, in one world: which of them does a request meet?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote_plus

import msgspec

from emulator.core.errors import Conflict, UnknownName
from emulator.core.failures.effects import Effect, Hit
from emulator.core.failures.magic import OFF, SWITCH, Mention, Mentioned, mentions_in
from emulator.core.ids import seeded_chance
from emulator.core.masking import MASK, is_credential, masked_query, without_credentials

if TYPE_CHECKING:
    from emulator.core.call import Call
    from emulator.core.vendor import Account, Vendor

MOST = 100
"""Faults of one world; each is looked at for every call."""

_NO_JSON = object()


class Frequency(NamedTuple):
    """How often; without any of these at every matching call."""

    nth: int | None = None
    first: int | None = None
    probability: float | None = None

    @property
    def always(self) -> bool:
        return self.nth is None and self.first is None and self.probability in (None, 1)


class Matcher(NamedTuple):
    """What a request must have: texts that occur in it, or keys with these values."""

    path: str | None = None
    query: str | Mapping[str, str] | None = None
    body: Any = None

    def fits(self, request: Request) -> bool:
        return (
            (self.path is None or self.path in "/" + "/".join(request.call.segments))
            and (self.query is None or _fits_query(self.query, request.call.query.decode("latin-1")))
            and (self.body is None or _fits_body(self.body, request))
        )

    def implied_by(self, other: Matcher) -> bool:
        """Whether it surely fits what the other one fits."""
        return _implied(self.path, other.path) and _implied(self.query, other.query) and _implied(self.body, other.body)


class Request:
    """What faults look at; the body is decoded once, however many want to see inside."""

    __slots__ = ("_document", "account_id", "body", "call", "operation_id")

    def __init__(self, operation_id: str, account_id: str, call: Call, body: bytes) -> None:
        self.operation_id = operation_id
        self.account_id = account_id
        self.call = call
        self.body = body
        self._document: Any = msgspec.UNSET

    @property
    def document(self) -> Any:
        """The body as JSON; nothing that could be matched if it is none."""
        if self._document is msgspec.UNSET:
            try:
                self._document = msgspec.json.decode(self.body)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                self._document = _NO_JSON
        return self._document


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure and what meets it. `told` is what the tester said."""

    id: str
    operations: frozenset[str]
    account: str | None
    matcher: Matcher | None
    frequency: Frequency
    effect: Effect
    told: Mapping[str, Any] = field(repr=False)

    def hides(self, other: Fault) -> bool:
        """Whether it acts on every call that the other one matches, so that one behind it never does."""
        return (
            self.frequency.always
            and self.operations >= other.operations
            and self.account in (None, other.account)
            and (self.matcher is None or (other.matcher is not None and self.matcher.implied_by(other.matcher)))
        )

    def shown(self) -> Mapping[str, Any]:
        """What the tester said, for lists: without credentials in what a request must have."""
        match = self.told.get("match", {})
        masked = {key: _masked_match(key, value) for key, value in match.items()}
        return self.told if masked == match else {**self.told, "match": masked}


class Armed:
    """A fault with what is counted of it: the calls that it matches, and those that it hit."""

    __slots__ = ("_chance", "calls", "fault", "hits")

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.calls = 0
        self.hits = 0
        # One for each fault, and the same in each world, so that neither other faults nor other worlds change it.
        self._chance = seeded_chance(fault.id)

    def matches(self, request: Request) -> bool:
        fault = self.fault
        return (
            request.operation_id in fault.operations
            and fault.account in (None, request.account_id)
            and (fault.matcher is None or fault.matcher.fits(request))
        )

    def is_due(self) -> bool:
        """Count a matching call, and decide."""
        self.calls += 1
        nth, first, probability = self.fault.frequency
        if nth is not None:
            return self.calls == nth
        if first is not None:
            return self.calls <= first
        return probability is None or self._chance.random() < probability

    def hit(self) -> Hit:
        self.hits += 1
        effect = self.fault.effect
        delay = 0.0 if effect.delay is None else self._chance.uniform(*effect.delay)
        return Hit(self.fault.id, effect, delay)


class Faults:
    """The faults of one world, in the order in which they are looked at; `on` is whether there are any. `mentioned` are
    the magic addresses that are for one call and have had it.
    """

    __slots__ = ("_armed", "mentioned", "on")

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._armed = {fault.id: Armed(fault) for fault in faults}
        self.on = bool(self._armed)
        self.mentioned = Mentioned()

    def __iter__(self) -> Iterator[Armed]:
        return iter(self._armed.values())

    def __len__(self) -> int:
        return len(self._armed)

    def __contains__(self, fault_id: str) -> bool:
        return fault_id in self._armed

    def meet(self, request: Request) -> Hit | None:
        """The first fault that is due. Every one that matches counts the call, so that none depends on the others."""
        due = [armed for armed in self if armed.matches(request) and armed.is_due()]
        return due[0].hit() if due else None

    def add(self, fault: Fault) -> Armed:
        """Raises Conflict over the limit or for an id that is taken."""
        if fault.id in self._armed:
            raise Conflict(f"there is a fault {fault.id!r} already; drop it first or choose another id")
        if len(self._armed) >= MOST:
            raise Conflict(f"there are {MOST} faults already, the limit; drop some with DELETE /_emulator/faults/ID")
        armed = self._armed[fault.id] = Armed(fault)
        self.on = True
        return armed

    def drop(self, fault_id: str) -> None:
        """Forget one. Raises UnknownName."""
        if fault_id not in self._armed:
            raise UnknownName(f"there is no fault {fault_id!r}; GET /_emulator/faults lists them")
        del self._armed[fault_id]
        self.on = bool(self._armed)

    def copy(self) -> Faults:
        """The same faults, with nothing counted and chance as at the start."""
        return Faults([armed.fault for armed in self])


def find_fault(vendor: Vendor, operation_id: str, account: Account, call: Call, body: bytes) -> Hit | None:
    """The fault of the account's world that a request meets, else what a magic address in it asks for."""
    faults = account.world.faults
    hit = faults.meet(Request(operation_id, account.id, call, body)) if faults.on else None
    if hit is not None or not vendor.magic or account.world.behaviours[f"{vendor.id}.{SWITCH}"] == OFF:
        return hit
    # All that are mentioned have had their one call, although one effect is all that a call can have.
    found: dict[Mention, Effect] = {}
    for text in (call.path.encode(), call.query, body):
        for mention in mentions_in(text):
            magic = vendor.magic.get(mention.word)
            if magic is not None and magic.effect is not None and mention not in found:
                if magic.once and not faults.mentioned.is_first(vendor.id, mention.address):
                    continue
                found[mention] = magic.effect
    for mention, effect in found.items():
        return Hit(f"magic-{mention.word}", effect, 0.0 if effect.delay is None else effect.delay[0])
    return None


def _masked_match(key: str, wanted: Any) -> Any:
    if isinstance(wanted, str):
        text = wanted.encode()
        return (masked_query(text) if key == "query" else without_credentials(text)).decode("utf-8", "replace")
    if key == "query":
        return {
            name: MASK.decode() if is_credential(name.encode(), in_url=True) else each for name, each in wanted.items()
        }
    return msgspec.json.decode(without_credentials(msgspec.json.encode(wanted)))


def _implied(wanted: Any, other: Any) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, str):
        return isinstance(other, str) and wanted in other
    return _holds(other, wanted)


def _fits_query(wanted: str | Mapping[str, str], query: str) -> bool:
    if isinstance(wanted, str):
        return wanted in unquote_plus(query)
    given = set(parse_qsl(query, keep_blank_values=True))
    return given.issuperset(wanted.items())


def _fits_body(wanted: Any, request: Request) -> bool:
    return wanted.encode() in request.body if isinstance(wanted, str) else _holds(request.document, wanted)


def _holds(found: Any, wanted: Any) -> bool:
    """Whether everything that is wanted is there: keys with their values, entries of lists in any order."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(key in found and _holds(found[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        return isinstance(found, list) and all(any(_holds(each, one) for each in found) for one in wanted)
    return isinstance(found, bool) == isinstance(wanted, bool) and bool(found == wanted)
