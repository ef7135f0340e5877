"""Single members and the listing of all: the rules, in the document's order.

Source: vendor-docs/emma-members.txt; reference/emma.md sections 3 and 5, M1 to M3, M9, M11, M12, M16.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from emulator.core.errors import Invalid
from emulator.core.slices import Slices
from emulator.emma.account import ACTIVE, ERROR, LIVE, OPTOUT, EmmaAccount, FormerAddresses, Member
from emulator.emma.addresses import MALFORMED, email_error
from emulator.emma.audience import ARCHIVED, MemberRef, archive, find_by_email, find_member, matching
from emulator.emma.events import happened, status_changed
from emulator.emma.field_reader import FieldReader
from emulator.emma.field_types import merged
from emulator.emma.mobile import read_mobile, sms_after
from emulator.emma.statuses import SETTABLE, check_status, shifted
from emulator.emma.times import parse_day
from emulator.emma.windows import MOST_PER_PAGE, Listing

if TYPE_CHECKING:
    from emulator.core.store.table import Where
    from emulator.emma.schemas import MemberIds, UpdateMember

_LAST_SECOND = 2**62


class GetMember(MemberRef):
    deleted: bool = False


class GetMemberByEmail(Struct):
    account_id: str
    email: str
    deleted: bool = False


class ListMembers(Listing):
    account_id: str
    deleted: bool = False
    deleted_only: bool = False
    deleted_range: str | None = None
    filter: str | None = None
    exclude_fields: bool = False


class ArchiveAll(Struct):
    account_id: str
    member_status_id: str | None = None


class MemberList(NamedTuple):
    """Some members, and whether their fields are wanted."""

    members: list[Member]
    fields: bool = True


def list_members(account: EmmaAccount, request: ListMembers) -> Slices[MemberList | int]:
    """Get a basic listing of all members in an account."""
    if request.filter:
        account.note("filter, which no document describes, is not emulated and was ignored")
    span = _span(account, request.deleted_range) if request.deleted_range else None
    if span is not None and account.choice("deleted_range_alone") == "ignore":
        span = span if request.deleted or request.deleted_only else None
    start, end = request.window(account)
    if span is not None:
        found = yield from _archived_within(account, span)
        return len(found) if request.count else MemberList(found[start:end], not request.exclude_fields)
    where: Where = (ARCHIVED,) if request.deleted_only else () if request.deleted else (LIVE,)
    if request.count:
        return account.members.count(where)
    return MemberList(account.members.select(where, start, end), not request.exclude_fields)


def get_member(account: EmmaAccount, request: GetMember) -> Member:
    """Get detailed information on a particular member, including all custom fields."""
    return find_member(account, request.member_id, archived=request.deleted)


def get_member_by_email(account: EmmaAccount, request: GetMemberByEmail) -> Member:
    """Get detailed information on a particular member by email address instead of ID."""
    return find_by_email(account, request.email, archived=request.deleted)


def archive_members(account: EmmaAccount, request: MemberIds) -> Slices[bool]:
    """Archive an array of members. True if all members are successfully deleted, otherwise False."""
    wanted = set(request.member_ids)
    archived = yield from archive(account, account.living(wanted))
    return len(archived) == len(wanted) or account.choice("unknown_ids_answer") == "true"


def update_member(account: EmmaAccount, request: UpdateMember) -> bool:
    """Update a single member's information, even if it is archived."""
    member = find_member(account, request.member_id, archived=True)
    now = account.now()
    fields = FieldReader(account)
    changes = fields.read(request.fields or {})
    mobile = read_mobile(request.sms, request.phone_number)
    row = replace(member, fields=merged(member.fields, changes), modified=now)
    if request.email is not None:
        row = _with_address(account, row, request.email)
    row = replace(row, sms=sms_after(account, row.sms, mobile))
    if request.status_to is not None:
        status = check_status("status_to", request.status_to, SETTABLE)
        row = shifted(account, row, status, now, refuse=True)
    fields.keep()
    account.members.put(row)
    if row.email != member.email:
        former = account.former_addresses.get(row.member_id)
        addresses = (*(former.addresses if former else ()), member.email)
        account.former_addresses.put(FormerAddresses(row.member_id, addresses))
    happened(account, "member_update", member_id=row.member_id)
    if row.status != member.status:
        status_changed(account, [row.member_id], row.status)
    return True


def archive_member(account: EmmaAccount, request: MemberRef) -> Slices[bool]:
    """Archive the specified member."""
    yield from archive(account, [find_member(account, request.member_id)])
    return True


def archive_all(account: EmmaAccount, request: ArchiveAll) -> Slices[bool]:
    """Archive all members, or those of one status."""
    status = request.member_status_id
    if status is not None:
        where: Where = (LIVE, ("status", check_status("member_status_id", status, SETTABLE)))
    elif account.choice("archive_without_status") == "reject":
        raise Invalid(("member_status_id",), "can not be empty")
    else:
        account.note("archived every member, because no member_status_id was given (emma.archive_without_status)")
        where = (LIVE,)
    yield from archive(account, matching(account, where), lambda member: status in (None, member.status))
    return True


def _with_address(account: EmmaAccount, member: Member, email: str) -> Member:
    address = account.identity_of_addresses()(email)
    holder = account.members.find("address", address)
    if holder is not None and holder.member_id != member.member_id:
        raise Invalid(("email",), "belongs to another member")
    status, error = member.status, member.email_error
    found = email_error(account, email)
    if found is None:
        if error == MALFORMED and account.choice("corrected_address") == "activate":
            status, error = ACTIVE, None
    elif found == MALFORMED and account.choice("malformed_address") == "reject":
        raise Invalid(("email",), "is not a valid email address")
    else:
        status, error = ERROR, found
    # An opt-out says more than an address.
    kept = member.status if member.status == OPTOUT else status
    return replace(member, email=email, address=address, status=kept, email_error=error)


def _archived_within(account: EmmaAccount, span: tuple[int, int]) -> Slices[list[Member]]:
    found: list[int] = []
    archived = matching(account, (ARCHIVED,))
    for start in range(0, len(archived), MOST_PER_PAGE):
        page = archived[start : start + MOST_PER_PAGE]
        found += [member.member_id for member in page if span[0] <= (member.archived or 0) < span[1]]
        yield
    # As they are by now: one may have been restored or erased meanwhile.
    return [member for member in account.members.get_many(dict.fromkeys(found)) if member.archived is not None]


def _span(account: EmmaAccount, text: str) -> tuple[int, int]:
    """`2013-01-01~2013-01-31`, either side of which may be missing, or one day."""
    first, tilde, last = (part.strip() for part in text.partition("~"))
    zone = account.choice("time_zone")
    opened = parse_day(first, zone) if first else (0, 0)
    closed = parse_day(last, zone) if last else (0, _LAST_SECOND)
    if opened is None or closed is None or not (first or tilde):
        raise Invalid(("deleted_range",), "must be dates like 2013-01-01~2013-01-31")
    return opened[0], closed[1] if tilde else opened[1]
