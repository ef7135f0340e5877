"""The filters of a request to the control plane. One that nothing can pass is refused, or doubted where that is not
sure: to see nothing would look like proof that nothing happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from http import HTTPMethod

from starlette.requests import Request

from emulator.core.errors import UnknownName, UserError
from emulator.core.journal import Entry
from emulator.core.proof.criteria import NAMES, Criteria, number, read_criteria
from emulator.core.proof.explanation import routes_of
from emulator.core.vendor import Vendor
from emulator.core.world import World

DEFAULT_LIMIT = 100


def read_filters(request: Request, vendors: Sequence[Vendor], *others: str) -> tuple[int, Criteria]:
    """The limit, and what the query looks for; `others` are parameters that mean something else.

    Raises UserError, also for what can not be.
    """
    wanted = [(name, value) for name, value in request.query_params.multi_items() if name not in others]
    limit = next((number("limit", value) for name, value in reversed(wanted) if name == "limit"), DEFAULT_LIMIT)
    unknown = next((name for name, _ in wanted if name not in (*NAMES, "limit")), None)
    if unknown is not None:
        raise UserError(f"unknown filter {unknown!r}; allowed are {', '.join((*NAMES, *others, 'limit'))}")
    criteria = read_criteria((name, value) for name, value in wanted if name != "limit")
    check(criteria, vendors)
    return limit, criteria


def check(criteria: Criteria, vendors: Sequence[Vendor]) -> None:
    """Raises UnknownName for operations, vendors and methods that there are not."""
    known = list(routes_of(vendors))
    for test in criteria.tests:
        if test.name == "operation" and not any(fnmatchcase(each, test.wanted) for each in known):
            close = get_close_matches(test.wanted, known, n=1)
            hint = f"did you mean {close[0]}?" if close else "GET /_emulator/operations lists them"
            raise UnknownName(f"operation: {test.wanted!r} is none; {hint}")
        if test.name == "method":
            one_of("method", test.wanted, list(HTTPMethod))
        elif test.name == "vendor":
            one_of("vendor", test.wanted, [vendor.id for vendor in vendors])


def one_of(name: str, wanted: str, known: Sequence[str]) -> None:
    """Raises UnknownName if it is none of these."""
    if wanted in known:
        return
    close = get_close_matches(wanted, known, n=1) or get_close_matches(wanted.lower(), known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
    raise UnknownName(f"{name}: {wanted!r} is none; {hint}")


def doubts(criteria: Criteria, world: World, vendors: Sequence[Vendor], entries: Iterable[Entry] = ()) -> list[str]:
    """A line for each account that can not have made a request here, unless it has made one of these."""
    wanted: dict[str, list[str]] = {"account": [], "vendor": [], "operation": []}
    for test in criteria.tests:
        wanted.get(test.name, []).append(test.wanted)
    if not wanted["account"]:
        return []
    meant = [
        vendor
        for vendor in vendors
        if all(each == vendor.id for each in wanted["vendor"])
        and all(any(fnmatchcase(known, each) for known in routes_of([vendor])) for each in wanted["operation"])
    ]
    seen = {entry.account for entry in entries}
    return [
        line for account in wanted["account"] if account not in seen for line in doubt_account(account, world, meant)
    ]


def doubt_account(account_id: str, world: World, vendors: Iterable[Vendor]) -> list[str]:
    """One line if none of the vendors can have this account, which might have been seen before a reset."""
    known: list[str] = []
    titles: list[str] = []
    closed = False
    for vendor in vendors:
        accounts = world.accounts[vendor.id]
        if accounts.known(account_id) is not None or (accounts.open and vendor.may_exist(account_id)):
            return []
        known += [account.id for account in accounts]
        titles.append(vendor.title)
        closed = closed or not accounts.open
    close = get_close_matches(account_id, known, n=1)
    hint = f"did you mean {close[0]}?" if close else "GET /_emulator/worlds lists those that there are"
    why = "accounts are closed, and this one is not declared" if closed else "its id can not be one"
    return [f"account: {' or '.join(titles) or 'nobody'} has no {account_id!r} here ({why}); {hint}"]
