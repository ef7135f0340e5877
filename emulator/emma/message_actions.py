"""What happens to mailings and messages, caused by a tester; Emma sends none here, so no call brings it about.

`POST /_emulator/actions/emma/{event}`, one for each event of this kind. Source: reference/emma.md sections 2.5 and 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from msgspec.structs import replace

from emulator.core.vendor import Action
from emulator.emma.account import Delivery, EmmaAccount, Member
from emulator.emma.arguments import mailing_id_of, member_named, text_of, whole_number
from emulator.emma.events import happened

_NAME = "Mailing"
_MAILING_EVENTS = ("mailing_start", "mailing_finish")
# Event: what of the member's mailing history it is the instant of, and which facts it has besides.
_MESSAGE_EVENTS: Mapping[str, tuple[str | None, tuple[str, ...]]] = {
    "message_open": ("opened", ()),
    "message_click": ("clicked", ("link_id",)),
    "message_forward": ("forwarded", ()),
    "message_share": ("shared", ("network",)),
    "message_share_click": (None, ("network",)),
}


def _mailing(event: str, account: EmmaAccount, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """`{account, mailing_id, subject}`: a mailing starts, or all of it is sent."""
    subject = text_of(arguments, "subject", event, "")
    mailing_id = mailing_id_of(account, arguments, event)
    happened(account, event, mailing_id=mailing_id, subject=subject)
    return {"mailing_id": mailing_id}


def _message(event: str, account: EmmaAccount, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """`{account, member_id, mailing_id, subject, link_id, network}`: a member does something with a message, by default
    with the latest that it got; it gets one if there is none. Its mailing history shows it, as far as that goes.
    """
    moment, keys = _MESSAGE_EVENTS[event]
    member = member_named(account, arguments, event)
    facts: dict[str, Any] = {"link_id": None, "network": None}
    if arguments.get("link_id") is not None:
        facts["link_id"] = whole_number(arguments, "link_id", event)
    if arguments.get("network") is not None:
        facts["network"] = text_of(arguments, "network", event, "")
    subject = text_of(arguments, "subject", event, "")
    delivery = _delivery(account, member, arguments, event, subject)
    if moment is not None:
        account.deliveries.put(replace(delivery, **{moment: account.now()}))
    happened(
        account,
        event,
        member_id=member.member_id,
        mailing_id=delivery.mailing_id,
        subject=delivery.subject,
        **{key: facts[key] for key in keys},
    )
    return {"member_id": member.member_id, "mailing_id": delivery.mailing_id}


def _delivery(account: EmmaAccount, member: Member, arguments: Mapping[str, Any], event: str, subject: str) -> Delivery:
    """The message that is meant."""
    wanted = arguments.get("mailing_id")
    if wanted is not None:
        wanted = whole_number(arguments, "mailing_id", event)
    mailed = account.deliveries.select((("member", member.member_id),), 0, len(account.deliveries))
    found = [each for each in mailed if wanted is None or each.mailing_id == wanted]
    if found:
        return found[-1]
    now = account.now()
    mailing_id = mailing_id_of(account, arguments, event)
    return Delivery(account.delivery_ids.new(), member.member_id, mailing_id, _NAME, subject, now, now)


MESSAGE_ACTIONS: Mapping[str, Action] = {
    event: Action(partial(_mailing, event), ("mailing_id", "subject")) for event in _MAILING_EVENTS
} | {
    event: Action(partial(_message, event), ("member_id", "mailing_id", "subject", *keys))
    for event, (_, keys) in _MESSAGE_EVENTS.items()
}
