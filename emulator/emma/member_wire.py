"""How Emma spells members.

Source: the samples in vendor-docs/emma-groups.txt; reference/emma.md sections 1.2, 2.1 and 10 (C23).
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, UnsetType, json

from emulator.emma.account import EmmaAccount, Member, Sms
from emulator.emma.enlistments import GroupMemberList
from emulator.emma.field_types import DATES, pairs
from emulator.emma.members import MemberList
from emulator.emma.times import PREFIX, is_stored_date, optional_date, sms_time, wire_date

_encode = json.Encoder().encode
_MOST_WRITTEN = 2048  # members whose JSON an account remembers, about 2 MB
_STATUSES = {"a": "active", "o": "opt-out", "e": "error", "f": "forwarded"}


class MemberView(Struct, gc=False):
    """The member object, its keys in the order of the samples; without `fields` when they are unset."""

    status: str
    confirmed_opt_in: str | None
    account_id: int
    fields: dict[str, Any] | UnsetType
    member_id: int
    last_modified_at: str | None
    member_status_id: str
    plaintext_preferred: bool
    email_error: str | None
    member_since: str
    bounce_count: int
    deleted_at: str | None
    email: str


def member(account: EmmaAccount, row: Member) -> bytes:
    return _written(account, row)[1]


def members(account: EmmaAccount, listing: MemberList | int) -> bytes:
    if isinstance(listing, int):
        return b"%d" % listing
    if listing.fields:
        texts = [_written(account, row)[1] for row in listing.members]
    else:
        texts = [_with_sms(account, _encode(_view(account, row, UNSET)), row.sms) for row in listing.members]
    return b"[%b]" % b",".join(texts)


def group_members(account: EmmaAccount, listing: GroupMemberList | int) -> bytes:
    if isinstance(listing, int):
        return b"%d" % listing
    with_sms = account.choice("sms_key") == "everywhere"
    written = [_written(account, row) for row in listing.members]
    return b"[%b]" % b",".join([full if with_sms else bare for _, full, bare in written])


def _written(account: EmmaAccount, row: Member) -> tuple[Member, bytes, bytes]:
    """The row, its JSON in members/..., and in groups/.... Rows do not change, so what was written for one is right as
    long as it is the same row and the choices are the same.
    """
    stamp = account.world.behaviours.stamp
    if account.written_for is not stamp:
        account.written_for = stamp
        account.written.clear()
    known = account.written.get(row.member_id)
    if known is not None and known[0] is row:
        return known
    if len(account.written) >= _MOST_WRITTEN:
        account.written.clear()
    text = _encode(_view(account, row, _fields(account, row)))
    written = (row, _with_sms(account, text, row.sms), text)
    if account.members.get(row.member_id) is row:  # one that was erased meanwhile must not be remembered
        account.written[row.member_id] = written
    return written


def _view(account: EmmaAccount, row: Member, fields: dict[str, Any] | UnsetType) -> MemberView:
    zone = account.choice("time_zone")
    return MemberView(
        _STATUSES[row.status],
        optional_date(row.confirmed, zone),
        account.number,
        fields,
        row.member_id,
        optional_date(row.modified, zone),
        row.status,
        row.plaintext,
        row.email_error,
        wire_date(row.since, zone),
        row.bounce_count,
        optional_date(row.archived, zone),
        row.email,
    )


def _fields(account: EmmaAccount, row: Member) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field_id, value in pairs(row.fields):
        field = account.fields[field_id]
        if field.deleted is None:
            is_date = field.field_type in DATES and is_stored_date(value)
            prefixed = is_date and account.choice("custom_dates") == "prefixed"
            values[field.shortcut_name] = f"{PREFIX}{value}" if prefixed else value
    return values


def _with_sms(account: EmmaAccount, text: bytes, sms: Sms | None) -> bytes:
    if account.choice("sms_key") == "nowhere":
        return text
    if sms is None:
        return b'%b,"sms":null}' % text[:-1]
    changed = sms_time(sms.changed)
    view = {
        "phone_number": sms.phone_number,
        "region_code": sms.region_code,
        "transactional_status": sms.transactional_status,
        "transactional_status_updated_at": changed,
        "promotional_status": sms.promotional_status,
        "promotional_status_updated_at": changed,
    }
    return b'%b,"sms":%b}' % (text[:-1], _encode(view))
