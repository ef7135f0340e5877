"""The parts of a client that look at what was asked, and what was told to others."""

from __future__ import annotations

from emulator.client.asynchronous.requests import AsyncRequests
from emulator.client.results import Delivery, Entry, Kept, Ledger, Unmatched


class AsyncJournal:
    """What was asked and what was answered; docs/journal.md has the filters."""

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    async def entries(self, limit: int = 100, **filters: object) -> list[Entry]:
        """The newest that pass the filters, oldest first."""
        return await self._requests.get("journal", list[Entry], key="entries", query={"limit": limit, **filters})

    async def entry(self, number: int) -> Entry:
        return await self._requests.get(f"journal/{number}", Entry)

    async def last(self) -> Entry:
        """The newest one. Raises Refused when there is none."""
        return await self._requests.get("journal/last", Entry)

    async def kept(self) -> Kept:
        """How many entries there are, and whether older ones are gone."""
        return await self._requests.get("journal", Kept, query={"limit": 0})

    async def unmatched(self) -> list[Unmatched]:
        """Requests that met no operation, with those that come closest."""
        return await self._requests.get("journal/unmatched", list[Unmatched], key="unmatched")

    async def clear(self) -> int:
        """Forget the entries; how many there were."""
        return await self._requests.get("journal", int, key="cleared", method="DELETE")


class AsyncWebhooks:
    """The ledger of deliveries; docs/control.md has the filters."""

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    async def deliveries(self, limit: int = 100, **filters: object) -> list[Delivery]:
        """The newest that pass the filters, oldest first."""
        return await self._requests.get("webhooks", list[Delivery], key="deliveries", query={"limit": limit, **filters})

    async def kept(self) -> Ledger:
        """How many deliveries there are, by state."""
        return await self._requests.get("webhooks", Ledger, query={"limit": 0})

    async def flush(self, timeout: float = 30.0) -> int:
        """Do the jobs and send what is due; how many deliveries are left that are due."""
        return await self._requests.get("webhooks/flush", int, key="due", method="POST", body={"timeout": timeout})

    async def redeliver(self, delivery: int) -> Delivery:
        """Send one again that is over."""
        return await self._requests.get(f"webhooks/{delivery}/redeliver", Delivery, method="POST")

    async def clear(self) -> int:
        """Forget the deliveries, also those that wait; how many there were."""
        return await self._requests.get("webhooks", int, key="cleared", method="DELETE")
