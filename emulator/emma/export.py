"""Emma's block of a scenario, written from accounts; `seed.py` reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from emulator.core.masking import masked_url
from emulator.core.store.table import rows
from emulator.core.world import World
from emulator.emma.account import OPTOUT, Delivery, EmmaAccount, Group, Import, Member, Sms, Webhook
from emulator.emma.addresses import is_address
from emulator.emma.field_types import Field, FieldValue, pairs, read_value
from emulator.emma.times import parse_iso, sms_time, wire_date

_MOMENTS = ("sent", "delivered", "opened", "clicked", "forwarded", "shared")
_COUNTERS = {
    "num_members": "received",
    "num_members_added": "added",
    "num_members_updated": "updated",
    "num_duplicates": "duplicates",
    "num_skipped": "skipped",
    "num_errors": "errors",
}


def export(world: World, *, credentials: bool) -> Mapping[str, object]:
    """The block, with iterators over the rows."""
    accounts = world.accounts["emma"]
    return {
        "accounts": iter(
            [_account(each, credentials=credentials) for each in accounts if isinstance(each, EmmaAccount)]
        )
    }


def _account(account: EmmaAccount, *, credentials: bool) -> dict[str, object]:
    block: dict[str, object] = {"account_id": account.number}
    if not account.number:
        block["as_stored"] = True
    if credentials and account.keys:
        block["keys"] = account.keys
    if credentials and account.tokens:
        block["tokens"] = sorted(account.tokens)
    zone = account.choice("time_zone")
    block["fields"] = (field_row(field, zone) for field in account.fields.values())
    if len(account.groups):
        block["groups"] = (group_row(group, zone) for group in rows(account.groups))
    if len(account.members):
        block["members"] = (member_row(account, member) for member in rows(account.members))
    if len(account.imports):
        block["imports"] = (import_row(account, each) for each in rows(account.imports))
    if len(account.deliveries):
        block["mailings"] = (mailing_row(each, zone) for each in rows(account.deliveries))
    if account.members.count((("status", OPTOUT),)):
        block["optouts"] = _optouts(account, zone)
    if len(account.webhooks):
        block["webhooks"] = (webhook_row(webhook, credentials=credentials) for webhook in rows(account.webhooks))
    block["next_ids"] = {kind: counter.next for kind, counter in account.new_ids.items()}
    return block


def field_row(field: Field, zone: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "field_id": field.field_id,
        "shortcut_name": field.shortcut_name,
        "display_name": field.display_name,
        "field_type": field.field_type,
        "widget_type": field.widget_type,
        "column_order": field.column_order,
    }
    if field.required:
        row["required"] = True
    if field.options is not None:
        row["options"] = list(field.options)
    if field.deleted is not None:
        row["deleted_at"] = _date(field.deleted, zone)
    if "" in (field.shortcut_name, field.display_name, *(field.options or ())):
        row["as_stored"] = True
    return row


def group_row(group: Group, zone: str) -> dict[str, Any]:
    row: dict[str, Any] = {"member_group_id": group.group_id, "group_name": group.name}
    if group.type != "g":
        row["group_type"] = group.type
    if group.deleted is not None:
        row["deleted_at"] = _date(group.deleted, zone)
    return row


def member_row(account: EmmaAccount, member: Member) -> dict[str, Any]:
    """A member as a scenario has it, without what is as it would be if it were not said."""
    zone = account.choice("time_zone")
    row: dict[str, Any] = {"member_id": member.member_id, "email": member.email, "member_status_id": member.status}
    row |= _values(account, member)
    if member.group_ids:
        row["groups"] = list(member.group_ids)
    row["member_since"] = _date(member.since, zone)
    for key, second in (
        ("last_modified_at", member.modified),
        ("confirmed_opt_in", member.confirmed),
        ("deleted_at", member.archived),
    ):
        if second is not None:
            row[key] = _date(second, zone)
    # A malformed address is in error unless something else is said.
    if member.email_error is not None or not is_address(member.email):
        row["email_error"] = member.email_error
    if member.bounce_count:
        row["bounce_count"] = member.bounce_count
    if member.plaintext:
        row["plaintext_preferred"] = True
    if member.sms is not None:
        row["sms"] = _sms(member.sms)
    former = account.former_addresses.get(member.member_id)
    if former:
        row["former_addresses"] = list(former.addresses)
    return row


def _values(account: EmmaAccount, member: Member) -> dict[str, Any]:
    """`fields`, and `field_values` for what that can not say: of deleted fields, or of another type than the field."""
    named: dict[str, Any] = {}
    deleted: list[dict[str, Any]] = []
    for field_id, value in pairs(member.fields):
        field = account.fields[field_id]
        written = list(value) if isinstance(value, tuple) else value
        if field.deleted is not None:
            deleted.append({"field_id": field_id, "value": written})
        elif _fits(field, value, written):
            named[field.shortcut_name] = written
        else:
            # All of them, because answers have them in their order.
            return {"field_values": [_value(*pair) for pair in pairs(member.fields)]}
    row: dict[str, Any] = {"fields": named} if named else {}
    return row | {"field_values": deleted} if deleted else row


def _value(field_id: int, value: FieldValue) -> dict[str, Any]:
    return {"field_id": field_id, "value": list(value) if isinstance(value, tuple) else value}


def _fits(field: Field, value: FieldValue, written: object) -> bool:
    """Whether the field's type reads the value as it is."""
    try:
        known = read_value(field, written)
    except ValueError:
        return False
    return type(known) is type(value) and known == value


