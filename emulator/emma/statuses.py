"""Status shifts: the rules, in the document's order, and the one way in which a status changes.

Source: vendor-docs/emma-members.txt; reference/emma.md sections 3 (M5, M10, M24) and 5.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from emulator.core.errors import Invalid
from emulator.core.slices import Slices
from emulator.emma.account import ACTIVE, ERROR, FORWARDED, LIVE, OPTOUT, EmmaAccount, Member
from emulator.emma.audience import change_each, find_by_email, find_group, matching
from emulator.emma.events import opted_out, status_changed

if TYPE_CHECKING:
    from emulator.core.store.table import Where
    from emulator.emma.schemas import MembersStatus, StatusShift

SETTABLE = (ACTIVE, ERROR, OPTOUT)
KNOWN = (ACTIVE, ERROR, FORWARDED, OPTOUT)


class OptOutByEmail(Struct):
    account_id: str
    email: str


def opt_out_by_email(account: EmmaAccount, request: OptOutByEmail) -> bool:
    """Update a member's status to optout keyed on email address. True also if it was opted out already."""
    member = find_by_email(account, request.email)
    if member.status != OPTOUT:
        account.members.put(shifted(account, member, OPTOUT, account.now()))
        opted_out(account, member.member_id)
    return True


def set_status(account: EmmaAccount, request: MembersStatus) -> Slices[bool]:
    """Change the status for an array of members. True if all are successfully updated, otherwise False."""
    status = check_status("status_to", request.status_to, SETTABLE)
    wanted = set(request.member_ids)
    members = account.living(wanted)
    now, forbidden = account.now(), _forbidden(account, status)
    final: list[int] = []
    moved: list[int] = []

    def changed(member: Member) -> Member | None:
        if forbidden and member.status == OPTOUT:
            final.append(member.member_id)
        if member.archived:
            return None
        row = shifted(account, member, status, now)
        if row is not member:
            moved.append(row.member_id)
        return row

    done = yield from change_each(account, members, changed)
    status_changed(account, moved, status)
    if final:
        return False
    return len(done) == len(wanted) or account.choice("unknown_ids_answer") == "true"


def shift_status(account: EmmaAccount, request: StatusShift) -> Slices[bool]:
    """Update all members of one status to another, or those of a group."""
    old = check_status("status_from", request.status_from, KNOWN)
    new = check_status("status_to", request.status_to, KNOWN)
    where: Where = (LIVE, ("status", old))
    if request.group_id is not None:
        if account.group(request.group_id) is None and account.choice("shift_unknown_group") == "ignore":
            account.note(f"group {request.group_id} does not exist, so nothing was done (emma.shift_unknown_group)")
            return True
        where = (*where, ("group", find_group(account, request.group_id).group_id))
    now = account.now()
    members = matching(account, where)
    moved: list[int] = []

    def changed(member: Member) -> Member | None:
        still = member.archived is None and member.status == old
        if not still or (request.group_id is not None and request.group_id not in member.group_ids):
            return None
        row = shifted(account, member, new, now)
        if row is not member:
            moved.append(row.member_id)
        return row

    yield from change_each(account, members, changed)
    status_changed(account, moved, new)
    return not (members and old == OPTOUT and _forbidden(account, new))


def check_status(name: str, letter: str, allowed: tuple[str, ...]) -> str:
    """Raises Invalid."""
    if letter not in allowed:
        raise Invalid((name,), f"must be one of {', '.join(allowed)}")
    return letter


def shifted(account: EmmaAccount, member: Member, status: str, now: int, *, refuse: bool = False) -> Member:
    """The member with this status; unchanged, or with `refuse` Invalid, where an opt-out is final."""
    if status == member.status:
        return member
    if member.status == OPTOUT and _forbidden(account, status):
        if refuse:
            raise Invalid(("status_to",), "can not make a member active that opted out")
        return member
    return replace(
        member,
        status=status,
        modified=now,
        opted_out=now if status == OPTOUT else None,
        optout_mailing=None,
        email_error=None if status == ACTIVE else member.email_error,
        bounce_count=0 if status == ACTIVE else member.bounce_count,
    )


def _forbidden(account: EmmaAccount, status: str) -> bool:
    return status == ACTIVE and account.choice("reactivate_optout") == "forbid"
