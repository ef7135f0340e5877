"""How many calls a vendor takes in a time: off until a tester turns it on, and on the world's clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from emulator.core.errors import Invalid, RateLimited
from emulator.core.journal import Entry, add_note

if TYPE_CHECKING:
    from emulator.core.credentials import Credentials
    from emulator.core.vendor import Account, Vendor

MOST_CALLS = 100_000
MOST_SECONDS = 86_400
_MOST_WINDOWS = 4096
_KEYS = ("calls", "seconds")
_WORDS = {"on": True, "off": False}


class RateLimit(NamedTuple):
    """So many calls in any span of so many seconds of the world's time."""

    calls: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.calls} calls in {self.seconds:g} s"


class Window:
    """The latest calls of one caller, as POSIX seconds; `promised` is when a refused caller was told to come back."""

    __slots__ = ("early", "promised", "refused", "times")

    def __init__(self) -> None:
        self.times: deque[float] = deque()
        self.promised = 0.0
        self.refused = 0
        self.early = 0


class Limits:
    """The limits in force in one world, by vendor; `on` is whether there are any."""

    __slots__ = ("_limits", "_windows", "on")

    def __init__(self) -> None:
        self.on = False
        self._limits: dict[str, RateLimit] = {}
        self._windows: dict[tuple[str, str], Window] = {}

    def __getitem__(self, vendor_id: str) -> RateLimit | None:
        return self._limits.get(vendor_id)

    def windows(self, vendor_id: str) -> Iterator[tuple[str, Window]]:
        """Callers and their calls."""
        return ((caller, window) for (vendor, caller), window in self._windows.items() if vendor == vendor_id)

    def set(self, changes: Mapping[str, RateLimit | None]) -> None:
        """Change the limits of these vendors; counting starts anew for them."""
        for vendor_id, limit in changes.items():
            self._limits.pop(vendor_id, None)
            if limit is not None:
                self._limits[vendor_id] = limit
        self._windows = {key: window for key, window in self._windows.items() if key[0] not in changes}
        self.on = bool(self._limits)

    def count(self, vendor: Vendor, account: Account, credentials: Credentials, entry: Entry) -> None:
        """Count a call. Raises RateLimited, and remarks on it, when it is one too many."""
        limit = self._limits.get(vendor.id)
        if limit is None:
            return
        now = account.world.clock.now()
        window = self._window(vendor.id, vendor.caller(account, credentials), now)
        times = window.times
        if times and times[-1] > now:  # a reset set the clock back
            times.clear()
            window.promised = 0.0
        while times and now >= times[0] + limit.seconds:
            times.popleft()
        if len(times) < limit.calls:
            times.append(now)
            return
        if vendor.counts_refused(account.world):
            times.popleft()
            times.append(now)
        window.refused += 1
        free = times[0] + limit.seconds
        if now < window.promised:
            window.early += 1
            add_note(entry, f"rate limit: called again {window.promised - now:.1f} s before the window allowed it")
        else:
            add_note(entry, f"rate limit: more than {limit}; the next is allowed in {free - now:.1f} s")
        window.promised = free
        raise RateLimited(free - now)

    def copy(self) -> Limits:
        """The same limits, with nothing counted."""
        twin = Limits()
        twin.set(self._limits)
        return twin

    def _window(self, vendor_id: str, caller: str, now: float) -> Window:
        key = vendor_id, caller
        window = self._windows.get(key)
        if window is None:
            if len(self._windows) >= _MOST_WINDOWS:
                self._windows = {
                    key: window
                    for key, window in self._windows.items()
                    if window.times and now < window.times[-1] + self._limits[key[0]].seconds
                }
            window = self._windows[key] = Window()
        return window


def read_limits(value: object, vendors: Sequence[Vendor]) -> dict[str, RateLimit | None]:
    """`{VENDOR: true | false | {"calls": 180, "seconds": 60}}`; true is the documented limit. Raises Invalid."""
    if not isinstance(value, dict):
        raise Invalid((), 'must be an object such as {"VENDOR": true}, {"VENDOR": {"calls": 10, "seconds": 60}}')
    known = {vendor.id: vendor for vendor in vendors}
    limits: dict[str, RateLimit | None] = {}
    for vendor_id, told in value.items():
        vendor = known.get(vendor_id)
        if vendor is None:
            raise Invalid((str(vendor_id),), f"is no vendor; there are {', '.join(known)}")
        if vendor.rate_limit is None:
            raise Invalid((vendor_id,), f"can not be limited: {vendor.title} documents no limit on its operations")
        limits[vendor_id] = _read_limit(told, vendor.rate_limit, vendor_id)
    return limits


def _read_limit(told: object, documented: RateLimit, vendor_id: str) -> RateLimit | None:
    if isinstance(told, str):
        told = _WORDS.get(told, told)
    if isinstance(told, bool):
        return documented if told else None
    if not isinstance(told, dict) or not told or any(key not in _KEYS for key in told):
        raise Invalid((vendor_id,), 'must be true, false, or an object such as {"calls": 180, "seconds": 60}')
    calls, seconds = told.get("calls", documented.calls), told.get("seconds", documented.seconds)
    if not isinstance(calls, int) or isinstance(calls, bool) or not 1 <= calls <= MOST_CALLS:
        raise Invalid((vendor_id, "calls"), f"must be a whole number from 1 to {MOST_CALLS}")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 < seconds <= MOST_SECONDS:
        raise Invalid((vendor_id, "seconds"), f"must be a number above 0, at most {MOST_SECONDS}")
    return RateLimit(calls, float(seconds))
