"""How Emma spells results: key order, envelopes, dates. Member objects are in `member_wire.py`.

Source: the samples in vendor-docs/emma-groups.txt; reference/emma.md sections 1.2 and 2.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, json

from emulator.emma.account import LIVE, Delivery, EmmaAccount, Group, Import, Member, Webhook
from emulator.emma.additions import Addition
from emulator.emma.events import Event
from emulator.emma.field_types import Field
from emulator.emma.imports import ChangeList
from emulator.emma.mailings import OptOut
from emulator.emma.times import optional_date, wire_date

_encode = json.Encoder().encode


class GroupView(Struct):
    """The group object, its keys in the order of the samples."""

    active_count: int
    deleted_at: str | None
    error_count: int
    optout_count: int
    group_type: str
    member_group_id: int
    account_id: int
    group_name: str


class PurgeableGroupView(Struct):
    """The group object of later documents."""

    active_count: int
    deleted_at: str | None
    error_count: int
    optout_count: int
    group_type: str
    member_group_id: int
    purged_at: str | None
    account_id: int
    group_name: str


def truth(account: EmmaAccount, value: bool) -> bytes:
    return b"true" if value else b"false"


def number(account: EmmaAccount, value: int) -> bytes:
    return b"%d" % value


def ids(account: EmmaAccount, values: list[int]) -> bytes:
    return _encode(values)


def addition(account: EmmaAccount, result: Addition) -> bytes:
    row = result.member
    return _encode({"status": row.status, "added": result.added, "member_id": row.member_id})


def sign_up(account: EmmaAccount, row: Member) -> bytes:
    return _encode({"status": row.status, "member_id": row.member_id})


def optouts(account: EmmaAccount, rows: list[OptOut] | int) -> bytes:
    if isinstance(rows, int):
        return number(account, rows)
    zone = account.choice("time_zone")
    return _encode([{"timestamp": wire_date(row.at, zone), "mailing_id": row.mailing_id} for row in rows])


def mailings(account: EmmaAccount, rows: list[Delivery] | int) -> bytes:
    return number(account, rows) if isinstance(rows, int) else _encode([_mailing(account, row) for row in rows])


def group(account: EmmaAccount, row: Group) -> bytes:
    return _encode(_group(account, row))


def groups(account: EmmaAccount, rows: list[Group] | int) -> bytes:
    return number(account, rows) if isinstance(rows, int) else _encode([_group(account, row) for row in rows])


def new_groups(account: EmmaAccount, rows: list[Group]) -> bytes:
    return _encode([{"member_group_id": row.group_id, "group_name": row.name} for row in rows])


def field(account: EmmaAccount, row: Field) -> bytes:
    return _encode(_field(account, row))


def fields(account: EmmaAccount, rows: list[Field] | int) -> bytes:
    return number(account, rows) if isinstance(rows, int) else _encode([_field(account, row) for row in rows])


def webhook(account: EmmaAccount, row: Webhook) -> bytes:
    listed = _webhook(account, row)
    return _encode({key: listed[key] for key in ("url", "event", "method", "account_id", "webhook_id")})


def webhooks(account: EmmaAccount, rows: list[Webhook] | int) -> bytes:
    return number(account, rows) if isinstance(rows, int) else _encode([_webhook(account, row) for row in rows])


def webhook_events(account: EmmaAccount, rows: list[Event] | int) -> bytes:
    if isinstance(rows, int):
        return number(account, rows)
    return _encode(
        [{"event_name": row.name, "webhook_event_id": row.id, "description": row.description} for row in rows]
    )


def updated_webhook(account: EmmaAccount, webhook_id: int | None) -> bytes:
    """The id; false if the update failed."""
    return b"false" if webhook_id is None else number(account, webhook_id)


def import_id(account: EmmaAccount, value: int) -> bytes:
    return b'{"import_id":%d}' % value


def import_detail(account: EmmaAccount, row: Import) -> bytes:
    return _encode(_import(account, row))


def imports(account: EmmaAccount, rows: list[Import] | int) -> bytes:
    return number(account, rows) if isinstance(rows, int) else _encode([_import(account, row) for row in rows])


def import_members(account: EmmaAccount, listing: ChangeList | int) -> bytes:
    if isinstance(listing, int):
        return number(account, listing)
    known = {row.member_id: row for row in account.members.get_many(each.member_id for each in listing.changes)}
    return _encode(
        [
            {
                "member_id": row.member_id,
                "change_type": change.change_type,
                "member_status_id": row.status,
                "email": row.email,
            }
            for change in listing.changes
            if (row := known.get(change.member_id)) is not None
        ]
    )


def _group(account: EmmaAccount, row: Group) -> GroupView | PurgeableGroupView:
    in_group = (("group", row.group_id), LIVE)
    active, error, optout = (account.members.count((*in_group, ("status", status))) for status in "aeo")
    deleted = optional_date(row.deleted, account.choice("time_zone"))
    if account.choice("group_purged_at") == "omit":
        return GroupView(active, deleted, error, optout, row.type, row.group_id, account.number, row.name)
    return PurgeableGroupView(active, deleted, error, optout, row.type, row.group_id, None, account.number, row.name)


def _field(account: EmmaAccount, row: Field) -> dict[str, Any]:
    return {
        "shortcut_name": row.shortcut_name,
        "display_name": row.display_name,
        "account_id": account.number,
        "field_type": row.field_type,
        "required": row.required,
        "field_id": row.field_id,
        "widget_type": row.widget_type,
        "short_display_name": None,
        "column_order": row.column_order,
        "deleted_at": optional_date(row.deleted, account.choice("time_zone")),
        "options": row.options,
    }


def _webhook(account: EmmaAccount, row: Webhook) -> dict[str, Any]:
    return {
        "url": row.url,
        "webhook_id": row.webhook_id,
        "method": row.method,
        "account_id": account.number,
        "event": row.event,
    }


def _mailing(account: EmmaAccount, row: Delivery) -> dict[str, Any]:
    zone = account.choice("time_zone")
    hard = row.delivery_type == "b"
    return {
        "delivery_type": account.choice("hard_bounce_letter") if hard else row.delivery_type,
        "clicked": optional_date(row.clicked, zone),
        "opened": optional_date(row.opened, zone),
        "mailing_id": row.mailing_id,
        "delivery_ts": optional_date(row.delivered, zone),
        "name": row.name,
        "forwarded": optional_date(row.forwarded, zone),
        "shared": optional_date(row.shared, zone),
        "subject": row.subject,
        "sent": optional_date(row.sent, zone),
        "account_id": account.number,
    }


def _import(account: EmmaAccount, row: Import) -> dict[str, Any]:
    zone = account.choice("time_zone")
    added_by_group, groups_updated, fields_updated = _import_details(account, row)
    return {
        "import_id": row.import_id,
        "account_id": account.number,
        "import_started": wire_date(row.started, zone),
        "import_finished": optional_date(row.finished, zone),
        "source_name": None,
        "source_filename": row.filename,
        "num_members_added": row.added,
        "num_members_updated": row.updated,
        "num_added_by_group": added_by_group,
        "num_duplicates": row.duplicates,
        "num_skipped": row.skipped,
        "num_members": row.received,
        "num_errors": row.errors,
        "groups_updated": groups_updated,
        "fields_updated": fields_updated,
        "status": row.status,
        "error_message": row.error_message,
        "style": row.style,
        "automated_field_changes": row.automated,
    }


def _import_details(account: EmmaAccount, row: Import) -> tuple[list[Any], list[Any], list[Any]]:
    """num_added_by_group, groups_updated and fields_updated, as `emma.import_details` says."""
    chosen = account.choice("import_details")
    if chosen == "empty":
        return [], [], []
    group_ids = [group_id for group_id, _ in row.added_by_group]
    added = [{"member_group_id": group_id, "num_added": added} for group_id, added in row.added_by_group]
    if chosen == "ids":
        return added, list(group_ids), list(row.field_ids)
    updated = [_group(account, group) for group in account.groups.get_many(group_ids)]
    return added, updated, [_field(account, account.fields[field_id]) for field_id in row.field_ids]
