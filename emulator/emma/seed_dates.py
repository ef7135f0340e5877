"""Dates of a scenario."""

from __future__ import annotations

from emulator.core.errors import Invalid, Location
from emulator.emma.times import parse_iso, parse_second


class Dates:
    """Reads them in an account's zone."""

    def __init__(self, zone: str) -> None:
        self._zone = zone

    def second(self, text: str, location: Location) -> int:
        """The POSIX second. Raises Invalid."""
        second = parse_second(text, self._zone)
        if second is not None:
            return second
        microsecond = parse_iso(text)
        if microsecond is None:
            raise Invalid(location, "must be a date like @D:2010-11-12T11:23:45 or 2010-11-12T11:23:45Z")
        return microsecond // 10**6

    def optional(self, text: str | None, location: Location) -> int | None:
        return None if text is None else self.second(text, location)
