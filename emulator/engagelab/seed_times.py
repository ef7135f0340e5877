"""Times of a scenario."""

from __future__ import annotations

from emulator.core.clock import EARLIEST, LATEST
from emulator.core.errors import Invalid, Location
from emulator.engagelab import times


def second(text: str, location: Location) -> int:
    """The POSIX second of a time as the API prints it. Raises Invalid."""
    found = times.parse_instant(text)
    if found is None or not EARLIEST <= found <= LATEST:
        raise Invalid(location, "must be a time like 2023-11-28T18:30:02+0800, from 1970 to 2106")
    return found


def optional_second(text: str | None, location: Location) -> int | None:
    return None if text is None else second(text, location)


def second_or_day(text: str, location: Location) -> int:
    """The same, where a day, which begins at midnight in UTC+8, will do. Raises Invalid."""
    span = times.parse_span(text)
    return second(text, location) if span is None else second(times.wire_time(span[0]), location)
