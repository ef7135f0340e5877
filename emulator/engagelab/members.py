"""The rules of the six member operations, in the document's order.

Source: vendor-docs/engagelab-members.txt; reference/engagelab.md section 3.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from emulator.core.errors import Invalid, NotFound
from emulator.core.slices import Slices
from emulator.engagelab.account import EngageLabAccount, Member
from emulator.engagelab.batch import Batch, BatchOutcome
from emulator.engagelab.changes import changed, read_changes
from emulator.engagelab.conditions import compile_condition
from emulator.engagelab.tags import APPEND, OVERWRITE

if TYPE_CHECKING:
    from emulator.engagelab.schemas import BatchSave, Condition, DeleteMembers, ListMembers, UpdateMember

MOST_PER_PAGE = 100
DEFAULT_PER_PAGE = 10
_DELETED_AT_ONCE = 2000
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_OBJECT_ID = re.compile(r"[0-9a-f]{24}")


class MemberRef(Struct):
    """The input of operations that are all in the path."""

    member_id: str


class Page(NamedTuple):
    """Members on one page, and how many there are on all."""

    members: list[Member]
    total: int


def save_members(account: EngageLabAccount, request: BatchSave) -> BatchOutcome:
    """Batch add or update. Whatever is wrong with one member leaves the others alone."""
    entries = request.members or []
    if not entries and account.choice("missing_members") == "reject":
        raise Invalid(("members",), "can not be empty")
    flag = APPEND if request.tag_flag is None else request.tag_flag
    batch = Batch(account, entries, flag, update_existing=_update_existing(account, request))
    for entry in entries:
        batch.save(entry)
    return batch.commit()


def delete_member(account: EngageLabAccount, member: MemberRef) -> int:
    """Delete one member; how many that were."""
    try:
        return account.members.delete(_member(account, member.member_id).member_id)
    except NotFound:
        if account.choice("delete_unknown") == "not_found":
            raise
        return 0


def delete_members(account: EngageLabAccount, request: DeleteMembers) -> Slices[int]:
    """Delete all that match; how many those were."""
    if request.condition is None and account.choice("delete_without_condition") == "reject":
        raise Invalid(("condition",), "can not be empty")
    matching = yield from _matching(account, request.condition)
    deleted = 0
    for start in range(0, len(matching), _DELETED_AT_ONCE):
        # A member that another request has changed since it was found may not match any more.
        unchanged = [
            member.member_id
            for member in matching[start : start + _DELETED_AT_ONCE]
            if account.members.get(member.member_id) is member
        ]
        deleted += account.members.delete_many(unchanged)
        yield
    return deleted


def update_member(account: EngageLabAccount, request: UpdateMember) -> Member:
    """Set phone, name, fields and tags; what is absent or null stays, an empty string clears."""
    member = _member(account, request.member_id)
    updated = changed(account, member, read_changes(account, request), OVERWRITE, account.now())
    account.members.put(updated)
    return updated


def get_member(account: EngageLabAccount, member: MemberRef) -> Member:
    """Member details."""
    return _member(account, member.member_id)


def list_members(account: EngageLabAccount, request: ListMembers) -> Slices[Page]:
    """A page of all members or of those that match."""
    limit = request.limit
    if limit is None and request.count is not None and account.choice("count_parameter") == "limit":
        limit = _integer("count", request.count)
    limit = _in_range(account, "limit", DEFAULT_PER_PAGE if limit is None else limit, 1, MOST_PER_PAGE)
    offset = _in_range(account, "offset", request.offset or 0, 0, None)
    newest_first = account.choice("list_order") == "newest_first"
    matching = None if request.condition is None else (yield from _matching(account, request.condition))
    total = len(account.members if matching is None else matching)
    start, stop = offset, offset + limit
    if newest_first:
        start, stop = max(0, total - stop), max(0, total - start)
    members = account.members.page(start, stop) if matching is None else matching[start:stop]
    return Page(members[::-1] if newest_first else members, total)


def unsubscribe(account: EngageLabAccount, member: Member) -> int:
    """The member leaves by itself, through a link in a mail; the API has no call for it. The second it happens."""
    second = account.now()
    account.members.put(replace(member, unsubscribed=second))
    return second


def _update_existing(account: EngageLabAccount, request: BatchSave) -> bool:
    if request.update_existing is not None:
        return request.update_existing
    assumed = account.choice("missing_update_existing")
    if assumed == "reject":
        raise Invalid(("update_existing",), "can not be empty")
    return assumed == "true"


def _member(account: EngageLabAccount, member_id: str) -> Member:
    member = account.members.get(member_id)
    if member is None:
        if account.choice("malformed_member_id") == "reject" and _OBJECT_ID.fullmatch(member_id) is None:
            raise Invalid(("member_id",), "must have 24 hexadecimal digits")
        raise NotFound("member", member_id)
    return member


def _matching(account: EngageLabAccount, condition: Condition | None) -> Slices[list[Member]]:
    if condition is None:
        return account.members.page(0, len(account.members))
    found: list[Member] = []
    for piece in account.members.scan(compile_condition(account, condition)):
        found += piece
        yield
    return found


def whole_number(text: str) -> int:
    """A number in a query. Raises ValueError."""
    if _WHOLE_NUMBER.fullmatch(text) is None:
        raise ValueError("must be an integer")
    return int(text)


def _integer(name: str, text: str) -> int:
    try:
        return whole_number(text)
    except ValueError as error:
        raise Invalid((name,), str(error)) from None


def _in_range(account: EngageLabAccount, name: str, value: int, lowest: int, highest: int | None) -> int:
    if value >= lowest and (highest is None or value <= highest):
        return value
    if account.choice("paging_out_of_range") == "reject":
        wanted = f"at least {lowest}" if highest is None else f"between {lowest} and {highest}"
        raise Invalid((name,), f"must be {wanted}")
    return lowest if highest is None or value < lowest else highest
