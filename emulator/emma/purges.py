"""Purging: the right to erasure. The rules, in the document's order; what is erased is in `audience.py`.

Source: vendor-docs/emma-members.txt; reference/emma.md sections 3 (M25, M26), 5.2 and 10 (C27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.core.slices import Slices
from emulator.emma.account import EmmaAccount, Member
from emulator.emma.audience import ARCHIVED, erase, matching
from emulator.emma.statuses import KNOWN, check_status

if TYPE_CHECKING:
    from emulator.core.store.table import Where
    from emulator.emma.schemas import MemberIds, PurgeAll


def purge_members(account: EmmaAccount, request: MemberIds) -> Slices[bool]:
    """Purge a list of members; ids that do not exist are ignored."""
    anybody = account.choice("purge_by_id") == "any"
    members = account.members.get_many(dict.fromkeys(request.member_ids))
    wanted = [member for member in members if anybody or _is_archived(member)]
    yield from erase(account, wanted, lambda member: anybody or _is_archived(member))
    return True


def purge_archived(account: EmmaAccount, request: PurgeAll) -> Slices[bool]:
    """Purge all archived members, or those of a status or a group."""
    where: Where = (ARCHIVED,)
    if request.member_status_id is not None:
        where = (*where, ("status", check_status("member_status_id", request.member_status_id, KNOWN)))
    if request.member_group_id is not None:
        where = (*where, ("group", request.member_group_id))
    yield from erase(account, matching(account, where), _is_archived)
    return True


def _is_archived(member: Member) -> bool:
    return member.archived is not None
