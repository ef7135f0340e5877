"""Who belongs to which groups: the rules, members' side first, then groups' side.

Source: vendor-docs/emma-members.txt (M13 to M18, M23), vendor-docs/emma-groups.txt (G6 to G11); reference/emma.md
section 10, C6 and C17.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from emulator.core.errors import NotFound
from emulator.core.slices import Slices
from emulator.emma.account import LIVE, EmmaAccount, Group, Member
from emulator.emma.audience import MemberRef, change_each, find_group, find_member, matching
from emulator.emma.events import ALL, joined, left
from emulator.emma.removals import Removal
from emulator.emma.statuses import KNOWN, SETTABLE, check_status
from emulator.emma.windows import Listing

if TYPE_CHECKING:
    from emulator.core.store.table import Where
    from emulator.emma.schemas import CopyGroup, CopyMembers, GroupMembers, MemberGroups, MembersAndGroups


class ListMemberGroups(Listing):
    account_id: str
    member_id: str


class ListGroupMembers(Listing):
    account_id: str
    group_id: str
    deleted: bool = False


class RemoveFromGroup(Struct):
    """`member_status_id` narrows the members; `delete_members` archives them, too."""

    account_id: str
    group_id: str
    member_status_id: str | None = None
    delete_members: bool = False


class GroupMemberList(NamedTuple):
    """Members as groups list them."""

    members: list[Member]


def list_member_groups(account: EmmaAccount, request: ListMemberGroups) -> list[Group] | int:
    """Get the groups to which a member belongs."""
    member = find_member(account, request.member_id, archived=True)
    groups = account.existing_groups(member.group_ids)
    start, end = request.window(account)
    return len(groups) if request.count else groups[start:end]


def join_groups(account: EmmaAccount, request: MemberGroups) -> list[int]:
    """Add a single member to one or more groups. The ids of the affected groups."""
    member = find_member(account, request.member_id)
    wanted = [group.group_id for group in account.existing_groups(request.group_ids)]
    inside = set(member.group_ids)
    new = [group_id for group_id in wanted if group_id not in inside]
    if new:
        account.members.put(enlisted(member, new))
        joined(account, [member.member_id], new)
    return new if account.choice("member_groups_echo") == "changed" else wanted


def leave_groups(account: EmmaAccount, request: MemberGroups) -> list[int]:
    """Remove a single member from one or more groups. The ids of those it was in."""
    member = find_member(account, request.member_id, archived=True)
    wanted = [group.group_id for group in account.existing_groups(request.group_ids)]
    inside = set(member.group_ids)
    old = [group_id for group_id in wanted if group_id in inside]
    if old:
        account.members.put(released(member, frozenset(old)))
        left(account, [member.member_id], old)
    return old


def leave_all_groups(account: EmmaAccount, request: MemberRef) -> bool:
    """Remove the specified member from all groups."""
    member = find_member(account, request.member_id, archived=True)
    account.members.put(replace(member, group_ids=()))
    if member.group_ids:
        left(account, [member.member_id], ALL)
    return True


def release_members(account: EmmaAccount, request: MembersAndGroups) -> Slices[bool]:
    """Remove multiple members from groups, all of which must exist."""
    member_ids, group_ids = list(dict.fromkeys(request.member_ids)), list(dict.fromkeys(request.group_ids))
    members, groups = account.members.get_many(member_ids), account.existing_groups(group_ids)
    for kind, rows, wanted in (("member", members, member_ids), ("group", groups, group_ids)):
        if len(rows) < len(wanted):
            raise NotFound(kind, "among those named")
    gone = frozenset(group_ids)
    out = yield from change_each(
        account, members, lambda member: None if gone.isdisjoint(member.group_ids) else released(member, gone)
    )
    left(account, out, group_ids)
    return True


def copy_members_into_group(account: EmmaAccount, request: CopyMembers) -> Slices[bool]:
    """Copy all account members of one or more statuses into a group."""
    group = find_group(account, request.group_id)
    new: list[int] = []
    for status in _statuses(request.member_status_id):
        new += yield from _enlist_all(account, status, group)
    joined(account, ALL if new and request.member_status_id is None else new, [group.group_id])
    return True


def list_group_members(account: EmmaAccount, request: ListGroupMembers) -> GroupMemberList | int:
    """Get the members in a single active member group."""
    group = find_group(account, request.group_id)
    where: Where = (("group", group.group_id),)
    if not request.deleted:
        where = (*where, LIVE)
    if request.count:
        return account.members.count(where)
    return GroupMemberList(account.members.select(where, *request.window(account)))


def enlist_members(account: EmmaAccount, request: GroupMembers) -> Slices[list[int]]:
    """Add a list of members to a single active member group. The ids of those that were not in it."""
    group_id = find_group(account, request.group_id).group_id
    new = yield from change_each(
        account,
        account.living(request.member_ids),
        lambda member: None if member.archived or group_id in member.group_ids else enlisted(member, (group_id,)),
    )
    joined(account, new, [group_id])
    return new


def release_from_group(account: EmmaAccount, request: GroupMembers) -> Slices[list[int]]:
    """Remove members from a single active member group. The ids of those that were in it."""
    group_id = find_group(account, request.group_id).group_id
    members = account.living(request.member_ids)
    out = yield from change_each(account, members, lambda member: _released_if_there(member, group_id))
    left(account, out, [group_id])
    return out


def empty_group(account: EmmaAccount, request: RemoveFromGroup) -> Slices[int]:
    """Remove all members, or those of a status, from a single active member group; how many those were."""
    group_id = find_group(account, request.group_id).group_id
    where: Where = (("group", group_id), LIVE)
    status = request.member_status_id
    if status is not None:
        where = (*where, ("status", check_status("member_status_id", status, SETTABLE)))
    out = yield from change_each(
        account, matching(account, where), lambda member: _released_if_there(member, group_id, status)
    )
    left(account, ALL if out and status is None else out, [group_id])
    return len(out)


def release_from_all_groups(account: EmmaAccount, request: RemoveFromGroup) -> Slices[bool]:
    """Remove the group's members of a status from all groups as a background job."""
    group = find_group(account, request.group_id)
    status = check_status("member_status_id", request.member_status_id or "", SETTABLE)
    archives = request.delete_members or account.choice("group_remove_archives") == "always"
    work = Removal.of_group(account, group.group_id, status, archives=archives)
    yield from account.start_job(group.group_id, work)
    return True


