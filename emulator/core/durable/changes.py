"""What has changed in a world since somebody asked, as steps of its log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from emulator.core.durable.document import account_state, kept_tables, whole_job
from emulator.core.durable.steps import Clear, Drop, JobState, Restore, Rows, Save, Step, encode, job_state, settings_of
from emulator.core.world import KEPT

if TYPE_CHECKING:
    from emulator.core.jobs import Job
    from emulator.core.snapshots import Snapshot
    from emulator.core.vendor import Account
    from emulator.core.world import Scope, World


class Changes:
    """Collects the changes of one world; what is there in the beginning is taken for known."""

    def __init__(self, world: World, is_start: Callable[[World], bool]) -> None:
        self._world = world
        self._is_start = is_start
        self._steps: list[Step] = []
        self._touched: set[Account] = set()
        self._states: dict[Account, bytes] = {}
        """What is known of accounts beside their rows."""
        self._jobs: dict[int, tuple[int, bytes]] = {}
        """Jobs that were not over: the edition of their work, and what else is known of them."""
        self._last_job = 0
        self._settings: object = None
        self.adopt()

    def touch(self, account: Account) -> None:
        """Something may have changed in this account."""
        self._touched.add(account)

    def touch_all(self) -> None:
        self._touched.update(account for accounts in self._world.accounts.values() for account in accounts)

    def take(self) -> list[Step]:
        """All that happened since the last time."""
        if self._touched or self._jobs or self._world.jobs.busy or self._settings != self._signature():
            self._collect()
        steps, self._steps = self._steps, []
        return steps

    def saved(self, snapshot: Snapshot) -> None:
        """A snapshot was taken just now."""
        self._collect()
        self._steps.append(Save(snapshot.name, snapshot.at))

    def dropped(self, name: str) -> None:
        self._steps.append(Drop(name))

    @contextmanager
    def restoring(self, start: World, scopes: Sequence[Scope]) -> Iterator[None]:
        """Within it the world returns to that state in these respects."""
        kept = [scope for scope in scopes if scope in KEPT]
        self._collect()
        yield
        if not kept:
            return
        snapshot = next((each.name for each in self._world.snapshots if each.state is start), None)
        if self._is_start(start) or snapshot is not None:
            self._steps.append(Restore(kept, snapshot))
            self.adopt()
        else:
            if "data" in kept:
                self._steps.append(Clear())
                self._forget()
            self.touch_all()

    def adopt(self) -> None:
        """Take the world of now for known."""
        self._forget()
        for accounts in self._world.accounts.values():
            for account in accounts:
                self._states[account] = encode(account.state())
                for _, kept in kept_tables(account):
                    kept.record()
        for job in self._world.jobs:
            self._last_job = job.id
            if not job.over:
                self._jobs[job.id] = (job.work.edition, encode(_progress(job)))
        self._settings = self._signature()

    def _forget(self) -> None:
        self._touched.clear()
        self._states.clear()
        self._jobs.clear()
        self._last_job = 0

    def _signature(self) -> object:
        clock = self._world.clock
        latest = clock.latest if clock.mode == "frozen" else None
        return clock.mode, clock.offset, latest, self._world.behaviours.stamp

    def _collect(self) -> None:
        if self._settings != self._signature():
            self._settings = self._signature()
            self._steps.append(settings_of(self._world))
        jobs = [*map(self._world.jobs.get, self._jobs), *self._world.jobs.since(self._last_job)]
        self._touched.update(job.account for job in jobs)
        for account in self._touched:
            if self._world.accounts[account.vendor].known(account.id) is account:
                self._collect_account(account)
        self._touched.clear()
        for job in jobs:
            self._collect_job(job)

    def _collect_account(self, account: Account) -> None:
        state = account_state(account)
        if self._states.get(account) != state.state:
            self._states[account] = bytes(state.state)
            self._steps.append(state)
        for name, kept in kept_tables(account):
            if kept.recording:
                dropped, put = kept.drain()
            else:
                dropped, put = (), list(kept.rows())
                kept.record()
            if dropped or put:
                self._steps.append(Rows(account.vendor, account.id, name, list(dropped), put))

    def _collect_job(self, job: Job) -> None:
        edition, known = self._jobs.get(job.id, (None, b""))
        if edition == job.work.edition:
            state = _progress(job)
            if encode(state) == known:
                return
        else:
            state = whole_job(job)
        self._steps.append(state)
        self._last_job = max(self._last_job, job.id)
        if job.over:
            self._jobs.pop(job.id, None)
        else:
            self._jobs[job.id] = (job.work.edition, encode(_progress(job)))


def _progress(job: Job) -> JobState:
    state = job_state(job)
    state.progress = msgspec.Raw(encode(job.work.progress()))
    return state
