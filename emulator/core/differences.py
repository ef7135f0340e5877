"""What is otherwise in one state of a world than in another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from emulator.core.clock import isoformat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emulator.core.behaviours import Behaviours
    from emulator.core.clock import Clock
    from emulator.core.store.table import Table
    from emulator.core.vendor import Vendor
    from emulator.core.world import Accounts, World

_AT_ONCE = 1000  # rows
_RUNNING = 1.0  # seconds; clocks that run are not read at the same instant
_MOST_SHOWN = 200  # characters of a value in a sentence

K = TypeVar("K")
R = TypeVar("R")


class Difference(NamedTuple):
    """One of them. `kind` is what it is about (member, group, ..), `key` which one, `change` what happened to it,
    `text` the same as a sentence; `attribute`, `before` and `after` say more where that is of use.
    """

    kind: str
    key: object
    change: str
    text: str
    attribute: str | None = None
    before: object = None
    after: object = None
    vendor: str | None = None
    account: str | None = None

    def describe(self) -> dict[str, Any]:
        """As JSON, without what it does not say."""
        rest = {
            "vendor": self.vendor,
            "account": self.account,
            "attribute": self.attribute,
            "from": self.before,
            "to": self.after,
        }
        row = {"kind": self.kind, "id": self.key, "change": self.change, "text": self.text}
        return row | {key: value for key, value in rest.items() if value is not None}


def differences(before: World, after: World, vendors: Sequence[Vendor]) -> Iterator[Difference | None]:
    """From one state to the other: accounts of each vendor, then behaviours and clock; None where others may be served.

    Nobody may change the worlds meanwhile.
    """
    for vendor in vendors:
        yield from _accounts(vendor, before.accounts[vendor.id], after.accounts[vendor.id])
    yield from _behaviours(before.behaviours, after.behaviours)
    yield from _clocks(before.clock, after.clock)


def changed_rows(
    before: Table[Any, R], after: Table[Any, R], key: Callable[[R], Any]
) -> Iterator[tuple[R, R] | tuple[R, None] | tuple[None, R] | None]:
    """Rows with what they became, in the order of their keys; None after each piece of the tables.

    The same object on both sides is passed over without a look at it, so this costs little where little changed.
    """
    old_at = new_at = 0
    while True:
        old, new = before.page(old_at, old_at + _AT_ONCE), after.page(new_at, new_at + _AT_ONCE)
        if not (old or new):
            return
        if old != new:
            olds, news = {key(row): row for row in old}, {key(row): row for row in new}
            # What lies behind the end of the other side may still come there.
            ends = [max(rows) for rows in (olds, news) if len(rows) == _AT_ONCE]
            if ends:
                olds, news = ({each: row for each, row in rows.items() if each <= min(ends)} for rows in (olds, news))
            for each in sorted(olds.keys() | news.keys()):
                pair: Any = (olds.get(each), news.get(each))
                if pair[0] != pair[1]:
                    yield pair
            old_at, new_at = old_at + len(olds), new_at + len(news)
        else:
            old_at, new_at = old_at + len(old), new_at + len(new)
        yield None


def changed_keys(before: Mapping[K, Any], after: Mapping[K, Any]) -> Iterator[tuple[K, Any, Any]]:
    """Keys whose values differ, with both values; None where there is none."""
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old != new:
            yield name, old, new


def of_rows(
    kind: str, key: object, named: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Difference:
    """The difference of two rows as a scenario has them; None where there is none."""
    if old is None:
        return Difference(kind, key, "added", f"{named} was made", None, old, new)
    if new is None:
        return Difference(kind, key, "removed", f"{named} is gone", None, old, new)
    text = ", ".join(went(*each) for each in changed_keys(old, new))
    return Difference(kind, key, "changed", f"{named} changed, {text}", None, old, new)


def went(name: str, before: object, after: object) -> str:
    """How people say that a value changed."""
    if before is None:
        return f"{name} set to {shown(after)}"
    if after is None:
        return f"{name} cleared, was {shown(before)}"
    return f"{name}: {shown(before)} -> {shown(after)}"


def shown(value: object) -> str:
    """A value in a sentence, on one line."""
    if isinstance(value, list | tuple):
        text = ", ".join(map(str, value))
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
    text = " ".join(text.split()) or repr(text)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


def _accounts(vendor: Vendor, before: Accounts, after: Accounts) -> Iterator[Difference | None]:
    olds, news = {each.id: each for each in before}, {each.id: each for each in after}
    for account_id in dict.fromkeys((*olds, *news)):
        if account_id not in olds:
            yield Difference("account", account_id, "added", f"account {account_id} is new", vendor=vendor.id)
        if account_id not in news:
            yield Difference("account", account_id, "removed", f"account {account_id} is gone", vendor=vendor.id)
        # One that is not there is as good as one that has nothing yet.
        old = olds.get(account_id) or vendor.new_account(before.world, account_id)
        new = news.get(account_id) or vendor.new_account(after.world, account_id)
        for each in vendor.differences(old, new):
            yield None if each is None else each._replace(vendor=vendor.id, account=account_id)


def _behaviours(before: Behaviours, after: Behaviours) -> Iterator[Difference]:
    for name, old, new in changed_keys(before.chosen(), after.chosen()):
        yield Difference("behaviour", name, "changed", f"behaviour {name}: {old} -> {new}", None, old, new)


def _clocks(before: Clock, after: Clock) -> Iterator[Difference]:
    old, new = before.now(), after.now()
    apart = abs(new - old)
    # A clock that runs has gone on since its state was kept, and both have.
    same = apart == 0 if "frozen" in (before.mode, after.mode) else apart < _RUNNING
    if before.mode != after.mode or not same:
        texts = [f"{isoformat(instant)} {clock.mode}" for instant, clock in ((old, before), (new, after))]
        yield Difference("clock", None, "changed", f"clock: {texts[0]} -> {texts[1]}", None, *texts)