def copy_group(account: EmmaAccount, request: CopyGroup) -> Slices[bool]:
    """Copy all the users of one group, or those of some statuses, into another group."""
    source, target = find_group(account, request.from_group_id), find_group(account, request.to_group_id)
    new: list[int] = []
    for status in _statuses(request.member_status_id):
        new += yield from _enlist_all(account, status, target, source)
    joined(account, new, [target.group_id])
    return True


def enlisted(member: Member, group_ids: Sequence[int]) -> Member:
    """The member in these groups as well, none of which it was in."""
    return replace(member, group_ids=tuple(sorted((*member.group_ids, *group_ids))))


def released(member: Member, group_ids: Collection[int]) -> Member:
    """The member without these groups."""
    return replace(member, group_ids=tuple([each for each in member.group_ids if each not in group_ids]))


def _statuses(wanted: Sequence[str] | None) -> Sequence[str]:
    """Those named; every one if none is."""
    if wanted is None:
        return KNOWN
    return [check_status("member_status_id", each, SETTABLE) for each in dict.fromkeys(wanted)]


def _released_if_there(member: Member, group_id: int, status: str | None = None) -> Member | None:
    there = member.archived is None and group_id in member.group_ids and status in (None, member.status)
    return released(member, (group_id,)) if there else None


def _enlist_all(account: EmmaAccount, status: str, group: Group, source: Group | None = None) -> Slices[list[int]]:
    """Put all members of a status, of the account or of a group, into another group."""
    where: Where = (
        (LIVE, ("status", status)) if source is None else (LIVE, ("status", status), ("group", source.group_id))
    )

    def changed(member: Member) -> Member | None:
        still = member.archived is None and member.status == status and group.group_id not in member.group_ids
        still = still and (source is None or source.group_id in member.group_ids)
        return enlisted(member, (group.group_id,)) if still else None

    return (yield from change_each(account, matching(account, where), changed))
