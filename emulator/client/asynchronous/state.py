"""The parts of a client that set what a world is like."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from emulator.client.asynchronous.requests import AsyncRequests, escaped
from emulator.client.results import Behaviour, ClockState, Fault, Job, Limit, Snapshot, World


class AsyncClock:
    """The time in a world. An instant is a datetime or ISO 8601; without a zone it is UTC."""

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    async def get(self) -> ClockState:
        return await self._requests.get("clock", ClockState)

    async def set(self, mode: str, at: datetime | str | None = None) -> ClockState:
        """`real`, `frozen` or `shifted`, the latter two from an instant on if it is given."""
        body = {"mode": mode} if at is None else {"mode": mode, "at": _instant(at)}
        return await self._requests.get("clock", ClockState, method="PUT", body=body)

    async def freeze(self, at: datetime | str | None = None) -> ClockState:
        """Stand still, now or at a later instant."""
        return await self.set("frozen", at)

    async def advance(self, by: timedelta | float | str) -> ClockState:
        """Move forward, by seconds or a text such as 1h30m; answers when all jobs are done that it made due."""
        duration = by.total_seconds() if isinstance(by, timedelta) else by
        return await self._requests.get("clock/advance", ClockState, method="POST", body={"by": duration})

    async def advance_to(self, instant: datetime | str) -> ClockState:
        """Move forward to an instant."""
        return await self._requests.get("clock/advance", ClockState, method="POST", body={"to": _instant(instant)})


class AsyncJobs:
    """What ends later: imports, background removals."""

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    async def all(self) -> list[Job]:
        """Oldest first."""
        return await self._requests.get("jobs", list[Job], key="jobs")

    async def finish(self, job: int) -> Job:
        """Do the rest now."""
        return await self._requests.get(f"jobs/{job}/finish", Job, method="POST")

    async def fail(self, job: int, message: str | None = None) -> Job:
        """End it here; what was done stays done."""
        body = {} if message is None else {"message": message}
        return await self._requests.get(f"jobs/{job}/fail", Job, method="POST", body=body)

    async def hold(self, job: int) -> Job:
        """Let it stay as it is."""
        return await self._requests.get(f"jobs/{job}/hold", Job, method="POST")

    async def release(self, job: int) -> Job:
        """Let a held one go on."""
        return await self._requests.get(f"jobs/{job}/release", Job, method="POST")


class AsyncFaults:
    """Failures on request; docs/faults.md has their keys."""

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    async def all(self) -> list[Fault]:
        return await self._requests.get("faults", list[Fault], key="faults")

    async def add(self, **fault: object) -> Fault:
        """`add(operation="emma.members.add", status=500, nth=3)`."""
        return await self._requests.get("faults", Fault, method="POST", body=fault)

    async def replace(self, *faults: Mapping[str, object]) -> list[Fault]:
        """Put these in place of all."""
        return await self._requests.get("faults", list[Fault], key="faults", method="PUT", body=list(faults))

    async def drop(self, fault_id: str) -> None:
        await self._requests.get(f"faults/{escaped(fault_id)}", dict[str, Any], method="DELETE")

    async def clear(self) -> int:
        """Forget all; how many there were."""
        return await self._requests.get("faults", int, key="cleared", method="DELETE")


class AsyncLimits:
    """Rate limits by vendor."""

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    async def all(self) -> list[Limit]:
        return await self._requests.get("limits", list[Limit], key="limits")

    async def set(self, **limits: bool | Mapping[str, float]) -> list[Limit]:
        """`set(emma=True)` for the documented one, `set(emma={"calls": 3, "seconds": 10})`, or False for none."""
        return await self._requests.get("limits", list[Limit], key="limits", method="PUT", body=limits)


class AsyncBehaviours:
    """Choices where the vendors' documents leave one."""

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    async def all(self) -> list[Behaviour]:
        return await self._requests.get("behaviours", list[Behaviour], key="behaviours")

    async def set(self, choices: Mapping[str, object]) -> list[Behaviour]:
        """Choices by id; the list as it is then."""
        return await self._requests.get("behaviours", list[Behaviour], key="behaviours", method="PUT", body=choices)


class AsyncSnapshots:
    """States of a world that were kept under a name."""

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    async def all(self) -> list[Snapshot]:
        return await self._requests.get("snapshots", list[Snapshot], key="snapshots")

    async def save(self, name: str) -> Snapshot:
        """Keep the world as it is, also in place of an older snapshot of that name."""
        return await self._requests.get(f"snapshots/{escaped(name)}", Snapshot, method="PUT")

    async def restore(self, name: str) -> datetime:
        """Return to one; the time it is then."""
        return await self._requests.get(f"snapshots/{escaped(name)}/restore", datetime, key="now", method="POST")

    async def drop(self, name: str) -> None:
        await self._requests.get(f"snapshots/{escaped(name)}", dict[str, Any], method="DELETE")


class AsyncWorlds:
    """All worlds of the emulator, not only the client's own."""

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    async def all(self) -> list[World]:
        return await self._requests.get("worlds", list[World], key="worlds")

    async def cap(self) -> int:
        """The most that there may be at a time."""
        return await self._requests.get("worlds", int, key="cap")

    async def create(self, name: str, *, once: bool = False) -> World:
        """One that must not exist yet; `client.elsewhere(name)` speaks to it. Made `once`, it does not come back by a
        late call after it was dropped.
        """
        return await self._requests.get("worlds", World, method="POST", body={"name": name, "once": once})

    async def drop(self, name: str) -> None:
        """Forget it and all that is in it."""
        await self._requests.get(f"worlds/{escaped(name)}", dict[str, Any], method="DELETE")


def _instant(value: datetime | str) -> str:
    return value if isinstance(value, str) else value.isoformat()
