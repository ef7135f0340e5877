"""An Emma customer (account id) and the rows of its audience.

Source: vendor-docs/emma-members.txt, vendor-docs/emma-groups.txt; reference/emma.md sections 2 and 5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Self

from msgspec import Struct

from emulator.core.credentials import Credentials
from emulator.core.ids import Counter
from emulator.core.jobs import Pace, Progress, Work
from emulator.core.slices import Slices
from emulator.core.store.memory import MemoryTable
from emulator.core.store.table import Ordered, Table, Unique
from emulator.core.vendor import Account
from emulator.emma.affected import Effects, Part
from emulator.emma.field_types import DEFAULT_FIELDS, Field, FieldValue

if TYPE_CHECKING:
    from emulator.core.world import World

FIRST_ID = 1024  # of every kind, as in the documents' samples
_KINDS = ("member", "group", "field", "import", "mailing", "webhook")

ACTIVE, OPTOUT, ERROR, FORWARDED = "a", "o", "e", "f"
LIVE = ("archived", False)
"""The condition that members are not archived."""


class Sms(Struct, frozen=True, gc=False, omit_defaults=True):
    """A mobile number and what its owner agreed to; `changed` are microseconds since 1970."""

    phone_number: str
    region_code: str | None
    transactional_status: str
    promotional_status: str
    changed: int


class Member(Struct, frozen=True, gc=False, omit_defaults=True):
    """A person of the audience. Instants are POSIX seconds.

    `address` is the e-mail address as it identifies the member, `email` as it was given. `fields` holds field ids and
    values by turns, `group_ids` ascend; both are kept while the member is archived.
    """

    member_id: int
    email: str
    address: str
    status: str
    since: int
    fields: tuple[int | FieldValue, ...] = ()
    group_ids: tuple[int, ...] = ()
    modified: int | None = None
    confirmed: int | None = None
    opted_out: int | None = None
    optout_mailing: int | None = None
    email_error: str | None = None
    archived: int | None = None
    sms: Sms | None = None
    bounce_count: int = 0
    plaintext: bool = False


class Group(Struct, frozen=True, gc=False, omit_defaults=True):
    """A member group; `type` is g (group), t (test) or h (hidden)."""

    group_id: int
    name: str
    type: str = "g"
    deleted: int | None = None


class Import(Struct, frozen=True, gc=False, omit_defaults=True):
    """A bulk import and its counters; `status` is q (queued), p (in progress), o (ok) or e (error)."""

    import_id: int
    started: int
    status: str
    filename: str | None = None
    style: str | None = None
    finished: int | None = None
    received: int = 0
    duplicates: int = 0
    added: int = 0
    updated: int = 0
    skipped: int = 0
    errors: int = 0
    error_message: str | None = None
    added_by_group: tuple[tuple[int, int], ...] = ()
    """Group ids, and how many members each got."""
    field_ids: tuple[int, ...] = ()
    automated: bool | None = None


class Delivery(Struct, frozen=True, gc=False, omit_defaults=True):
    """A mailing that a member got; `delivery_type` is d (delivered), s (soft bounce) or b (hard bounce)."""

    delivery_id: int
    member_id: int
    mailing_id: int
    name: str
    subject: str
    sent: int | None = None
    delivered: int | None = None
    opened: int | None = None
    clicked: int | None = None
    forwarded: int | None = None
    shared: int | None = None
    delivery_type: str = "d"
    sign_up: bool = False


class Webhook(Struct, frozen=True, gc=False, omit_defaults=True):
    """Whom to tell of one kind of event; `method` is GET or POST. `public_key` is kept and not used."""

    webhook_id: int
    event: str
    url: str
    method: str = "POST"
    public_key: str | None = None


class FormerAddresses(Struct, frozen=True, gc=False):
    """Addresses that a member had before, so that a purge finds them in the journal."""

    member_id: int
    addresses: tuple[str, ...]


class State(Struct):
    """What an account is beside its rows; ids are the next to be given out."""

    keys: dict[str, str]
    tokens: list[str]
    new_ids: dict[str, int]
    new_delivery_id: int
    fields: list[Field]


class EmmaAccount(Account):
    """One audience: members, groups, fields, imports, what was mailed, and who is told."""

    vendor: ClassVar[str] = "emma"
    tables: ClassVar[Mapping[str, type[Any]]] = {
        "members": Member,
        "groups": Group,
        "imports": Import,
        "affected": Part,
        "deliveries": Delivery,
        "webhooks": Webhook,
        "former_addresses": FormerAddresses,
    }
    state_type: ClassVar[type[Any]] = State

    def __init__(self, world: World, account_id: str) -> None:
        self.world = world
        self.id = account_id
        self.number = int(account_id)
        self.keys = {}
        self.tokens: frozenset[str] = frozenset()
        self.new_ids = {kind: Counter(FIRST_ID) for kind in _KINDS}
        self.delivery_ids = Counter(1)
        self.members: Table[int, Member] = MemoryTable(
            attrgetter("member_id"),
            Unique("address", attrgetter("address")),
            Ordered("archived", lambda member: (member.archived is not None,)),
            Ordered("status", attrgetter("status")),
            Ordered("group", attrgetter("group_ids")),
        )
        self.groups: Table[int, Group] = MemoryTable(
            attrgetter("group_id"), Ordered("type", lambda group: group.type if group.deleted is None else ())
        )
        self.fields: dict[int, Field] = {field.field_id: field for field in DEFAULT_FIELDS}
        self.imports: Table[int, Import] = MemoryTable(attrgetter("import_id"))
        self.affected = Effects()
        self.deliveries: Table[int, Delivery] = MemoryTable(
            attrgetter("delivery_id"), Ordered("member", lambda delivery: (delivery.member_id,))
        )
        self.former_addresses: Table[int, FormerAddresses] = MemoryTable(attrgetter("member_id"))
        self.webhooks: Table[int, Webhook] = MemoryTable(
            attrgetter("webhook_id"), Ordered("event", lambda webhook: (webhook.event,))
        )
        self.written: dict[int, tuple[Member, bytes, bytes]] = {}
        """The JSON of members that were read lately, for `member_wire.py`, as the choices in `written_for` want it."""
        self.written_for: object = None

    def opens_to(self, credentials: Credentials) -> bool:
        return credentials.key in self.tokens if credentials.scheme == "bearer" else super().opens_to(credentials)

    def copy(self, world: World) -> Self:
        twin = type(self)(world, self.id)
        twin.keys = dict(self.keys)
        twin.tokens = self.tokens
        twin.new_ids = {kind: counter.copy() for kind, counter in self.new_ids.items()}
        twin.delivery_ids = self.delivery_ids.copy()
        twin.members = self.members.copy()
        twin.groups = self.groups.copy()
        twin.fields = self.fields.copy()
        twin.imports = self.imports.copy()
        twin.affected = self.affected.copy()
        twin.deliveries = self.deliveries.copy()
        twin.webhooks = self.webhooks.copy()
        twin.former_addresses = self.former_addresses.copy()
        return twin

    def state(self) -> State:
        new_ids = {kind: counter.next for kind, counter in self.new_ids.items()}
        return State(self.keys, sorted(self.tokens), new_ids, self.delivery_ids.next, list(self.fields.values()))

    def set_state(self, state: State) -> None:
        self.keys = state.keys
        self.tokens = frozenset(state.tokens)
        self.new_ids |= {kind: Counter(number) for kind, number in state.new_ids.items()}
        self.delivery_ids = Counter(state.new_delivery_id)
        self.fields = {field.field_id: field for field in state.fields}

    def finish_erasure(self, ids: Sequence[Any], texts: Sequence[str]) -> None:
        # Imported here because that module needs this one.
        from emulator.emma.audience import forget_everywhere

        forget_everywhere(self, set(ids), set(texts))

    def resume(self, kind: str, document: bytes) -> Work:
        # Imported here because works need this module.
        from emulator.emma.importing import ImportWork
        from emulator.emma.removals import Removal

        works: Mapping[str, Callable[[EmmaAccount, bytes], Work]] = {
            ImportWork.kind: ImportWork.resumed,
            Removal.kind: Removal.resumed,
        }
        return works[kind](self, document)

    def mail(self) -> Sequence[Mapping[str, Any]]:
        # Imported here because rules need this module.
        from emulator.emma.mailings import confirmations

        return confirmations(self)

    def choice(self, behaviour: str) -> str:
        """What is chosen for `emma.<behaviour>` in this world."""
        return self.world.behaviours[f"emma.{behaviour}"]

    def now(self) -> int:
        """The second it is in this world."""
        return int(self.world.clock.now())

    def note(self, text: str) -> None:
        """A remark in the journal, with the request that is being served."""
        self.world.journal.note(text)

    def identity_of_addresses(self) -> Callable[[str], str]:
        """What gives the form of an address under which a member is known."""
        return _lowered if self.choice("email_case") == "insensitive" else str

    def member_at(self, email: str) -> Member | None:
        """Who has this address, archived or not."""
        return self.members.find("address", self.identity_of_addresses()(email))

    def living(self, member_ids: Iterable[int]) -> list[Member]:
        """Those of the members that exist and are not archived, each once, in this order."""
        members = self.members.get_many(dict.fromkeys(member_ids))
        return [member for member in members if member.archived is None]

    def group(self, group_id: int) -> Group | None:
        """A group that is not deleted."""
        group = self.groups.get(group_id)
        return None if group is None or group.deleted is not None else group

    def existing_groups(self, group_ids: Iterable[int]) -> list[Group]:
        """Those of the groups that exist and are not deleted, each once, in this order."""
        return [group for group in self.groups.get_many(dict.fromkeys(group_ids)) if group.deleted is None]

    def field_named(self, shortcut_name: str) -> Field | None:
        """A field that is not deleted."""
        named = (field for field in self.fields.values() if field.shortcut_name == shortcut_name)
        return next((field for field in named if field.deleted is None), None)

    def start_job(self, subject: int, work: Work) -> Slices[None]:
        """Begin something that ends later; or now, if jobs are immediate."""
        progress: Progress = self.choice("job_progress")  # type: ignore[assignment]
        pace = Pace(progress, float(self.choice("job_queue_seconds")), float(self.choice("job_units_per_second")))
        now = self.world.clock.now()
        job = self.world.jobs.add(self, work.kind, subject, now, pace, work)
        if pace.progress == "immediate":
            yield from job.run(now)


def _lowered(email: str) -> str:
    # Most addresses come in lower case; the same text twice would be a tenth of a large audience's memory.
    address = email.lower()
    return email if address == email else address
