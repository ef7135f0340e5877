"""Emma's dates: `@D:2010-11-12T11:23:45`, to the second, on the wall clock of the account's zone.

Source: reference/emma.md section 1.2.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

PREFIX = "@D:"
_STORED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
_DATE = re.compile(
    r"(?:@D:)?([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?(?:\.[0-9]+)?"
)
_DAY = timedelta(days=1)
_YEARS = range(1900, 9999)  # so that every zone can print them
_NO_END = 2**62
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=1 << 14)
def wire_date(second: int, zone: str) -> str:
    """`@D:2010-11-12T11:23:45`, from POSIX seconds and the name of a time zone."""
    moment = datetime.fromtimestamp(second, ZoneInfo(zone))
    return PREFIX + moment.replace(tzinfo=None).isoformat()


def optional_date(second: int | None, zone: str) -> str | None:
    return None if second is None else wire_date(second, zone)


def sms_time(microsecond: int) -> str:
    """`2023-02-14T21:27:20.723208+00:00`, from microseconds since 1970; mobile numbers have times of this kind."""
    moment = datetime.fromtimestamp(microsecond // 10**6, UTC).replace(microsecond=microsecond % 10**6)
    return moment.isoformat(timespec="microseconds")


def parse_second(text: str, zone: str) -> int | None:
    """The POSIX second of a date as the API prints it, with or without prefix; None if it is none."""
    moment = _moment(text)
    return None if moment is None or moment.year not in _YEARS else _second(moment, zone)


def parse_iso(text: str) -> int | None:
    """Microseconds since 1970 of ISO 8601, in UTC if no zone is named; None if it is no time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.year not in _YEARS:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def parse_day(text: str, zone: str) -> tuple[int, int] | None:
    """The half-open span of POSIX seconds of `YYYY-MM-DD`; None if it is no day."""
    try:
        start = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - the zone follows
    except ValueError:
        return None
    if start.year not in _YEARS:
        return (0, 0) if start.year < _YEARS.start else (_NO_END, _NO_END)
    return _second(start, zone), _second(start + _DAY, zone)


def normal_date(text: str) -> str | None:
    """The value of a custom date field as it is stored, `2010-11-12T11:23:45`; None if it is no date."""
    moment = _moment(text)
    return None if moment is None else moment.isoformat()


def is_stored_date(value: object) -> bool:
    """Whether the value of a date field is one; others are kept as they were given."""
    return isinstance(value, str) and _STORED.fullmatch(value) is not None


def _moment(text: str) -> datetime | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        return datetime(*(int(part) for part in match.groups(default="0")))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None


def _second(moment: datetime, zone: str) -> int:
    return int(moment.replace(tzinfo=ZoneInfo(zone)).timestamp())
