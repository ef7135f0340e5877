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
    return _encode({"result": member_view(account, member, names_of(account, member.tag_ids))})


def member_page(account: EngageLabAccount, page: Page) -> bytes:
    # Members share their tags; the names are looked up once for each set of them.
    tag_names = {tag_ids: names_of(account, tag_ids) for tag_ids in {member.tag_ids for member in page.members}}
    views = [member_view(account, member, tag_names[member.tag_ids]) for member in page.members]
    return _encode({account.choice("list_key"): views, "total": page.total, "count": len(views)})


def updated(account: EngageLabAccount, member: Member) -> bytes:
    """A count as in the sample, or the member as in the table."""
    if account.choice("update_answer") == "count":
        return count(account, 1)
    view = member_view(account, member, names_of(account, member.tag_ids))
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


def names_of(account: EngageLabAccount, tag_ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([tag.name for tag in account.tags.get_many(tag_ids)]) if tag_ids else ()


def member_view(account: EngageLabAccount, member: Member, tag_names: tuple[str, ...]) -> MemberView:
    unsubscribed = member.unsubscribed
    return MemberView(
        member.member_id,
        account.list_id,
        member.email,
        member.phone,
        member.name,
        member.fields,
        member.tag_ids,
        tag_names,
        wire_time(member.created),
        wire_time(member.updated),
        None if unsubscribed is None else wire_time(unsubscribed),
    )
