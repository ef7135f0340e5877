"""How Emma spells members.

Source: the samples in vendor-docs/emma-groups.txt; reference/emma.md sections 1.2, 2.1 and 10 (C23).
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, json

from emulator.emma.account import EmmaAccount, Member, Sms
from emulator.emma.enlistments import GroupMemberList
from emulator.emma.field_types import DATES, pairs
from emulator.emma.members import MemberList
from emulator.emma.times import PREFIX, optional_date, sms_time, wire_date

_encode = json.Encoder().encode
_MOST_WRITTEN = 2048  # member objects that an account remembers, about 1 MB
_STATUSES = {"a": "active", "o": "opt-out", "e": "error", "f": "forwarded"}


class BareMemberView(Struct, gc=False):
    """The member object without its fields, its keys in the order of the samples."""

    status: str
    confirmed_opt_in: str | None
    account_id: int
    member_id: int
    last_modified_at: str | None
    member_status_id: str
    plaintext_preferred: bool
    email_error: str | None
    member_since: str
    bounce_count: int
    deleted_at: str | None
    email: str


class MemberView(Struct, gc=False):
    """The member object, its keys in the order of the samples."""

    status: str
    confirmed_opt_in: str | None
    account_id: int
    fields: dict[str, Any]
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
    text = member_json(account, row)
    return text if account.choice("sms_key") == "nowhere" else _with_sms(text, row.sms)


def members(account: EmmaAccount, listing: MemberList | int) -> bytes:
    if isinstance(listing, int):
        return b"%d" % listing
    rows = listing.members
    texts = [member_json(account, row) if listing.fields else _encode(_bare(account, row)) for row in rows]
    if account.choice("sms_key") != "nowhere":
        texts = [_with_sms(text, row.sms) for text, row in zip(texts, rows, strict=True)]
    return b"[%b]" % b",".join(texts)


def group_members(account: EmmaAccount, listing: GroupMemberList | int) -> bytes:
    if isinstance(listing, int):
        return b"%d" % listing
    texts = [member_json(account, row) for row in listing.members]
    if account.choice("sms_key") == "everywhere":
        texts = [_with_sms(text, row.sms) for text, row in zip(texts, listing.members, strict=True)]
    return b"[%b]" % b",".join(texts)


def member_json(account: EmmaAccount, row: Member) -> bytes:
    """The member object; rows do not change, so what was written for one is right as long as it is the same row."""
    stamp = account.world.behaviours.stamp
    if account.written_for is not stamp:
        account.written_for = stamp
        account.written.clear()
    known = account.written.get(row.member_id)
    if known is not None and known[0] is row:
        return known[1]
    if len(account.written) >= _MOST_WRITTEN:
        account.written.clear()
    bare = _bare(account, row)
    text = _encode(
        MemberView(
            bare.status,
            bare.confirmed_opt_in,
            bare.account_id,
            _fields(account, row),
            bare.member_id,
            bare.last_modified_at,
            bare.member_status_id,
            bare.plaintext_preferred,
            bare.email_error,
            bare.member_since,
            bare.bounce_count,
            bare.deleted_at,
            bare.email,
        )
    )
    account.written[row.member_id] = (row, text)
    return text


def _bare(account: EmmaAccount, row: Member) -> BareMemberView:
    zone = account.choice("time_zone")
    return BareMemberView(
        _STATUSES[row.status],
        optional_date(row.confirmed, zone),
        account.number,
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
            prefixed = field.field_type in DATES and account.choice("custom_dates") == "prefixed"
            values[field.shortcut_name] = f"{PREFIX}{value}" if prefixed else value
    return values


def _with_sms(text: bytes, sms: Sms | None) -> bytes:
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