def _sms(sms: Sms) -> dict[str, Any]:
    return {
        "phone_number": sms.phone_number,
        "transactional_status": sms.transactional_status,
        "promotional_status": sms.promotional_status,
        "updated_at": sms_time(sms.changed),
    }


def import_row(account: EmmaAccount, row: Import) -> dict[str, Any]:
    zone = account.choice("time_zone")
    written: dict[str, Any] = {
        "import_id": row.import_id,
        "import_started": _date(row.started, zone),
        "import_finished": None if row.finished is None else _date(row.finished, zone),
        "status": row.status,
        "source_filename": row.filename,
        "style": row.style,
        "error_message": row.error_message,
        "automated_field_changes": row.automated,
    }
    written = {key: value for key, value in written.items() if value is not None}
    written |= {key: number for key, name in _COUNTERS.items() if (number := getattr(row, name))}
    if row.added_by_group:
        written["num_added_by_group"] = [
            {"member_group_id": group_id, "num_added": number} for group_id, number in row.added_by_group
        ]
    if row.field_ids:
        written["fields_updated"] = list(row.field_ids)
    if len(account.affected[row.import_id]):
        written["members"] = _changes(account, row.import_id)
    return written


def _changes(account: EmmaAccount, import_id: int) -> Iterator[dict[str, Any]]:
    for change in account.affected[import_id]:
        row: dict[str, Any] = {"member_id": change.member_id, "change_type": change.change_type}
        yield row | {"added_to_groups": True} if change.enlisted else row


def mailing_row(delivery: Delivery, zone: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "member_id": delivery.member_id,
        "mailing_id": delivery.mailing_id,
        "name": delivery.name,
        "subject": delivery.subject,
        "delivery_type": delivery.delivery_type,
    }
    for name in _MOMENTS:
        second = getattr(delivery, name)
        if second is not None:
            row["delivery_ts" if name == "delivered" else name] = _date(second, zone)
    if delivery.sign_up:
        row["sign_up"] = True
    return row


def webhook_row(webhook: Webhook, *, credentials: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "webhook_id": webhook.webhook_id,
        "event": webhook.event,
        "url": webhook.url if credentials else masked_url(webhook.url),
        "method": webhook.method,
    }
    return row if webhook.public_key is None else row | {"public_key": webhook.public_key}


def _optouts(account: EmmaAccount, zone: str) -> Iterator[dict[str, Any]]:
    total = len(account.members)
    for member in account.members.select((("status", OPTOUT),), 0, total):
        row: dict[str, Any] = {"member_id": member.member_id, "timestamp": _date(member.opted_out or 0, zone)}
        yield row if member.optout_mailing is None else row | {"mailing_id": member.optout_mailing}


@lru_cache(maxsize=1 << 14)
def _date(second: int, zone: str) -> str:
    """In UTC, because an account's wall clock has an hour twice a year that comes twice."""
    text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # At either end of the calendar only the account's zone says it.
    return text if parse_iso(text) is not None else wire_date(second, zone)
