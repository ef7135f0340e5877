"""EngageLab's block of a scenario, written from accounts; `seed.py` reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.core.store.table import rows
from emulator.core.world import World
from emulator.engagelab.account import EngageLabAccount, Member, Tag
from emulator.engagelab.addresses import is_address
from emulator.engagelab.fields import DEFAULT_FIELDS, Field, name_problem, value_problem
from emulator.engagelab.times import wire_time

_DEFAULT_NAMES = frozenset(field.name for field in DEFAULT_FIELDS)


def export(world: World, *, credentials: bool) -> Mapping[str, object]:
    """The block, with iterators over the rows."""
    accounts = world.accounts["engagelab"]
    return {
        "accounts": iter(
            [_account(each, credentials=credentials) for each in accounts if isinstance(each, EngageLabAccount)]
        )
    }


def _account(account: EngageLabAccount, *, credentials: bool) -> dict[str, object]:
    block: dict[str, object] = {"api_user": account.id}
    key = account.keys.get(account.id)
    if credentials and key is not None:
        block["api_key"] = key
    block |= {"list_id": account.list_id, "user_id": account.user_id}
    fields = [field for field in account.fields.values() if field.name not in _DEFAULT_NAMES]
    if fields:
        block["fields"] = (field_row(field) for field in fields)
    if len(account.tags):
        block["tags"] = (tag_row(tag) for tag in rows(account.tags))
    if len(account.members):
        block["members"] = _members(account)
    block["next_ids"] = {"member": account.member_ids.next, "tag": account.tag_ids.next}
    return block


def _members(account: EngageLabAccount) -> Iterator[dict[str, Any]]:
    names = {tag.tag_id: tag.name for tag in rows(account.tags)}
    for member in rows(account.members):
        yield member_row(account, member, names)


def field_row(field: Field) -> dict[str, Any]:
    row: dict[str, Any] = {"field_name": field.name, "field_type": field.type}
    if field.format:
        row["format"] = field.format
    if field.options:
        row["options"] = list(field.options)
    if name_problem(field.name) is not None:
        row["as_stored"] = True
    return row


def tag_row(tag: Tag) -> dict[str, Any]:
    return {"tag_id": tag.tag_id, "tag_name": tag.name}


def member_row(account: EngageLabAccount, member: Member, tag_names: Mapping[str, str]) -> dict[str, Any]:
    """A member as a scenario has it, without what is as it would be if it were not said."""
    row: dict[str, Any] = {"member_id": member.member_id, "email": member.email}
    if member.phone is not None:
        row["phone"] = member.phone
    if member.name is not None:
        row["name"] = member.name
    if member.fields:
        row["fields"] = member.fields
    if member.tag_ids:
        row["tags"] = [tag_names[tag_id] for tag_id in member.tag_ids]
    if member.updated != member.created:
        row["update_time"] = wire_time(member.updated)
    if member.unsubscribed is not None:
        row["unsubscribe_time"] = wire_time(member.unsubscribed)
    values = member.fields.items()
    if not is_address(member.email) or any(value_problem(account.fields[name], value) for name, value in values):
        row["as_stored"] = True
    return row
