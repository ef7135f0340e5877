"""EngageLab's block of a scenario; its shape is in `seed_models.py`.

engagelab:
  accounts:
    - api_user: shop
      api_key: secret                  # needed when accounts are closed
      list_id: 95964
      fields: [{field_name: Plan, field_type: dropdown, options: [free, paid]}]
      tags: [{tag_id: 6565c12a3b4e0d83d3f58ea1, tag_name: vip}]
      members:
        - {member_id: 6565c12a3b4e0d83d3f58ea0, email: ann@shop.test, fields: {Age: "31"}, tags: [vip]}
      members_from: people.csv         # more of them
      generate: [{members: 1000, percent: {unsubscribed: 3}, tags: [vip]}]  # and more
"""

from __future__ import annotations

from emulator.core.errors import AlreadyDeclared, Invalid, Location
from emulator.core.scenarios.blocks import read_block
from emulator.core.world import World
from emulator.engagelab import fields as contact_fields
from emulator.engagelab.account import EngageLabAccount, Tag
from emulator.engagelab.seed_members import MemberSeeding
from emulator.engagelab.seed_models import AccountSeed, Block, FieldSeed, TagSeed


def seed(world: World, block: object) -> None:
    """Load the block. Raises Invalid, whose location is the place in it."""
    for position, account in enumerate(read_block(Block, block).accounts):
        _seed_account(world, account, ("accounts", position))


def _seed_account(world: World, declared: AccountSeed, location: Location) -> None:
    accounts = world.accounts["engagelab"]
    if accounts.known(declared.api_user) is not None:
        raise AlreadyDeclared((*location, "api_user"), declared.api_user)
    account = EngageLabAccount(world, declared.api_user)
    if declared.api_key is not None:
        account.keys = {declared.api_user: declared.api_key}
    account.list_id = declared.list_id or account.list_id
    account.user_id = declared.user_id or account.user_id
    for position, field in enumerate(declared.fields):
        _seed_field(account, field, (*location, "fields", position))
    for tag in declared.tags:
        if tag.tag_id is not None:  # so that no tag without an id gets one that a later one has
            account.tag_ids.skip(tag.tag_id)
    for position, tag in enumerate(declared.tags):
        _seed_tag(account, tag, (*location, "tags", position))
    MemberSeeding(account, location).load(declared)
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
    tag_id = account.tag_ids.new(account.now()) if declared.tag_id is None else declared.tag_id
    if account.tags.get(tag_id) or account.tags.find("name", declared.tag_name):
        raise Invalid(location, "has the id or the name of another tag")
    account.tags.put(Tag(tag_id, declared.tag_name))
