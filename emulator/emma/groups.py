"""Member groups: the rules, in the document's order. Who belongs to them is in `enlistments.py`.

Source: vendor-docs/emma-groups.txt; reference/emma.md section 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from emulator.core.errors import Invalid
from emulator.emma.account import EmmaAccount, Group
from emulator.emma.audience import find_group
from emulator.emma.events import happened
from emulator.emma.windows import Listing

if TYPE_CHECKING:
    from emulator.emma.schemas import CreateGroups, UpdateGroup

TYPES = ("g", "t", "h")
ALL = "all"
LONGEST_NAME = 255


class ListGroups(Listing):
    """`group_types` as they came: repeated, or separated by commas."""

    account_id: str
    group_types: list[str] = msgspec.field(default_factory=list)


class GroupRef(Struct):
    account_id: str
    group_id: str


def list_groups(account: EmmaAccount, request: ListGroups) -> list[Group] | int:
    """Get a basic listing of all active member groups for a single account."""
    types = _types(account, request.group_types)
    start, end = request.window(account)
    if len(types) == 1:
        where = (("type", types[0]),)
        return account.groups.count(where) if request.count else account.groups.select(where, start, end)
    total = len(account.groups)
    groups = [group for each in types for group in account.groups.select((("type", each),), 0, total)]
    groups.sort(key=lambda group: group.group_id)
    return len(groups) if request.count else groups[start:end]


def create_groups(account: EmmaAccount, request: CreateGroups) -> list[Group]:
    """Create one or more new member groups, all or none."""
    taken = _taken_names(account)
    for number, entry in enumerate(request.groups):
        _check_name(entry.group_name, taken, ("groups", number))
        if taken is not None:
            taken.add(entry.group_name)
    groups = [Group(account.new_ids["group"].new(), entry.group_name) for entry in request.groups]
    account.groups.put_many(groups)
    for group in groups:
        happened(account, "group_create", group_id=group.group_id, group_name=group.name)
    return groups


def get_group(account: EmmaAccount, request: GroupRef) -> Group:
    """Get the detailed information for a single member group."""
    return find_group(account, request.group_id)


def update_group(account: EmmaAccount, request: UpdateGroup) -> bool:
    """Update information for a single member group."""
    group = find_group(account, request.group_id)
    if request.group_name is not None and request.group_name != group.name:
        _check_name(request.group_name, _taken_names(account), ())
        group = replace(group, name=request.group_name)
        account.groups.put(group)
    happened(account, "group_update", group_id=group.group_id, group_name=group.name)
    return True


def delete_group(account: EmmaAccount, request: GroupRef) -> bool:
    """Delete a single member group. Its members stay, without it."""
    group = find_group(account, request.group_id)
    account.groups.put(replace(group, deleted=account.now()))
    happened(account, "group_delete", group_id=group.group_id)
    return True


def _types(account: EmmaAccount, given: list[str]) -> list[str]:
    wanted = {letter.strip() for text in given for letter in text.split(",")} - {""}
    if ALL in wanted:
        return list(TYPES)
    if wanted - set(TYPES) and account.choice("unknown_group_types") == "reject":
        raise Invalid(("group_types",), f"must be some of {', '.join(TYPES)}, {ALL}")
    return [letter for letter in TYPES if letter in wanted] if wanted else ["g"]


def _taken_names(account: EmmaAccount) -> set[str] | None:
    """The names that no group may have; None where any will do."""
    if account.choice("duplicate_group_names") == "allow":
        return None
    groups = account.groups.page(0, len(account.groups))
    return {group.name for group in groups if group.deleted is None}


def _check_name(name: str, taken: set[str] | None, location: tuple[str | int, ...]) -> None:
    """Raises Invalid."""
    if not name or len(name) > LONGEST_NAME:
        raise Invalid((*location, "group_name"), f"must have 1 to {LONGEST_NAME} characters")
    if taken is not None and name in taken:
        raise Invalid((*location, "group_name"), "is the name of another group")
