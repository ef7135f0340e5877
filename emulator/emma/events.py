"""What Emma tells webhooks of: the 22 events, what is sent for each, and the telling.

Source: reference/emma.md sections 7 and 8. Rules say what happened; the world's outbox delivers it later.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from msgspec import json

from emulator.core.webhooks.courier import Parcel
from emulator.core.webhooks.delivery import Lane, Pace
from emulator.emma.account import OPTOUT, EmmaAccount, Webhook
from emulator.emma.times import wire_date

ALL = "all"
"""What stands in place of ids where a call had everybody, or every group, in mind."""
GET, POST = "GET", "POST"

_API = "https://api.e2ma.net"
_HEADERS = (("User-Agent", "audience-emulator"), ("Accept", "*/*"))
_JSON = (*_HEADERS, ("Content-Type", "application/json"))
_WORDS = {"a": "active", "e": "error", "f": "forwarded", "o": "opt-out"}

_MEMBER, _GROUP, _FIELD = "members/{member_id}", "groups/{group_id}", "fields/{field_id}"
_OF_MESSAGE = ("account_id", "member_id", "mailing_id", "subject", "timestamp")
_OF_MAILING = ("mailing_id", "account_id", "subject", "timestamp")
_OF_MEMBER = ("member_id", "account_id", "timestamp")
_OF_ENLISTMENT = ("member_ids", "account_id", "timestamp", "group_ids")
_OF_GROUP = ("group_id", "group_name", "account_id", "timestamp", "resource_url")
_OF_FIELD = ("field_id", "account_id", "timestamp", "resource_url")


class Event(NamedTuple):
    """`documented` are the keys of `data`, `captured` what real deliveries had there besides; `resource` is the path of
    what the event speaks of.
    """

    name: str
    id: int
    description: str
    documented: tuple[str, ...]
    resource: str | None = None
    captured: tuple[str, ...] = ()


EVENTS: Mapping[str, Event] = {
    event.name: event
    for event in (
        Event("mailing_finish", 1, "Fired when a mailing is finished.", _OF_MAILING),
        Event("mailing_start", 2, "Fired when a mailing starts.", _OF_MAILING),
        Event(
            "member_signup",
            3,
            "Fired when a member signs up through a signup form.",
            ("account_id", "member_id", "mailing_id"),
            _MEMBER,
            ("signup_form_id", "timestamp"),
        ),
        Event("message_open", 4, "Fired when a message is opened.", _OF_MESSAGE, _MEMBER),
        Event("message_click", 5, "Fired when a link in a message is clicked.", (*_OF_MESSAGE, "link_id"), _MEMBER),
        Event("member_optout", 6, "Fired when a member opts out.", _OF_MESSAGE, _MEMBER),
        Event("message_share", 7, "Fired when a member shares a message.", (*_OF_MESSAGE, "network"), _MEMBER),
        Event(
            "message_share_click",
            8,
            "Fired when a someone follows a link a member has shared.",
            (*_OF_MESSAGE, "network"),
            _MEMBER,
        ),
        Event(
            "import_finish",
            9,
            "Fired when a member import completes.",
            ("import_id", "account_id", "timestamp", "resource_url", "group_ids", "contact_count"),
            "members/imports/{import_id}",
        ),
        Event("member_update", 10, "Fired when a member is updated.", _OF_MEMBER, _MEMBER),
        Event("member_delete", 11, "Fired when a member is deleted.", _OF_MEMBER, _MEMBER),
        Event("member_add_to_group", 12, "Fired when a member(s) is added to a group(s).", _OF_ENLISTMENT),
        Event("member_remove_from_group", 13, "Fired when a member(s) is removed from a group(s).", _OF_ENLISTMENT),
        Event("group_create", 14, "Fired when a group is created.", _OF_GROUP, _GROUP),
        Event(
            "group_delete",
            15,
            "Fired when a group is deleted.",
            ("group_id", "account_id", "timestamp", "resource_url"),
            _GROUP,
        ),
        Event("group_update", 16, "Fired when a group is updated.", _OF_GROUP, _GROUP),
        Event(
            "member_status_update",
            17,
            "Fired when a member's status changes.",
            ("member_ids", "account_id", "new_status", "timestamp"),
        ),
        Event("message_forward", 18, "Fired when a message is forwarded.", _OF_MESSAGE, _MEMBER),
        Event(
            "member_add",
            19,
            "Fired when a single member is added.",
            ("member_id", "account_id", "timestamp", "signup_form_id", "resource_url"),
            _MEMBER,
            ("group_ids",),
        ),
        Event("field_create", 20, "Fired when a field is created.", _OF_FIELD, _FIELD),
        Event("field_delete", 21, "Fired when a field is deleted.", _OF_FIELD, _FIELD),
        Event("field_update", 22, "Fired when a field is updated.", _OF_FIELD, _FIELD),
    )
}


def happened(account: EmmaAccount, name: str, *, at: int | None = None, **facts: Any) -> None:
    """Tell the webhooks of this event, if there are any; `facts` are values of its keys, `at` a POSIX second.

    What is not known of an event is null.
    """
    if not account.webhooks:
        return
    webhooks = account.webhooks.select((("event", name),), 0, len(account.webhooks))
    if not webhooks:
        return
    body = json.encode(_payload(account, EVENTS[name], account.now() if at is None else at, facts))
    world = account.world
    entry = world.journal.current
    for webhook in webhooks:
        lane = Lane(account.vendor, account.id, webhook.webhook_id)
        parcel = _parcel(webhook, body)
        put = world.outbox.put(
            lane, name, parcel, world.clock.now(), _pace(account), None if entry is None else entry.id
        )
        if put is None:
            account.note(f"a webhook was not told of {name}: too many deliveries wait (GET /_emulator/webhooks)")


def archived(account: EmmaAccount, member_ids: Sequence[int]) -> None:
    """These members are deleted, each an event of its own."""
    if account.webhooks:
        for member_id in member_ids:
            happened(account, "member_delete", member_id=member_id)


def status_changed(account: EmmaAccount, member_ids: Sequence[int], status: str) -> None:
    """These members have this status now, and had another."""
    if not (account.webhooks and member_ids):
        return
    _tell_status(account, member_ids, status)
    if status == OPTOUT and account.choice("webhook_optouts") == "both":
        for member_id in member_ids:
            happened(account, "member_optout", member_id=member_id)


def opted_out(account: EmmaAccount, member_id: int, mailing_id: int | None = None) -> None:
    """The member opted out by itself, from a mailing if from one."""
    if not account.webhooks:
        return
    mailed = account.deliveries.select((("member", member_id),), 0, len(account.deliveries))
    subject = next((each.subject for each in mailed if each.mailing_id == mailing_id), None)
    happened(account, "member_optout", member_id=member_id, mailing_id=mailing_id, subject=subject)
    if account.choice("webhook_optouts") == "both":
        _tell_status(account, [member_id], OPTOUT)


def joined(account: EmmaAccount, member_ids: Collection[int] | str, group_ids: Collection[int]) -> None:
    """Members are in groups that they were not in; nothing if it was nobody or none."""
    if member_ids and group_ids:
        happened(account, "member_add_to_group", member_ids=member_ids, group_ids=group_ids)


def left(account: EmmaAccount, member_ids: Collection[int] | str, group_ids: Collection[int] | str) -> None:
    """Members are no longer in groups that they were in; nothing if it was nobody or none."""
    if member_ids and group_ids:
        happened(account, "member_remove_from_group", member_ids=member_ids, group_ids=group_ids)


def _pace(account: EmmaAccount) -> Pace:
    return Pace(
        float(account.choice("webhook_delay_seconds")),
        int(float(account.choice("webhook_attempts"))),
        float(account.choice("webhook_retry_seconds")),
    )


def _tell_status(account: EmmaAccount, member_ids: Sequence[int], status: str) -> None:
    word = _WORDS[status] if account.choice("webhook_new_status") == "word" else status
    happened(account, "member_status_update", member_ids=member_ids, new_status=word)


def _payload(account: EmmaAccount, event: Event, at: int, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    chosen = account.choice("webhook_payload")
    values = {**facts, "account_id": account.number, "timestamp": wire_date(at, account.choice("time_zone"))}
    resource = None if event.resource is None else f"{_API}/{account.number}/{event.resource.format(**facts)}"
    values["resource_url"] = resource
    keys = event.documented
    if chosen != "documented":
        keys = (*keys, *event.captured)
    if chosen == "captured":
        keys = tuple(key for key in keys if key != "resource_url")
    payload: dict[str, Any] = {"event_name": event.name, "data": {key: values.get(key) for key in keys}}
    if resource is not None and chosen != "documented":
        payload["resource_url"] = resource
    return payload


def _parcel(webhook: Webhook, body: bytes) -> Parcel:
    if webhook.method == POST:
        return Parcel(POST, webhook.url, body, _JSON)
    parts = urlsplit(webhook.url)
    query = "&".join(filter(None, (parts.query, urlencode({"payload": body}))))
    return Parcel(GET, parts._replace(query=query, fragment="").geturl(), b"", _HEADERS)
