"""Work that ends later in the world's time.

A job is queued, then runs, then is finished or failed. How fast is its pace: `immediate` runs it to its end while the
caller waits, `time` lets it wait and then do so many units a second of the world's time, `manual` waits for a tester.
A job proceeds in pieces; `driver.py` sees to it that it does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from emulator.core.errors import Conflict, UnknownName
from emulator.core.journal import Entry
from emulator.core.slices import Slices

if TYPE_CHECKING:
    from emulator.core.vendor import Account

logger = logging.getLogger("emulator")

State = Literal["queued", "running", "finished", "failed"]
Progress = Literal["immediate", "time", "manual"]

NEVER = float("inf")
_PIECE = 100  # units at a time, well under a turn


class Pace(NamedTuple):
    """How a job proceeds: `queue` in seconds, `rate` in units per second, both of the world's time."""

    progress: Progress
    queue: float
    rate: float


class Work(Protocol):
    """What a job does to its account. All that it knows lies in it, so that a copy goes on where it was copied."""

    total: int
    """Units, known from the start."""

    @property
    def kind(self) -> str:
        """What it is, by which its account can resume it."""

    @property
    def edition(self) -> int:
        """Another number whenever what is left to do became less in another way than by being done."""

    def begin(self, at: float) -> None: ...

    def advance(self, most: int) -> int:
        """Do up to so many units; how many were done: none while something is prepared, more if they needed no work."""

    def finish(self, at: float) -> None: ...

    def fail(self, at: float, message: str) -> None: ...

    def forget(self, texts: Collection[str]) -> Slices[None]:
        """Drop from what is left to do whatever holds one of these texts, e-mail addresses of erased people."""

    def keep(self) -> Callable[[], Any]:
        """What gives a document of its present state, at any time and in any thread; its account can resume it."""

    def progress(self) -> Any:
        """A small document of how far it is since it was kept, in the same edition."""

    def proceeded(self, kept: bytes) -> None:
        """Take over that progress, without doing anything to the account."""

    def copy(self, account: Account) -> Work: ...


@dataclass(slots=True)
class Job:
    """One piece of work. `subject` is the vendor's id of what it works on; instants are POSIX seconds."""

    id: int
    account: Account
    kind: str
    subject: int
    created: float
    pace: Pace
    work: Work
    state: State = "queued"
    held: bool = False
    rushed: bool = False
    """Whether somebody told it to go on whatever its pace."""
    done: int = 0
    turns: int = 0
    """How often it proceeded."""
    begun: float | None = None
    ended: float | None = None
    message: str | None = None
    entry: Entry | None = None
    """The journal entry of the request that made it, where its remarks go."""

    @property
    def over(self) -> bool:
        return self.ended is not None

    @property
    def _progress(self) -> Progress:
        return "immediate" if self.rushed else self.pace.progress

    def wait(self, now: float) -> float:
        """Seconds until it may proceed; zero or less if it may now, NEVER if somebody must tell it to."""
        progress = self._progress
        if self.over or self.held or progress == "manual":
            return NEVER
        if progress == "immediate":
            return 0.0
        if self.begun is None:
            return self.created + self.pace.queue - now
        return self.begun + min(self.done + 1, self.work.total) / self.pace.rate - now

    def proceed(self, now: float) -> None:
        """Do one piece. A bug in the work ends the job, not the emulator."""
        self.turns += 1
        journal = self.account.world.journal
        before = journal.current
        journal.current = before or self.entry
        try:
            self._proceed(now)
        except Exception:
            logger.exception("internal error in job %d, %s %d", self.id, self.kind, self.subject)
            self.fail(now, "internal error of the emulator; its log has the traceback")
        finally:
            journal.current = before

    def run(self, now: float) -> Slices[None]:
        """Go on to the end, whatever the pace."""
        self.held = False
        self.rushed = True
        while not self.over:
            self.proceed(now)
            yield

    def fail(self, now: float, message: str) -> None:
        """End here; what was done stays done."""
        self.state, self.ended, self.message, self.entry = "failed", now, message, None
        self.work.fail(now, message)

    def copy(self, account: Account) -> Job:
        return replace(self, account=account, work=self.work.copy(account), entry=None)

    def _proceed(self, now: float) -> None:
        timed = self._progress == "time"
        if self.begun is None:
            self.begun = self.created + self.pace.queue if timed else now
            self.state = "running"
            self.work.begin(self.begun)
        left = self.work.total - self.done
        if left:
            allowed = (now - self.begun) * self.pace.rate - self.done if timed else left
            done = self.work.advance(max(1, int(min(left, allowed, _PIECE))))
            self.done = min(self.done + done, self.work.total)
        # Under a clock that leaps, the end is when it would have been.
        end = self.begun + self.work.total / self.pace.rate if timed else now
        if self.done >= self.work.total and end <= now:
            self.state, self.ended, self.entry = "finished", end, None
            self.work.finish(end)


