"""What members were mailed, and which mailing made them opt out.

Source: vendor-docs/emma-members.txt; reference/emma.md sections 2.5, 2.6 and 10 (C8, C9, C18).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from emulator.core.clock import isoformat
from emulator.core.errors import NotFound
from emulator.emma.account import OPTOUT, Delivery, EmmaAccount, Group, Member
from emulator.emma.audience import find_member
from emulator.emma.events import opted_out
from emulator.emma.statuses import shifted
from emulator.emma.windows import Listing


class ListOptOuts(Listing):
    account_id: str
    member_id: str


class ListMailings(Listing):
    account_id: str
    member_id: str


class OptOut(NamedTuple):
    """When a member opted out (POSIX seconds), and from which mailing if from one."""

    at: int
    mailing_id: int | None


def list_optouts(account: EmmaAccount, request: ListOptOuts) -> list[OptOut] | int:
    """If a member has been opted out, returns the details: date and mailing."""
    details = _optouts(account, find_member(account, request.member_id, archived=True))
    start, end = request.window(account)
    return len(details) if request.count else details[start:end]


def _optouts(account: EmmaAccount, member: Member) -> list[OptOut]:
    if member.status != OPTOUT:
        if account.choice("optout_detail_of_others") == "not_found":
            raise NotFound("opt-out of member", member.member_id)
        return []
    known = member.optout_mailing is not None or account.choice("optout_detail_without_mailing") == "row"
    return [OptOut(member.opted_out or 0, member.optout_mailing)] if known else []


def list_mailings(account: EmmaAccount, request: ListMailings) -> list[Delivery] | int:
    """Get the entire mailing history for a member, newest first."""
    member = find_member(account, request.member_id, archived=True)
    deliveries = account.deliveries.select((("member", member.member_id),), 0, len(account.deliveries))
    deliveries.sort(key=lambda delivery: (delivery.sent or 0, delivery.delivery_id), reverse=True)
    start, end = request.window(account)
    return len(deliveries) if request.count else deliveries[start:end]


def send_sign_up(account: EmmaAccount, member: Member, group: Group, subject: str | None) -> Delivery:
    """Record the confirmation that the vendor would mail for a new enlistment; nothing is sent to anybody."""
    now = account.now()
    mailing_id = account.new_ids["mailing"].new()
    name = f"Sign-up confirmation for {group.name}"
    delivery = Delivery(
        account.delivery_ids.new(), member.member_id, mailing_id, name, subject or name, now, now, sign_up=True
    )
    account.deliveries.put(delivery)
    account.note(f"recorded mailing {mailing_id}, the confirmation of group {group.group_id}")
    return delivery


def unsubscribe(account: EmmaAccount, member: Member, mailing_id: int) -> Member:
    """The member follows the opt-out link of a mailing."""
    row = shifted(account, member, OPTOUT, account.now())
    if row.optout_mailing is None:
        row = replace(row, optout_mailing=mailing_id)
    account.members.put(row)
    if row.status != member.status:
        opted_out(account, row.member_id, mailing_id)
    return row


def confirmations(account: EmmaAccount) -> list[Mapping[str, Any]]:
    """The mails that confirm sign-ups; a member that was purged took its own along."""
    sent = [delivery for delivery in account.deliveries.page(0, len(account.deliveries)) if delivery.sign_up]
    return [
        {
            "member_id": delivery.member_id,
            "email": member.email,
            "mailing_id": delivery.mailing_id,
            "name": delivery.name,
            "subject": delivery.subject,
            "at": isoformat(delivery.sent or 0),
        }
        for delivery in sent
        if (member := account.members.get(delivery.member_id)) is not None
    ]
