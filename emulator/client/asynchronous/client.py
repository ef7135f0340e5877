"""One world of one emulator, as a tester steers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from emulator.client.address import DEFAULT_URL, DEFAULT_WORLD
from emulator.client.asynchronous.requests import AsyncRequests
from emulator.client.asynchronous.state import (
    AsyncBehaviours,
    AsyncClock,
    AsyncFaults,
    AsyncJobs,
    AsyncLimits,
    AsyncSnapshots,
    AsyncWorlds,
)
from emulator.client.asynchronous.traffic import AsyncJournal, AsyncWebhooks
from emulator.client.control import ControlClient
from emulator.client.exchange import Exchange, NotVerified, Refused, TimedOut
from emulator.client.results import Credentials, Differences, Finding, Loaded, Seen, Verdict
from emulator.client.scenarios import Scenario, accounts_of, loading_of

_REQUEST_TIMEOUT = 408
_GRACE = 10.0  # seconds of the connection beyond those that the emulator was told to wait


class AsyncClient:
    """`url` is an emulator, or a world of it. Every method may raise Refused and Unreachable; both are one line.

    `ca` is a file with the emulator's certificate authority, for one with TLS.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        world: str = DEFAULT_WORLD,
        token: str | None = None,
        ca: str | None = None,
        exchange: Exchange | None = None,
    ) -> None:
        self._use(ControlClient(url, world, token, ca=ca, exchange=exchange))

    @classmethod
    def of(cls, control: ControlClient) -> AsyncClient:
        """One that sends its requests by this."""
        client = object.__new__(cls)
        client._use(control)
        return client

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"

    @property
    def url(self) -> str:
        """What requests to the vendors begin with, in this world."""
        return self.control.url

    @property
    def name(self) -> str:
        """Of the world."""
        return self.control.world

    def elsewhere(self, world: str) -> AsyncClient:
        """A client for another world of the same emulator."""
        return self.of(self.control.elsewhere(world))

    async def seed(
        self,
        *scenarios: Scenario,
        clock: str | datetime | None = None,
        behaviours: Mapping[str, object] | None = None,
    ) -> Loaded:
        """Put the world into the state of a scenario, a name, a file, or an object with its keys; or of several.

        `clock` (an instant, or `frozen:2024-05-01T12:00:00Z`) and `behaviours` win over theirs and hold while they are
        loaded.
        """
        method, path, body = loading_of(*scenarios, clock=clock, behaviours=behaviours)
        return await self._requests.get(path, Loaded, method=method, body=body)

    async def add(self, scenario: Scenario) -> Loaded:
        """Put the accounts of a scenario into the world, in place of those with the same id; all else stays."""
        return await self._requests.get("state", Loaded, method="PATCH", body=accounts_of(scenario))

    async def reset(self, *scopes: str, clock: Mapping[str, object] | None = None) -> list[str]:
        """Return to the start in these respects, or in all; what was reset."""
        wanted = {"scopes": list(scopes) or None, "clock": clock}
        body = {key: value for key, value in wanted.items() if value is not None}
        return await self._requests.get("reset", list[str], key="reset", method="POST", body=body)

    async def export(
        self, snapshot: str | None = None, *, credentials: bool = False, fail_unfinished: bool = False
    ) -> dict[str, Any]:
        """The world, or a snapshot of it, as a scenario."""
        query = {
            "snapshot": snapshot,
            "credentials": "include" if credentials else None,
            "unfinished": "fail" if fail_unfinished else None,
        }
        return await self._requests.get("state", dict[str, Any], query=query)

    async def diff(self, before: str | None = None, after: str | None = None, *, limit: int = 200) -> Differences:
        """What changed from one snapshot, or the start, to another, or now."""
        return await self._requests.get("state/diff", Differences, query={"from": before, "to": after, "limit": limit})

    async def act(self, vendor: str, action: str, account: str | int, **arguments: object) -> dict[str, Any]:
        """Cause what happens at a vendor without a call of its API; docs/control.md lists the actions."""
        body = {"account": str(account), **arguments}
        return await self._requests.get(f"actions/{vendor}/{action}", dict[str, Any], method="POST", body=body)

    async def mail(self) -> list[dict[str, Any]]:
        """What the vendors would have mailed because of calls."""
        return await self._requests.get("mail", list[dict[str, Any]], key="mail")

    async def credentials(self, vendor: str) -> Credentials:
        """How a client of this vendor's API gets in."""
        found = await self._requests.get("credentials", list[Credentials], key="vendors", query={"vendor": vendor})
        return found[0]

    async def advice(self) -> list[Finding]:
        """What the traffic tells of the integration."""
        return await self._requests.get("advice", list[Finding], key="advice")

    async def verify(
        self,
        *,
        expect: Sequence[Mapping[str, object]] | None = None,
        where: Mapping[str, object] | None = None,
        in_order: bool = False,
        exactly: bool = False,
        **expectation: object,
    ) -> Verdict:
        """Assert what the traffic was: `verify(operation="emma.members.add", count=1)`, or several of these in
        `expect`. Raises NotVerified with what was seen instead; docs/journal.md has the filters.
        """
        body: dict[str, object] = {"in_order": in_order, "exactly": exactly}
        body |= expectation if expect is None else {"expect": list(expect), **expectation}
        if where is not None:
            body["where"] = where
        verdict = await self._requests.get("journal/verify", Verdict, method="POST", body=body)
        if not verdict.ok:
            raise NotVerified("\n".join(verdict.instead))
        return verdict

    async def wait(self, count: int = 1, timeout: float = 10.0, **filters: object) -> Seen:
        """Until so many requests that pass the filters have been answered, earlier ones included.

        Raises TimedOut after `timeout` seconds of real time.
        """
        query = {"count": count, "timeout": timeout, **filters}
        try:
            return await self._requests.get("journal/wait", Seen, query=query, timeout=timeout + _GRACE)
        except Refused as refused:
            if refused.status == _REQUEST_TIMEOUT:
                raise TimedOut(str(refused)) from None
            raise

    async def read(self, path: str, method: str = "GET", body: object = None) -> Any:
        """The answer of any control request, `/_emulator/<path>`: of JSON its value, else the text."""
        answer = await self.control.read_async(path, method, body)
        try:
            return msgspec.json.decode(answer)
        except msgspec.DecodeError:
            return answer.decode()

    def _use(self, control: ControlClient) -> None:
        self.control = control
        self._requests = requests = AsyncRequests(control)
        self.clock = AsyncClock(requests)
        self.jobs = AsyncJobs(requests)
        self.faults = AsyncFaults(requests)
        self.limits = AsyncLimits(requests)
        self.behaviours = AsyncBehaviours(requests)
        self.snapshots = AsyncSnapshots(requests)
        self.worlds = AsyncWorlds(requests)
        self.journal = AsyncJournal(requests)
        self.webhooks = AsyncWebhooks(requests)
