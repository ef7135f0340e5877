"""What happens at Emma without an API call, caused by a tester: `POST /_emulator/actions/emma/{name}`.

Source: reference/emma.md sections 2.5, 2.6, 3.3 and 5.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from emulator.core.errors import UserError
from emulator.core.vendor import Action
from emulator.emma.account import ERROR, OPTOUT, Delivery, EmmaAccount, Member
from emulator.emma.additions import confirm
from emulator.emma.arguments import mailing_id_of, member_named, moment_of, text_of, whole_number
from emulator.emma.events import status_changed
from emulator.emma.mailings import unsubscribe
from emulator.emma.times import optional_date

_SOFT_BOUNCES = 3  # in a row that put a member in error
_NAME = "Mailing"
_DELIVERY_TYPES = ("d", "s", "b")
_MOMENTS = ("sent", "delivery_ts", "opened", "clicked", "forwarded", "shared")


def _confirm(account: EmmaAccount, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """`{account, member_id}`: the member follows the link in its confirmation mail."""
    row = confirm(account, member_named(account, arguments, "confirm"))
    return _describe(account, row) | {"confirmed_opt_in": optional_date(row.confirmed, account.choice("time_zone"))}


def _unsubscribe(account: EmmaAccount, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """`{account, member_id, mailing_id}`: the member follows the opt-out link of a mailing."""
    member = member_named(account, arguments, "unsubscribe")
    whole_number(arguments, "mailing_id", "unsubscribe")
    return _describe(account, unsubscribe(account, member, mailing_id_of(account, arguments, "unsubscribe")))


def _bounce(account: EmmaAccount, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """`{account, member_id, mailing_id, hard, error}`: a mailing comes back; a hard bounce puts the member in error at
    once, unless it opted out.
    """
    member = member_named(account, arguments, "bounce")
    mailing_id = mailing_id_of(account, arguments, "bounce")
    bounces = member.bounce_count + 1
    hard, text = arguments.get("hard", True), arguments.get("error", "mailbox unavailable")
    if not isinstance(hard, bool) or not isinstance(text, str):
        raise UserError("bounce: hard must be true or false, error a text")
    if hard or bounces >= _SOFT_BOUNCES:
        status = member.status if member.status == OPTOUT else ERROR
        row = replace(member, status=status, email_error=text, bounce_count=bounces, modified=account.now())
    else:
        row = replace(member, bounce_count=bounces)
    account.members.put(row)
    if row.status != member.status:
        status_changed(account, [row.member_id], row.status)
    now = account.now()
    account.deliveries.put(
        Delivery(
            account.delivery_ids.new(),
            member.member_id,
            mailing_id,
            _NAME,
            "",
            now,
            delivery_type="b" if hard else "s",
        )
    )
    return _describe(account, row) | {"bounce_count": bounces, "mailing_id": mailing_id}


def _deliver(account: EmmaAccount, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """`{account, member_id, mailing_id, name, subject, delivery_type, sent, delivery_ts, opened, clicked, forwarded,
    shared}`: the member got a mailing; dates as the API prints them, all but member_id optional.
    """
    member = member_named(account, arguments, "deliver")
    name, subject = (text_of(arguments, key, "deliver", default) for key, default in (("name", _NAME), ("subject", "")))
    kind = arguments.get("delivery_type", "d")
    if kind not in _DELIVERY_TYPES:
        raise UserError(f"deliver: delivery_type must be one of {', '.join(_DELIVERY_TYPES)}")
    sent, delivered, opened, clicked, forwarded, shared = (moment_of(account, arguments, key) for key in _MOMENTS)
    now = account.now()
    mailing_id = mailing_id_of(account, arguments, "deliver")
    delivery = Delivery(
        account.delivery_ids.new(),
        member.member_id,
        mailing_id,
        name,
        subject,
        sent or now,
        delivered or (now if kind == "d" else None),
        opened,
        clicked,
        forwarded,
        shared,
        kind,
    )
    account.deliveries.put(delivery)
    if kind == "d" and member.bounce_count and member.status != ERROR:
        account.members.put(replace(member, bounce_count=0))
    return {"member_id": member.member_id, "mailing_id": mailing_id}


ACTIONS: Mapping[str, Action] = {
    "confirm": Action(_confirm, ("member_id",)),
    "unsubscribe": Action(_unsubscribe, ("member_id", "mailing_id")),
    "bounce": Action(_bounce, ("member_id", "mailing_id", "hard", "error")),
    "deliver": Action(_deliver, ("member_id", "mailing_id", "name", "subject", "delivery_type", *_MOMENTS)),
}


def _describe(account: EmmaAccount, row: Member) -> dict[str, Any]:
    return {"member_id": row.member_id, "member_status_id": row.status}
