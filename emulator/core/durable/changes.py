"""What has changed in a world since somebody asked, as steps of its log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from emulator.core.durable.document import account_state, kept_tables, whole_job
from emulator.core.durable.steps import (
    Clear,
    Drop,
    Erase,
    Forget,
    JobState,
    Restore,
    Rows,
    Save,
    Step,
    encode,
    job_state,
    settings_of,
)
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
        self._touched: dict[Account, None] = {}
        self._states: dict[Account, bytes] = {}
        """What is known of accounts beside their rows."""
        self._jobs: dict[int, tuple[object, ...]] = {}
        """Jobs that were not over, each with what is another thing when it has changed."""
        self._last_job = 0
        self._settings: object = None
        self._erasures: list[Erase] = []
        self.adopt()

    def touch(self, account: Account) -> None:
        """Something may have changed in this account."""
        self._touched[account] = None

    def touch_all(self) -> None:
        for accounts in self._world.accounts.values():
            self._touched.update(dict.fromkeys(accounts))

    def take(self) -> list[Step]:
        """All that happened since the last time."""
        if self._touched or self._jobs or self._world.jobs.busy or self._settings != self._signature():
            self._collect()
        steps, self._steps = self._steps, []
        return steps

    def replaced(self, account: Account, jobs: Iterable[int]) -> None:
        """The account took the place of the one with its id, whose jobs, with these numbers, are gone."""
        place = account.vendor, account.id
        written = [each for each in self._states if (each.vendor, each.id) == place]
        for known in written:
            del self._states[known]
        for job_id in jobs:
            self._jobs.pop(job_id, None)
        # They spoke of rows that are gone, whatever has their ids now.
        self._erasures = [step for step in self._erasures if (step.vendor, step.account) != place]
        self._collect()
        if written:
            self._steps.append(Forget(*place))
        self.touch(account)

    def saved(self, snapshot: Snapshot) -> None:
        """A snapshot was taken just now, perhaps between the slices of a rule."""
        self.touch_all()
        self._collect()
        self._steps.append(Save(snapshot.name, snapshot.at))

    def dropped(self, name: str) -> None:
        self._steps.append(Drop(name))

    def erasing(self, account: Account, ids: Sequence[Any], texts: Sequence[str]) -> None:
        """Rows went at this instant; an erasure that is cut short is completed when the log is read."""
        # What jobs have forgotten already must be there before.
        self.touch(account)
        self._collect()
        step = Erase(account.vendor, account.id, list(ids), list(texts))
        self._steps.append(step)
        self._erasures.append(step)

    def erased(self, account: Account, ids: Iterable[Any]) -> None:
        """The erasure of all these rows is complete."""
        done = set(ids)
        self._erasures = [
            step
            for step in self._erasures
            if (step.vendor, step.account) != (account.vendor, account.id) or not done.issuperset(step.ids)
        ]

    def open_erasures(self) -> list[Erase]:
        """Those whose rows are gone, while what mentions them elsewhere may still be there."""
        return list(self._erasures)

    def finish_erasures(self) -> None:
        """Complete them now, because nobody else will."""
        for step in self._erasures:
            account = self._world.accounts[step.vendor].known(step.account)
            if account is not None:
                account.finish_erasure(step.ids, step.texts)
        self._erasures = []

    @contextmanager
    def restoring(self, start: World, scopes: Sequence[Scope]) -> Iterator[None]:
        """Within it the world returns to that state in these respects."""
        kept = [scope for scope in scopes if scope in KEPT]
        self.touch_all()
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
                self._jobs[job.id] = _stamp(job)
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
        known = ((self._world.jobs.get(job_id), stamp) for job_id, stamp in self._jobs.items())
        jobs = [job for job, stamp in known if _stamp(job) != stamp]
        jobs += self._world.jobs.since(self._last_job)
        self._touched.update((job.account, None) for job in jobs)
        for account in self._touched:
            if self._world.accounts[account.vendor].known(account.id) is account:
                self._collect_account(account)
        self._touched.clear()
        for job in jobs:
            self._collect_job(job)

    def _collect_account(self, account: Account) -> None:
        state = account_state(account)
        if self._states.get(account) != bytes(state.state):
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
        known = self._jobs.get(job.id)
        same_work = known is not None and known[0] == job.work.edition
        self._steps.append(_progress(job) if same_work else whole_job(job))
        self._last_job = max(self._last_job, job.id)
        if job.over:
            self._jobs.pop(job.id, None)
        else:
            self._jobs[job.id] = _stamp(job)


def _stamp(job: Job) -> tuple[object, ...]:
    """What is another when the job has changed; the edition of its work comes first."""
    return job.work.edition, job.turns, job.state, job.held, job.rushed


def _progress(job: Job) -> JobState:
    state = job_state(job)
    state.progress = msgspec.Raw(encode(job.work.progress()))
    return state
