"""EngageLab's times: written in UTC+8 to the second, read from conditions in four forms.

Source: vendor-docs/engagelab-members.txt (samples); reference/engagelab.md sections 4.2 and 6.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

ZONE = timezone(timedelta(hours=8))
WIRE_FORMAT = "%Y-%m-%dT%H:%M:%S%z"

_INSTANTS = ("%Y-%m-%d %H:%M:%S", WIRE_FORMAT)
_DAY = 86400  # seconds
_DAYS = ("%Y-%m-%d", "%m/%d/%Y")
WANTED = "must be a time like 2023-11-28, 2023-11-28 18:30:02, 11/28/2023 or 2023-11-28T18:30:02+0800"


@lru_cache(maxsize=1 << 14)
def wire_time(second: int) -> str:
    """`2023-11-28T18:30:02+0800`, from POSIX seconds."""
    return datetime.fromtimestamp(second, UTC).astimezone(ZONE).strftime(WIRE_FORMAT)


def parse_span(text: str) -> tuple[int, int] | None:
    """The half-open span of POSIX seconds that a text means: a second, or a day in UTC+8. None if it is no time."""
    for form in _INSTANTS:
        if (moment := _parse(text, form)) is not None:
            second = int(moment.timestamp())
            return second, second + 1
    for form in _DAYS:
        if (day := _parse(text, form)) is not None:
            start = int(day.timestamp())
            return start, start + _DAY
    return None


def parse_instant(text: str) -> int | None:
    """The POSIX second of a time as the API prints it."""
    moment = _parse(text, WIRE_FORMAT)
    return None if moment is None else int(moment.timestamp())


def _parse(text: str, form: str) -> datetime | None:
    try:
        moment = datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows
        return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
    except ValueError:
        return None
