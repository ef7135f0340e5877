"""Webhooks: the rules, in the document's order. What they are told is in `events.py`.

Source: reference/emma.md section 7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from emulator.core.errors import Invalid, NotFound
from emulator.core.webhooks.targets import is_target
from emulator.emma.account import EmmaAccount, Webhook
from emulator.emma.audience import is_id
from emulator.emma.events import EVENTS, GET, POST, Event
from emulator.emma.windows import Listing

if TYPE_CHECKING:
    from emulator.emma.schemas import CreateWebhook, UpdateWebhook


class ListWebhooks(Listing):
    account_id: str


class WebhookRef(Struct):
    account_id: str
    webhook_id: str


class Webhooks(Struct):
    """All of the account."""

    account_id: str


def list_webhooks(account: EmmaAccount, request: ListWebhooks) -> list[Webhook] | int:
    """Get a basic listing of all webhooks associated with an account."""
    return len(account.webhooks) if request.count else account.webhooks.page(*request.window(account))


def get_webhook(account: EmmaAccount, request: WebhookRef) -> Webhook:
    """Get information for a specific webhook belonging to a specific account."""
    return _find(account, request.webhook_id)


def list_events(account: EmmaAccount, request: ListWebhooks) -> list[Event] | int:
    """Get a listing of all event types that are available for webhooks."""
    start, end = request.window(account)
    return len(EVENTS) if request.count else list(EVENTS.values())[start:end]


def create_webhook(account: EmmaAccount, request: CreateWebhook) -> int:
    """Create a new webhook. Its id."""
    webhook = checked(_changed(Webhook(0, "", ""), request))
    webhook_id = account.new_ids["webhook"].new()
    account.webhooks.put(replace(webhook, webhook_id=webhook_id))
    return webhook_id


def update_webhook(account: EmmaAccount, request: UpdateWebhook) -> int | None:
    """Update an existing webhook. Its id, or None if the update failed."""
    webhook = _changed(_find(account, request.webhook_id), request)
    try:
        account.webhooks.put(checked(webhook))
    except Invalid as problem:
        if account.choice("webhook_failed_update") == "reject":
            raise
        account.note(f"nothing was updated: {problem} (emma.webhook_failed_update)")
        return None
    return webhook.webhook_id


def delete_webhook(account: EmmaAccount, request: WebhookRef) -> bool:
    """Deletes an existing webhook."""
    return account.webhooks.delete(_find(account, request.webhook_id).webhook_id)


def delete_webhooks(account: EmmaAccount, request: Webhooks) -> bool:
    """Delete all webhooks registered for an account."""
    webhooks = account.webhooks.page(0, len(account.webhooks))
    account.webhooks.delete_many([webhook.webhook_id for webhook in webhooks])
    return True


def checked(webhook: Webhook) -> Webhook:
    """The same, if it can be. Raises Invalid."""
    if webhook.event not in EVENTS:
        raise Invalid(("event",), f"must be one of {', '.join(EVENTS)}")
    if webhook.method not in (GET, POST):
        raise Invalid(("method",), f"must be {GET} or {POST}")
    if not is_target(webhook.url):
        raise Invalid(("url",), "must be an absolute URL without a user in it")
    return webhook


def _find(account: EmmaAccount, webhook_id: str) -> Webhook:
    webhook = account.webhooks.get(int(webhook_id)) if is_id(webhook_id) else None
    if webhook is None:
        raise NotFound("webhook", webhook_id)
    return webhook


def _changed(webhook: Webhook, request: UpdateWebhook) -> Webhook:
    """The webhook with what the caller named."""
    return Webhook(
        webhook.webhook_id,
        webhook.event if request.event is None else request.event,
        webhook.url if request.url is None else request.url,
        webhook.method if request.method is None else request.method.upper(),
        webhook.public_key if request.public_key is None else str(request.public_key),
    )
