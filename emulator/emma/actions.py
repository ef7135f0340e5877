"""What happens at Emma without an API call, caused by a tester: `POST /_emulator/actions/emma/{name}`.

Source: reference/emma.md sections 2.5, 2.6, 3.3 and 5.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from emulator.core.errors import UnknownName, UserError
from emulator.core.vendor import Action
from emulator.emma.account import ERROR, OPTOUT, Delivery, EmmaAccount, Member
from emulator.emma.additions import confirm
from emulator.emma.mailings import unsubscribe
from emulator.emma.times import optional_date, parse_second

_SOFT_BOUNCES = 3  # in a row that put a member in error
_NAME = "Mailing"
_END_OF_IDS = 10**18
_DELIVERY_TYPES = ("d", "s", "b")
_MOMENTS = ("sent", "delivery_ts", "opened", "clicked", "forwarded", "shared")


def _confirm(account: EmmaAccount, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """`{account, member_id}`: the member follows the link in its confirmation mail."""
    row = confirm(account, _member(account, arguments, "confirm"))
    return _describe(account, row) | {"confirmed_opt_in": optional_date(row.confirmed, account.choice("time_zone"))}


def _unsubscribe(account: EmmaAccount, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """`{account, member_id, mailing_id}`: the member follows the opt-out link of a mailing."""
    member = _member(account, arguments, "unsubscribe")
    _whole(arguments, "mailing_id", "unsubscribe")
    return _describe(account, unsubscribe(account, member, _mailing_id(account, arguments, "unsubscribe")))


def _bounce(account: EmmaAccount, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """`{account, member_id, mailing_id, hard, error}`: a mailing comes back; a hard bounce puts the member in error at
    once, unless it opted out.
    """
    member = _member(account, arguments, "bounce")
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
    now = account.now()
    mailing_id = _mailing_id(account, arguments, "bounce")
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
    member = _member(account, arguments, "deliver")
    name, subject = (_text(arguments, key, default) for key, default in (("name", _NAME), ("subject", "")))
    kind = arguments.get("delivery_type", "d")
    if kind not in _DELIVERY_TYPES:
        raise UserError(f"deliver: delivery_type must be one of {', '.join(_DELIVERY_TYPES)}")
    sent, delivered, opened, clicked, forwarded, shared = (_moment(account, arguments, key) for key in _MOMENTS)
    now = account.now()
    mailing_id = _mailing_id(account, arguments, "deliver")
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


def _member(account: EmmaAccount, arguments: Mapping[str, Any], action: str) -> Member:
    member_id = _whole(arguments, "member_id", action)
    member = account.members.get(member_id)
    if member is None:
        raise UnknownName(f"{action}: account {account.id} has no member {member_id}")
    return member


def _whole(arguments: Mapping[str, Any], key: str, action: str) -> int:
    value = arguments.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _END_OF_IDS:
        raise UserError(f'{action}: {key} must be a whole number, as in {{"account": "100", "{key}": 200}}')
    return value


def _mailing_id(account: EmmaAccount, arguments: Mapping[str, Any], action: str) -> int:
    """The one that is named, else a new one."""
    counter = account.new_ids["mailing"]
    if arguments.get("mailing_id") is None:
        return counter.new()
    mailing_id = _whole(arguments, "mailing_id", action)
    counter.skip(mailing_id)
    return mailing_id


def _text(arguments: Mapping[str, Any], key: str, default: str) -> str:
    value = arguments.get(key, default)
    if not isinstance(value, str):
        raise UserError(f"deliver: {key} must be a text")
    return value


def _moment(account: EmmaAccount, arguments: Mapping[str, Any], key: str) -> int | None:
    value = arguments.get(key)
    if value is None:
        return None
    second = parse_second(value, account.choice("time_zone")) if isinstance(value, str) else None
    if second is None:
        raise UserError(f"deliver: {key} must be a date like @D:2011-01-02T10:27:43")
    return second


def _describe(account: EmmaAccount, row: Member) -> dict[str, Any]:
    return {"member_id": row.member_id, "member_status_id": row.status}
