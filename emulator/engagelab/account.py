"""An EngageLab customer (api_user) and the rows of its list.

Source: vendor-docs/engagelab-members.txt; reference/engagelab.md sections 4 to 6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Self

from msgspec import Struct

from emulator.core.ids import ObjectIds, stable_number
from emulator.core.store.memory import MemoryTable
from emulator.core.store.table import Table, Unique
from emulator.core.vendor import Account
from emulator.engagelab.fields import DEFAULT_FIELDS, Field

if TYPE_CHECKING:
    from emulator.core.world import World


class Member(Struct, frozen=True, gc=False, omit_defaults=True):
    """A contact of the list. Instants are POSIX seconds.

    `address` is the e-mail address as it identifies the member, `email` as it was given; `fields` holds no empty values
    and is replaced, never changed.
    """

    member_id: str
    email: str
    address: str
    phone: str | None
    name: str | None
    fields: dict[str, str]
    tag_ids: tuple[str, ...]
    created: int
    updated: int
    unsubscribed: int | None = None


class Tag(Struct, frozen=True, gc=False):
    """A member tag; members hold its id, callers write its name."""

    tag_id: str
    name: str


class State(Struct):
    """What an account is beside its rows; ids are the next to be given out."""

    keys: dict[str, str]
    list_id: int
    user_id: int
    new_member_id: int
    new_tag_id: int
    fields: list[Field]


class EngageLabAccount(Account):
    """One list of members with its tags and fields."""

    vendor: ClassVar[str] = "engagelab"
    tables: ClassVar[Mapping[str, type[Any]]] = {"members": Member, "tags": Tag}
    state_type: ClassVar[type[Any]] = State

    def __init__(self, world: World, api_user: str) -> None:
        self.world = world
        self.id = api_user
        self.keys = {}
        self.list_id = stable_number(f"list of {api_user}", digits=6)
        self.user_id = stable_number(f"user {api_user}", digits=6)
        self.member_ids = ObjectIds.of(f"members of {api_user}")
        self.tag_ids = ObjectIds.of(f"tags of {api_user}")
        self.members: Table[str, Member] = MemoryTable(
            attrgetter("member_id"), Unique("address", attrgetter("address"))
        )
        self.tags: Table[str, Tag] = MemoryTable(attrgetter("tag_id"), Unique("name", attrgetter("name")))
        self.fields: dict[str, Field] = {field.name: field for field in DEFAULT_FIELDS}
        self.written: dict[str, tuple[Member, bytes]] = {}
        """The JSON of members that were read lately, for `wire.py`."""

    def copy(self, world: World) -> Self:
        twin = type(self)(world, self.id)
        twin.keys = dict(self.keys)
        twin.list_id = self.list_id
        twin.user_id = self.user_id
        twin.member_ids = self.member_ids.copy()
        twin.tag_ids = self.tag_ids.copy()
        twin.members = self.members.copy()
        twin.tags = self.tags.copy()
        twin.fields = self.fields.copy()
        return twin

    def state(self) -> State:
        fields = list(self.fields.values())
        return State(self.keys, self.list_id, self.user_id, self.member_ids.next, self.tag_ids.next, fields)

    def set_state(self, state: State) -> None:
        self.keys = state.keys
        self.list_id, self.user_id = state.list_id, state.user_id
        self.member_ids.next, self.tag_ids.next = state.new_member_id, state.new_tag_id
        self.fields = {field.name: field for field in state.fields}

    def choice(self, behaviour: str) -> str:
        """What is chosen for `engagelab.<behaviour>` in this world."""
        return self.world.behaviours[f"engagelab.{behaviour}"]

    def now(self) -> int:
        """The second it is in this world."""
        return int(self.world.clock.now())

    def identity_of_addresses(self) -> Callable[[str], str]:
        """What gives the form of an address under which a member is known."""
        return str.lower if self.choice("email_case") == "insensitive" else str

    def field(self, name: str) -> Field | None:
        """The field of this name, else one that differs in letter case only."""
        field = self.fields.get(name)
        if field is None:
            folded = name.lower()
            field = next((each for each in self.fields.values() if each.name.lower() == folded), None)
        return field
