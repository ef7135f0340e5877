# Written by scripts/synchronous.py; change the file of this name in emulator/client/asynchronous.
"""The parts of a client that look at what was asked, and what was told to others."""

from __future__ import annotations

from emulator.client.results import Delivery, Entry, Kept, Ledger, Unmatched
from emulator.client.synchronous.requests import Requests


class Journal:
    """What was asked and what was answered; docs/journal.md has the filters."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def entries(self, limit: int = 100, **filters: object) -> list[Entry]:
        """The newest that pass the filters, oldest first."""
        return self._requests.get("journal", list[Entry], key="entries", query={"limit": limit, **filters})

    def entry(self, number: int) -> Entry:
        return self._requests.get(f"journal/{number}", Entry)

    def last(self) -> Entry:
        """The newest one. Raises Refused when there is none."""
        return self._requests.get("journal/last", Entry)

    def kept(self) -> Kept:
        """How many entries there are, and whether older ones are gone."""
        return self._requests.get("journal", Kept, query={"limit": 0})

    def unmatched(self) -> list[Unmatched]:
        """Requests that met no operation, with those that come closest."""
        return self._requests.get("journal/unmatched", list[Unmatched], key="unmatched")

    def clear(self) -> int:
        """Forget the entries; how many there were."""
        return self._requests.get("journal", int, key="cleared", method="DELETE")


class Webhooks:
    """The ledger of deliveries; docs/control.md has the filters."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def deliveries(self, limit: int = 100, **filters: object) -> list[Delivery]:
        """The newest that pass the filters, oldest first."""
        return self._requests.get("webhooks", list[Delivery], key="deliveries", query={"limit": limit, **filters})

    def kept(self) -> Ledger:
        """How many deliveries there are, by state."""
        return self._requests.get("webhooks", Ledger, query={"limit": 0})

    def flush(self, timeout: float = 30.0) -> int:
        """Do the jobs and send what is due; how many deliveries are left that are due."""
        return self._requests.get("webhooks/flush", int, key="due", method="POST", body={"timeout": timeout})

    def redeliver(self, delivery: int) -> Delivery:
        """Send one again that is over."""
        return self._requests.get(f"webhooks/{delivery}/redeliver", Delivery, method="POST")

    def clear(self) -> int:
        """Forget the deliveries, also those that wait; how many there were."""
        return self._requests.get("webhooks", int, key="cleared", method="DELETE")
