"""Deliveries of webhooks: what was sent where, what came back, and the hand of a tester in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, get_args

from starlette.requests import Request
from starlette.responses import Response

from emulator.control.exchange import json_object, reply, world_of, worlds_of
from emulator.control.filters import doubt_account, one_of
from emulator.control.journal import show
from emulator.core import driver
from emulator.core.clock import isoformat
from emulator.core.errors import UnknownName, UserError
from emulator.core.masking import masked_url, without_credentials
from emulator.core.webhooks.delivery import Attempt, Delivery, State
from emulator.core.world import World

_DEFAULT_LIMIT = 100
_FLUSH_SECONDS = 30.0
_LONGEST_FLUSH = 600.0
_MOST_DIGITS = 9

# Query parameter: whether a delivery passes. All that are given must.
FILTERS: Mapping[str, Callable[[Delivery, str], bool]] = {
    "event": lambda delivery, wanted: delivery.event == wanted,
    "state": lambda delivery, wanted: delivery.state == wanted,
    "vendor": lambda delivery, wanted: delivery.lane.vendor == wanted,
    "account": lambda delivery, wanted: delivery.lane.account == wanted,
    "webhook": lambda delivery, wanted: str(delivery.lane.webhook) == wanted,
    "after": lambda delivery, wanted: delivery.id > int(wanted),
}


async def list_deliveries(request: Request) -> Response:
    """The newest deliveries that pass the filters, oldest first."""
    world, vendors = world_of(request), worlds_of(request).vendors
    wanted = dict(request.query_params)
    allowed = (*FILTERS, "limit")
    for name, value in wanted.items():
        if name not in allowed:
            raise UserError(f"unknown filter {name!r}; allowed are {', '.join(allowed)}")
        if name in ("after", "limit") and not _is_number(value):
            raise UserError(f"{name}: {value!r} is no number")
    if "vendor" in wanted:
        one_of("vendor", wanted["vendor"], [vendor.id for vendor in vendors])
    if "state" in wanted:
        one_of("state", wanted["state"], get_args(State))
    limit = int(wanted.pop("limit", _DEFAULT_LIMIT))
    found = [each for each in world.outbox if all(FILTERS[name](each, value) for name, value in wanted.items())]
    newest = found[-limit:] if limit else []
    answer = {"deliveries": [_describe(each) for each in newest], **_summary(world)}
    if not found and "account" in wanted:
        meant = [vendor for vendor in vendors if wanted.get("vendor") in (None, vendor.id)]
        doubtful = doubt_account(wanted["account"], world, meant)
        return reply(answer | {"doubts": doubtful} if doubtful else answer)
    return reply(answer)


async def flush(request: Request) -> Response:
    """Send what is due by the world's clock, after the jobs that are due; answers when it is done, or after
    `{"timeout": SECONDS}` of real time, 30 by default. `due` is what is left then.
    """
    world = world_of(request)
    timeout = (await json_object(request, "timeout")).get("timeout", _FLUSH_SECONDS)
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 <= timeout <= _LONGEST_FLUSH:
        raise UserError(f"timeout: write a number of seconds from 0 to {_LONGEST_FLUSH:g}")
    await driver.flush(world, timeout)
    now = world.clock.now()
    return reply({"due": sum(1 for each in world.outbox if not each.over and each.due <= now), **_summary(world)})


async def redeliver(request: Request) -> Response:
    """Send a delivery that is over once more, as it was; it comes after what is waiting for the same webhook."""
    world = world_of(request)
    text = request.path_params["delivery"]
    if not _is_number(text):
        raise UnknownName(f"there is no delivery {text!r}; GET /_emulator/webhooks lists them")
    delivery = world.outbox.redeliver(int(text), world.clock.now())
    answer = _describe(delivery)
    driver.touch(world)
    return reply(answer)


async def clear(request: Request) -> Response:
    """Forget the deliveries, also those that still wait; their numbers are not used again."""
    return reply({"cleared": world_of(request).outbox.clear()})


def _summary(world: World) -> dict[str, Any]:
    """How many deliveries are in the ledger, by state, and how many found no room in it."""
    states = Counter(each.state for each in world.outbox)
    return {"states": dict(sorted(states.items())), "kept": len(world.outbox), "dropped": world.outbox.dropped}


def _describe(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "event": delivery.event,
        "vendor": delivery.lane.vendor,
        "account": delivery.lane.account,
        "webhook": delivery.lane.webhook,
        "state": delivery.state,
        "at": isoformat(delivery.at),
        "due": None if delivery.over else isoformat(delivery.due),
        "method": delivery.parcel.method,
        "url": masked_url(delivery.parcel.url),
        "headers": [list(header) for header in delivery.parcel.headers],
        "request": show(without_credentials(delivery.parcel.body)),
        "attempts_made": delivery.made,
        "attempts": [_describe_attempt(each) for each in delivery.attempts],
        "journal_entry": delivery.entry,
    }


def _describe_attempt(attempt: Attempt) -> dict[str, Any]:
    outcome = attempt.outcome
    return {
        "at": isoformat(attempt.at),
        "status": outcome.status,
        "answer": show(without_credentials(outcome.answer)),
        "error": outcome.error,
        "duration_ms": round(outcome.duration * 1000, 3),
    }


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
