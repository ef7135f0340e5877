"""How EngageLab spells results: key order, envelopes, times.

Source: the samples in vendor-docs/engagelab-members.txt; reference/engagelab.md section 6.
"""

from __future__ import annotations

from msgspec import Struct, json

from emulator.engagelab.account import EngageLabAccount, Member
from emulator.engagelab.batch import BatchOutcome
from emulator.engagelab.members import Page
from emulator.engagelab.times import wire_time

_encode = json.Encoder().encode
_MOST_WRITTEN = 2048  # member objects that an account remembers, about 1 MB


class MemberView(Struct, gc=False):
    """The member object, its keys in the order of the samples."""

    member_id: str
    list_id: int
    email: str
    phone: str | None
    name: str | None
    fields: dict[str, str]
    tag_ids: tuple[str, ...]
    tag_names: tuple[str, ...]
    create_time: str
    update_time: str
    unsubscribe_time: str | None


class UpdatedMemberView(Struct):
    """The member object as the table of Update describes it, in that table's order."""

    member_id: str
    list_id: int
    user_id: int
    email: str
    phone: str | None
    name: str | None
    create_time: str
    update_time: str
    unsubscribe_time: str | None
    fields: dict[str, str]
    tags: tuple[str, ...]
    tag_names: tuple[str, ...]


def batch_outcome(account: EngageLabAccount, outcome: BatchOutcome) -> bytes:
    created, updated, errors = outcome
    return _encode(
        {
            "created_count": len(created),
            "created_members": [{"email": email, "member_id": member_id} for email, member_id in created],
            "updated_count": len(updated),
            "updated_members": [{"email": email, "member_id": member_id} for email, member_id in updated],
            "error_count": len(errors),
            "error_members": [{"email": email, "message": message} for email, message in errors],
        }
    )


def count(account: EngageLabAccount, number: int) -> bytes:
    return b'{"count":%d}' % number


def member_detail(account: EngageLabAccount, member: Member) -> bytes:
    return b'{"result":%b}' % member_json(account, member)


def member_page(account: EngageLabAccount, page: Page) -> bytes:
    members = b",".join([member_json(account, member) for member in page.members])
    key = account.choice("list_key").encode()
    return b'{"%b":[%b],"total":%d,"count":%d}' % (key, members, page.total, len(page.members))


def updated(account: EngageLabAccount, member: Member) -> bytes:
    """A count as in the sample, or the member as in the table."""
    if account.choice("update_answer") == "count":
        return count(account, 1)
    view = member_view(account, member)
    return _encode(
        UpdatedMemberView(
            view.member_id,
            view.list_id,
            account.user_id,
            view.email,
            view.phone,
            view.name,
            view.create_time,
            view.update_time,
            view.unsubscribe_time,
            view.fields,
            view.tag_ids,
            view.tag_names,
        )
    )


def member_json(account: EngageLabAccount, member: Member) -> bytes:
    """The member object; rows do not change, so what was written for one is right as long as it is the same row."""
    known = account.written.get(member.member_id)
    if known is not None and known[0] is member:
        return known[1]
    if len(account.written) >= _MOST_WRITTEN:
        account.written.clear()
    text = _encode(member_view(account, member))
    account.written[member.member_id] = (member, text)
    return text


def member_view(account: EngageLabAccount, member: Member) -> MemberView:
    unsubscribed = member.unsubscribed
    return MemberView(
        member.member_id,
        account.list_id,
        member.email,
        member.phone,
        member.name,
        member.fields,
        member.tag_ids,
        tuple([tag.name for tag in account.tags.get_many(member.tag_ids)]),
        wire_time(member.created),
        wire_time(member.updated),
        None if unsubscribed is None else wire_time(unsubscribed),
    )
