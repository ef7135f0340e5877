"""What testers give to actions, checked: one clear line for whatever is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.core.errors import UnknownName, UserError
from emulator.emma.account import EmmaAccount, Member
from emulator.emma.times import parse_second

_END_OF_IDS = 10**18


def member_named(account: EmmaAccount, arguments: Mapping[str, Any], action: str) -> Member:
    """Raises UnknownName and UserError."""
    member_id = whole_number(arguments, "member_id", action)
    member = account.members.get(member_id)
    if member is None:
        raise UnknownName(f"{action}: account {account.id} has no member {member_id}")
    return member


def whole_number(arguments: Mapping[str, Any], key: str, action: str) -> int:
    value = arguments.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _END_OF_IDS:
        raise UserError(f'{action}: {key} must be a whole number, as in {{"account": "100", "{key}": 200}}')
    return value


def mailing_id_of(account: EmmaAccount, arguments: Mapping[str, Any], action: str) -> int:
    """The one that is named, else a new one."""
    counter = account.new_ids["mailing"]
    if arguments.get("mailing_id") is None:
        return counter.new()
    mailing_id = whole_number(arguments, "mailing_id", action)
    counter.skip(mailing_id)
    return mailing_id


def text_of(arguments: Mapping[str, Any], key: str, action: str, default: str) -> str:
    value = arguments.get(key, default)
    if not isinstance(value, str):
        raise UserError(f"{action}: {key} must be a text")
    return value


def moment_of(account: EmmaAccount, arguments: Mapping[str, Any], key: str) -> int | None:
    value = arguments.get(key)
    if value is None:
        return None
    second = parse_second(value, account.choice("time_zone")) if isinstance(value, str) else None
    if second is None:
        raise UserError(f"deliver: {key} must be a date like @D:2011-01-02T10:27:43")
    return second
