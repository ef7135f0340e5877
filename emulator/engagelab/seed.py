"""EngageLab's block of a scenario.

engagelab:
  accounts:
    - api_user: shop
      api_key: secret                  # needed when accounts are closed
      list_id: 95964
      fields: [{field_name: Plan, field_type: dropdown, options: [free, paid]}]
      tags: [{tag_id: 6565c12a3b4e0d83d3f58ea1, tag_name: vip}]
      members:
        - {member_id: 6565c12a3b4e0d83d3f58ea0, email: ann@shop.test, fields: {Age: "31"}, tags: [vip]}
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from emulator.core.blocks import read_block
from emulator.core.clock import EARLIEST, LATEST
from emulator.core.errors import Invalid, Location
from emulator.core.ids import COUNTER_SPACE
from emulator.core.world import World
from emulator.engagelab import fields as contact_fields
from emulator.engagelab import times
from emulator.engagelab.account import EngageLabAccount, Member, Tag
from emulator.engagelab.addresses import is_address
from emulator.engagelab.fields import FieldType

ObjectId = Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]
NonEmpty = Annotated[str, Field(min_length=1)]


class Seed(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class FieldSeed(Seed):
    """`as_stored`: taken with any name, as some choices of behaviours allow."""

    field_name: str
    field_type: FieldType
    format: str | None = None
    options: Annotated[list[NonEmpty], Field(max_length=contact_fields.MOST_OPTIONS)] = []
    as_stored: bool = False


class TagSeed(Seed):
    tag_id: ObjectId
    tag_name: NonEmpty


class MemberSeed(Seed):
    """Times are as the API prints them; the creation time is in the id, so it is not given.

    `as_stored`: taken with any address and any values, as some choices of behaviours allow.
    """

    member_id: ObjectId
    email: str
    phone: NonEmpty | None = None
    name: NonEmpty | None = None
    fields: dict[str, NonEmpty] = {}
    tags: list[NonEmpty] = []
    update_time: str | None = None
    unsubscribe_time: str | None = None
    as_stored: bool = False


class AccountSeed(Seed):
    api_user: Annotated[str, Field(pattern=r"^[^:]+$")]
    """A colon would end it in the credentials."""
    api_key: NonEmpty | None = None
    list_id: Annotated[int, Field(gt=0)] | None = None
    user_id: Annotated[int, Field(gt=0)] | None = None
    fields: list[FieldSeed] = []
    """Those beside Gender, Birthday and Age, which every list has."""
    tags: list[TagSeed] = []
    members: list[MemberSeed] = []
    next_ids: dict[Literal["member", "tag"], Annotated[int, Field(ge=0, lt=COUNTER_SPACE)]] = {}
    """The counter in the ids of new rows; more where rows need it."""


class Block(Seed):
    accounts: list[AccountSeed] = []


def seed(world: World, block: object) -> None:
    """Load the block. Raises Invalid, whose location is the place in it."""
    for position, account in enumerate(read_block(Block, block).accounts):
        _seed_account(world, account, ("accounts", position))


def _seed_account(world: World, declared: AccountSeed, location: Location) -> None:
    accounts = world.accounts["engagelab"]
    if accounts.known(declared.api_user) is not None:
        raise Invalid((*location, "api_user"), f"{declared.api_user!r} is declared twice")
    account = EngageLabAccount(world, declared.api_user)
    if declared.api_key is not None:
        account.keys = {declared.api_user: declared.api_key}
    account.list_id = declared.list_id or account.list_id
    account.user_id = declared.user_id or account.user_id
    for position, field in enumerate(declared.fields):
        _seed_field(account, field, (*location, "fields", position))
    for position, tag in enumerate(declared.tags):
        _seed_tag(account, tag, (*location, "tags", position))
    members: dict[str, Member] = {}
    for position, member in enumerate(declared.members):
        row = _member(account, member, (*location, "members", position))
        if members.setdefault(row.address, row) is not row:
            raise Invalid((*location, "members", position, "email"), f"{row.email!r} is given twice")
        account.member_ids.skip(row.member_id)
    if len({row.member_id for row in members.values()}) < len(members):
        raise Invalid((*location, "members"), "must have different member_ids")
    account.members.put_many(list(members.values()))
    account.member_ids.go_on(declared.next_ids.get("member", 0))
    account.tag_ids.go_on(declared.next_ids.get("tag", 0))
    accounts.add(account)


def _seed_field(account: EngageLabAccount, declared: FieldSeed, location: Location) -> None:
    problem = contact_fields.name_problem(declared.field_name, any_letters=declared.as_stored)
    if problem is not None:
        raise Invalid((*location, "field_name"), problem)
    kind = declared.field_type
    formats = contact_fields.FORMATS.get(kind, ("",))
    form = declared.format or formats[0]
    if form not in formats:
        raise Invalid(
            (*location, "format"), f"must be one of {', '.join(formats)}" if formats[0] else "does not belong here"
        )
    if (kind == "dropdown") != bool(declared.options):
        raise Invalid((*location, "options"), "belong to a dropdown, which needs 1 to 10 of them")
    if account.field(declared.field_name) is not None:
        raise Invalid((*location, "field_name"), "is the name of another field of this list")
    if not contact_fields.has_room(account.fields, 1):
        raise Invalid(location, f"is one too many: a list has at most {contact_fields.MOST_FIELDS} fields")
    account.fields[declared.field_name] = contact_fields.Field(declared.field_name, kind, form, tuple(declared.options))


def _seed_tag(account: EngageLabAccount, declared: TagSeed, location: Location) -> None:
    if account.tags.get(declared.tag_id) or account.tags.find("name", declared.tag_name):
        raise Invalid(location, "has the id or the name of another tag")
    account.tags.put(Tag(declared.tag_id, declared.tag_name))
    account.tag_ids.skip(declared.tag_id)


def _member(account: EngageLabAccount, declared: MemberSeed, location: Location) -> Member:
    if not (declared.as_stored or is_address(declared.email)):
        raise Invalid((*location, "email"), f"{declared.email!r} is not a valid email address")
    for name, value in declared.fields.items():
        field = account.fields.get(name)
        if field is None:
            raise Invalid((*location, "fields", name), "is no field of this list; declare it under fields")
        problem = None if declared.as_stored else contact_fields.value_problem(field, value)
        if problem is not None:
            raise Invalid((*location, "fields", name), problem)
    created = int(declared.member_id[:8], 16)
    return Member(
        declared.member_id,
        declared.email,
        account.identity_of_addresses()(declared.email),
        declared.phone,
        declared.name,
        declared.fields,
        tuple(_tag_id(account, name, (*location, "tags")) for name in dict.fromkeys(declared.tags)),
        created,
        created if declared.update_time is None else _second(declared.update_time, (*location, "update_time")),
        None
        if declared.unsubscribe_time is None
        else _second(declared.unsubscribe_time, (*location, "unsubscribe_time")),
    )


def _tag_id(account: EngageLabAccount, name: str, location: Location) -> str:
    tag = account.tags.find("name", name)
    if tag is None:
        raise Invalid(location, f"{name!r} is no tag of this list; declare it under tags")
    return tag.tag_id


def _second(text: str, location: Location) -> int:
    second = times.parse_instant(text)
    if second is None or not EARLIEST <= second <= LATEST:
        raise Invalid(location, "must be a time like 2023-11-28T18:30:02+0800, from 1970 to 2106")
    return second
