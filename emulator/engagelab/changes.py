"""What a caller wants changed on a member, checked against the account before anything is touched.

Source: vendor-docs/engagelab-members.txt, Batch add or update and Update; reference/engagelab.md sections 3.1 and 3.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from emulator.core.errors import Invalid
from emulator.engagelab.account import EngageLabAccount, Member
from emulator.engagelab.fields import SYSTEM_NAMES, Field, has_room, name_problem, value_problem
from emulator.engagelab.tags import SKIP, tag_ids, updated_tags, usable_names

if TYPE_CHECKING:
    from emulator.engagelab.schemas import MemberChanges


class RejectedEntry(NamedTuple):
    """An entry of a batch that is not even of the right types; the others are served all the same."""

    email: str
    message: str


class Changes(NamedTuple):
    """Checked changes: None means unchanged, an empty text clears."""

    phone: str | None
    name: str | None
    fields: dict[str, str]
    new_fields: list[Field]
    tags: tuple[str, ...] | None


def read_changes(account: EngageLabAccount, request: MemberChanges) -> Changes:
    """Check everything, change nothing. Raises Invalid."""
    tags = None if request.tags is None else usable_names(account, request.tags)
    fields: dict[str, str] = {}
    new_fields: list[Field] = []
    for name, value in (request.fields or {}).items():
        text = value if value is None or isinstance(value, str) else _text(name, value)
        if text is None:
            continue
        field = account.fields.get(name) or _alike_field(account, name, new_fields)
        if field is None:
            field = _new_field(account, name)
            if field is None or not text:
                continue
            new_fields.append(field)
            if not has_room(account.fields, len(new_fields)):
                raise Invalid(("fields", name), "can not be added: the list has as many fields as it may")
        if text and (problem := value_problem(field, text)) is not None and _rejects_bad_values(account):
            raise Invalid(("fields", field.name), problem)
        fields[field.name] = text
    return Changes(request.phone, request.name, fields, new_fields, tags)


def created(account: EngageLabAccount, email: str, address: str, changes: Changes, flag: int, now: int) -> Member:
    """A new member; fields and tags that did not exist are created."""
    return Member(
        account.member_ids.new(now),
        email,
        address,
        changes.phone or None,
        changes.name or None,
        changes.fields if all(changes.fields.values()) else _merged({}, changes.fields),
        updated_tags(flag, (), _made_ready(account, changes, flag)),
        now,
        now,
    )


def changed(account: EngageLabAccount, member: Member, changes: Changes, flag: int, now: int) -> Member:
    """The member after the changes; fields and tags that did not exist are created."""
    return replace(
        member,
        phone=_set(member.phone, changes.phone),
        name=_set(member.name, changes.name),
        fields=_merged(member.fields, changes.fields) if changes.fields else member.fields,
        tag_ids=updated_tags(flag, member.tag_ids, _made_ready(account, changes, flag)),
        updated=now,
    )


def _made_ready(account: EngageLabAccount, changes: Changes, flag: int) -> tuple[str, ...] | None:
    """Create the fields and tags that the changes need; the ids of the tags."""
    for field in changes.new_fields:
        account.fields[field.name] = field
    # With SKIP the names have no effect, so they create no tags either.
    return None if changes.tags is None or flag == SKIP else tag_ids(account, changes.tags)


def _set(old: str | None, new: str | None) -> str | None:
    return old if new is None else new or None


def _merged(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in {**old, **new}.items() if value}


def _text(name: str, value: object) -> str:
    """Numbers and booleans as the text that JSON writes for them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")  # never with an exponent
    raise Invalid(("fields", name), "must be a string, a number or a boolean")


def _alike_field(account: EngageLabAccount, name: str, new_fields: list[Field]) -> Field | None:
    """The field that a key in other letter case means; another key of the same request may just have made it."""
    return account.field(name) or next((each for each in new_fields if each.name.lower() == name.lower()), None)


def _new_field(account: EngageLabAccount, name: str) -> Field | None:
    """The field to make for an unknown key; None when the key is passed over."""
    if name.lower() in SYSTEM_NAMES and account.choice("system_names_in_fields") == "drop":
        account.world.journal.note(f"fields.{name} is a system attribute and was dropped")
        return None
    unknown = account.choice("unknown_fields")
    if unknown == "drop" and name.lower() not in SYSTEM_NAMES:
        account.world.journal.note(f"fields.{name} is no field of the list and was dropped (engagelab.unknown_fields)")
        return None
    problem = name_problem(name, any_letters=account.choice("new_field_names") == "any")
    if problem is not None:
        raise Invalid(("fields", name), problem)
    if unknown == "reject":
        raise Invalid(("fields", name), "is no field of this list")
    return Field(name, "text")


def _rejects_bad_values(account: EngageLabAccount) -> bool:
    return account.choice("bad_field_value") == "reject"