class Jobs:
    """The jobs of one world, oldest first; ids count from 1 and are not used again.

    `busy` are those that were not over when last looked at.
    """

    __slots__ = ("_jobs", "_last", "busy")

    def __init__(self) -> None:
        self._jobs: dict[int, Job] = {}
        self._last = 0
        self.busy: list[Job] = []

    def __iter__(self) -> Iterator[Job]:
        return iter(self._jobs.values())

    def get(self, job_id: int) -> Job:
        """Raises UnknownName."""
        if job_id not in self._jobs:
            raise UnknownName(f"there is no job {job_id}; GET /_emulator/jobs lists them")
        return self._jobs[job_id]

    def unfinished(self, job_id: int) -> Job:
        """A job that something can still be done with. Raises UnknownName and Conflict."""
        job = self.get(job_id)
        if job.over:
            raise Conflict(f"job {job_id} is {job.state} already")
        return job

    def put(self, job: Job) -> None:
        """Take in a job that was kept, in place of what was known of it."""
        known = self._jobs.get(job.id)
        if known is not None:
            self.busy = [each for each in self.busy if each is not known]
        self._jobs[job.id] = job
        self._last = max(self._last, job.id)
        if not job.over:
            self.busy.append(job)

    def drop(self, account: Account) -> list[int]:
        """Forget the jobs of an account, done or not; their numbers."""
        gone = [job.id for job in self if job.account is account]
        for job_id in gone:
            del self._jobs[job_id]
        self.busy = [job for job in self.busy if job.account is not account]
        return gone

    def since(self, job_id: int) -> list[Job]:
        """The jobs that are newer than this one."""
        return list(takewhile(lambda job: job.id > job_id, reversed(self._jobs.values())))[::-1]

    def add(self, account: Account, kind: str, subject: int, now: float, pace: Pace, work: Work) -> Job:
        entry = account.world.journal.current
        self._last += 1
        job = Job(self._last, account, kind, subject, now, pace, work, entry=entry)
        self._jobs[job.id] = job
        self.busy.append(job)
        return job

    def pending(self) -> list[Job]:
        """Those that are not over."""
        if any(job.over for job in self.busy):
            self.busy = [job for job in self.busy if not job.over]
        return self.busy

    def wait(self, now: float) -> float:
        """Seconds until the first of them may proceed."""
        return min((job.wait(now) for job in self.pending()), default=NEVER)

    def catch_up(self, now: float) -> Slices[None]:
        """Do all that is due at this instant, by turns."""
        while due := [job for job in self.pending() if job.wait(now) <= 0]:
            for job in due:
                if job.wait(now) <= 0:  # still: it may have been held meanwhile
                    job.proceed(now)
                    yield

    def copy(self, account_of: Callable[[Account], Account | None]) -> Jobs:
        """The same jobs, working on other accounts; without those whose account has no counterpart."""
        twin = Jobs()
        twin._last = self._last
        for job in self:
            account = account_of(job.account)
            if account is not None:
                twin._jobs[job.id] = job.copy(account)
        twin.busy = [job for job in twin if not job.over]
        return twin
