"""Everything that one tester can set or see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from emulator.core.behaviours import Behaviours
from emulator.core.clock import Clock
from emulator.core.failures.faults import Faults
from emulator.core.jobs import Jobs
from emulator.core.journal import Journal
from emulator.core.limits import Limits
from emulator.core.operation import Declined
from emulator.core.routing import Route
from emulator.core.scenarios.progress import Progress
from emulator.core.snapshots import Snapshots
from emulator.core.vendor import Account, Vendor
from emulator.core.webhooks.outbox import Outbox

if TYPE_CHECKING:
    import asyncio

    from emulator.core.durable.file import WorldFile


Scope = Literal["data", "journal", "clock", "behaviours", "faults", "limits", "webhooks"]
SCOPES: tuple[Scope, ...] = ("data", "journal", "clock", "behaviours", "faults", "limits", "webhooks")
KEPT: tuple[Scope, ...] = ("data", "clock", "behaviours")
"""What snapshots keep, and files."""


class Accounts:
    """One vendor's accounts in a world. When they are open, any account exists on first use."""

    __slots__ = ("_accounts", "_vendor", "open", "world")

    def __init__(self, vendor: Vendor, world: World, *, is_open: bool) -> None:
        self._vendor = vendor
        self.world = world
        self.open = is_open
        self._accounts: dict[str, Account] = {}

    def get(self, account_id: str) -> Account | None:
        """The account, made now if accounts are open and it does not exist yet."""
        account = self._accounts.get(account_id)
        if account is None and self.open:
            account = self._vendor.new_account(self.world, account_id)
            self._accounts[account_id] = account
            if self.world.file is not None:
                self.world.file.touch(account)
        return account

    def known(self, account_id: str) -> Account | None:
        """The account if it exists already."""
        return self._accounts.get(account_id)

    def add(self, account: Account) -> None:
        self._accounts[account.id] = account

    def remove(self, account_id: str) -> Account:
        """Raises LookupError."""
        return self._accounts.pop(account_id)

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())

    def __len__(self) -> int:
        return len(self._accounts)

    def blank(self, world: World) -> Accounts:
        """None, for another world."""
        return Accounts(self._vendor, world, is_open=self.open)

    def copy(self, world: World) -> Accounts:
        twin = self.blank(world)
        for account in self._accounts.values():
            twin.add(account.copy(world))
        return twin


class World:
    """Accounts, jobs, clock, behaviours, journal, faults, limits and outbox, shared with no other world.

    `file` keeps what of it is durable; `progress` is how far the loading of a scenario into it is.
    """

    __slots__ = (
        "accounts",
        "behaviours",
        "clock",
        "driver",
        "faults",
        "file",
        "jobs",
        "journal",
        "limits",
        "name",
        "outbox",
        "progress",
        "snapshots",
    )

    def __init__(
        self, name: str, vendors: Iterable[Vendor], behaviours: Behaviours, journal: Journal, *, is_open: bool
    ):
        self.name = name
        self.clock = Clock()
        self.behaviours = behaviours
        self.journal = behaviours.journal = journal
        self.jobs = Jobs()
        self.outbox = Outbox()
        self.driver: asyncio.Task[None] | None = None
        self.file: WorldFile | None = None
        self.snapshots = Snapshots()
        self.faults = Faults()
        self.limits = Limits()
        self.progress = Progress()
        self.accounts: Mapping[str, Accounts] = {
            vendor.id: Accounts(vendor, self, is_open=is_open) for vendor in vendors
        }

    def has(self, route: Route) -> bool:
        """Whether an operation that depends on a behaviour exists here."""
        if isinstance(route, Declined) or route.enabled_by is None:
            return True
        behaviour, choice = route.enabled_by
        return self.behaviours[behaviour] == choice

    @property
    def busy(self) -> bool:
        """Whether something goes on by itself: jobs, or deliveries of webhooks."""
        return bool(self.jobs.busy or self.outbox.pending)

    def copy(self, name: str, scopes: Iterable[Scope] = SCOPES) -> World:
        """A world of its own that starts as this one is in these respects, with an empty journal, nothing to deliver
        and no snapshots.
        """
        twin = World(name, (), self.behaviours.copy(), self._new_journal(), is_open=False)
        twin.restore(self, scopes)
        return twin

    def kept(self, name: str) -> World:
        """A copy of what snapshots keep; it tells nobody of anything."""
        twin = self.copy(name, KEPT)
        twin.outbox.muted = True
        return twin

    def blank(self, name: str) -> World:
        """A world of its own with this one's clock and behaviours, without accounts."""
        twin = World(name, (), self.behaviours.copy(), self._new_journal(), is_open=False)
        twin.clock = self.clock.copy()
        twin.outbox = self.outbox.fresh(name)
        twin.accounts = {vendor: accounts.blank(twin) for vendor, accounts in self.accounts.items()}
        return twin

    def restore(self, start: World, scopes: Iterable[Scope]) -> None:
        """Return to the state of `start` in these respects."""
        scopes = list(scopes)
        if self.file is None:
            self._restore(start, scopes)
        else:
            with self.file.restoring(start, scopes):
                self._restore(start, scopes)

    def replace(self, account: Account) -> None:
        """Put a copy of another world's account in place of the one with its id and of the jobs of that; all else goes
        on.
        """
        accounts = self.accounts[account.vendor]
        before, after = accounts.known(account.id), account.copy(self)
        jobs = [] if before is None else self.jobs.drop(before)
        accounts.add(after)
        if self.file is not None:
            self.file.replaced(after, jobs)

    def erasing(self, account: Account, ids: Sequence[Any], texts: Sequence[str]) -> None:
        """Rows of these ids and texts are erased at this instant; should it end here, the rest is done at the start."""
        if self.file is not None:
            self.file.erasing(account, ids, texts)

    def erased(self, account: Account, ids: Iterable[Any]) -> None:
        """The erasure of these rows is complete: no file may know of them any more."""
        if self.file is not None:
            self.file.erased(account, ids)

    def _restore(self, start: World, scopes: Iterable[Scope]) -> None:
        for scope in scopes:
            if scope == "data":
                self.accounts = {vendor: accounts.copy(self) for vendor, accounts in start.accounts.items()}
                self.jobs = start.jobs.copy(self._own)
            elif scope == "journal":
                self.journal = self.journal.renewed()
            elif scope == "clock":
                self.clock = start.clock.copy()
            elif scope == "faults":
                self.faults = start.faults.copy()
            elif scope == "limits":
                self.limits = start.limits.copy()
            elif scope == "webhooks":
                self.outbox.close()
                self.outbox = start.outbox.fresh(self.name)
            else:
                before, self.behaviours = self.behaviours, start.behaviours.copy()
                if "data" not in scopes:
                    self.behaviours.keep_fixed(before)
        self.behaviours.journal = self.journal

    def _own(self, account: Account) -> Account | None:
        """This world's counterpart of another world's account."""
        return self.accounts[account.vendor].known(account.id)

    def _new_journal(self) -> Journal:
        return Journal(self.journal.max_entries, self.journal.max_bytes)
