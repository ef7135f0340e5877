"""What is otherwise in an account, in Emma's words."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from emulator.core.differences import Difference, changed_rows, of_rows
from emulator.emma.account import Delivery, EmmaAccount, Group, Import, Webhook
from emulator.emma.export import field_row, group_row, import_row, mailing_row, webhook_row
from emulator.emma.member_differences import Members

_COUNTS = {
    "num_members_added": "added",
    "num_members_updated": "updated",
    "num_duplicates": "duplicates",
    "num_skipped": "skipped",
    "num_errors": "in error",
}
_STATES = {"q": "is queued", "p": "is running", "o": "is finished", "e": "has failed"}


def differences(before: EmmaAccount, after: EmmaAccount) -> Iterator[Difference | None]:
    """Fields, groups, members, imports, mailings, webhooks."""
    if (before.keys, before.tokens) != (after.keys, after.tokens):
        yield Difference("account", after.id, "changed", f"account {after.id} has other keys or tokens", "keys")
    yield from _fields(before, after)
    for groups in changed_rows(before.groups, after.groups, attrgetter("group_id")):
        yield None if groups is None else _group(before, after, *groups)
    members = Members(before, after)
    for pair in changed_rows(before.members, after.members, attrgetter("member_id")):
        if pair is None:
            yield None
        else:
            yield from members.differences(*pair)
    for imports in changed_rows(before.imports, after.imports, attrgetter("import_id")):
        yield None if imports is None else _import(before, after, *imports)
    for mailings in changed_rows(before.deliveries, after.deliveries, attrgetter("delivery_id")):
        yield None if mailings is None else _mailing(before, after, *mailings)
    for webhooks in changed_rows(before.webhooks, after.webhooks, attrgetter("webhook_id")):
        yield None if webhooks is None else _webhook(*webhooks)


def _fields(before: EmmaAccount, after: EmmaAccount) -> Iterator[Difference]:
    olds, news = before.fields, after.fields
    for field_id in sorted(olds.keys() | news.keys()):
        old, new = olds.get(field_id), news.get(field_id)
        if old != new:
            rows = [
                None if row is None else field_row(row, account.choice("time_zone"))
                for row, account in ((old, before), (new, after))
            ]
            name = (new or old).shortcut_name  # type: ignore[union-attr]
            yield _of_row("field", field_id, f"field {field_id} {name}", *rows)


def _group(before: EmmaAccount, after: EmmaAccount, old: Group | None, new: Group | None) -> Difference:
    rows = [
        None if row is None else group_row(row, account.choice("time_zone"))
        for row, account in ((old, before), (new, after))
    ]
    group = new or old
    assert group is not None
    return _of_row("group", group.group_id, f"group {group.group_id} {group.name}", *rows)


def _of_row(kind: str, key: object, named: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> Difference:
    """What can be deleted and yet is there, stays as a row with a date."""
    found = of_rows(kind, key, named, old, new)
    if old is None or new is None or old.get("deleted_at") == new.get("deleted_at"):
        return found
    change, word = ("deleted", "was deleted") if "deleted_at" in new else ("restored", "is there again")
    return found._replace(change=change, text=f"{named} {word}")


def _import(before: EmmaAccount, after: EmmaAccount, old: Import | None, new: Import | None) -> Difference:
    rows = [
        None if row is None else {key: value for key, value in import_row(account, row).items() if key != "members"}
        for row, account in ((old, before), (new, after))
    ]
    if new is None:
        assert old is not None
        return Difference("import", old.import_id, "removed", f"import {old.import_id} is gone", None, rows[0], rows[1])
    counts = [f"{rows[1][key]} {word}" for key, word in _COUNTS.items() if rows[1] and key in rows[1]]
    text = f"import {new.import_id} {_STATES[new.status]}, {new.received} rows: {', '.join(counts) or 'nothing done'}"
    return Difference("import", new.import_id, "added" if old is None else "changed", text, None, rows[0], rows[1])


def _mailing(before: EmmaAccount, after: EmmaAccount, old: Delivery | None, new: Delivery | None) -> Difference:
    rows = [
        None if row is None else mailing_row(row, account.choice("time_zone"))
        for row, account in ((old, before), (new, after))
    ]
    delivery = new or old
    assert delivery is not None
    member = after.members.get(delivery.member_id) or before.members.get(delivery.member_id)
    whom = f"member {delivery.member_id} {member.email}" if member else f"member {delivery.member_id}"
    named = f"mailing {delivery.mailing_id} {delivery.name} to {whom}"
    change, word = (
        ("added", "was recorded") if old is None else ("removed", "is gone") if new is None else ("changed", "changed")
    )
    return Difference("mailing", delivery.mailing_id, change, f"{named} {word}", None, rows[0], rows[1])


def _webhook(old: Webhook | None, new: Webhook | None) -> Difference:
    webhook = new or old
    assert webhook is not None
    named = f"webhook {webhook.webhook_id} of {webhook.event}"
    rows = [None if row is None else webhook_row(row, credentials=False) for row in (old, new)]
    if rows[0] == rows[1]:
        text = f"{named} has another token in its URL"
        return Difference("webhook", webhook.webhook_id, "changed", text, "url")
    return of_rows("webhook", webhook.webhook_id, named, *rows)
