"""A world's own time. The only place, with `ids.py`, where the machine's clock is read."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from emulator.core.errors import Conflict, UserError

Mode = Literal["real", "frozen", "shifted"]

# Object ids carry the second in 32 bits, so no world lives outside this range.
EARLIEST = 0.0
LATEST = float(2**32 - 1)

_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")
_UNITS = (86400.0, 3600.0, 60.0, 1.0)


def stopwatch() -> float:
    """Seconds of a monotonic clock, for durations; has nothing to do with a world's time."""
    return time.perf_counter()


@dataclass(slots=True)
class Clock:
    """Real, frozen at an instant, or shifted from real time. It never goes backwards; a reset makes a new one.

    Instants are POSIX seconds as float.
    """

    mode: Mode = "real"
    offset: float = 0.0
    latest: float = EARLIEST

    def now(self) -> float:
        if self.mode == "frozen":
            return self.latest
        instant = time.time() + self.offset
        if instant > LATEST:
            instant = LATEST
        # The machine's clock may be set back; a world's may not.
        if instant > self.latest:
            self.latest = instant
        return self.latest

    def set(self, mode: Mode, at: float | None = None) -> None:
        """Change how time runs, from `at` on (default: from now). A real clock has the machine's time.

        Raises Conflict when that would go back in time, UserError for an instant that can not be.
        """
        now = self.now()
        if mode == "real":
            _refuse_instant(at)
            if self.mode == "real":
                return
        target = time.time() if mode == "real" else now if at is None else at
        if target < now:
            raise Conflict(
                f"the clock moves forward only: {isoformat(target)} is before {isoformat(now)}; "
                'to start at an earlier instant use POST /_emulator/reset with {"clock": {"mode": "frozen", "at": ...}}'
            )
        self._start(mode, target)

    def advance(self, seconds: float) -> None:
        """Move forward by a duration; a real clock becomes a shifted one."""
        if seconds < 0:
            raise UserError("the clock moves forward only: the duration must not be negative")
        mode: Mode = "frozen" if self.mode == "frozen" else "shifted"
        self._start(mode, self.now() + seconds)

    def copy(self) -> Clock:
        return Clock(self.mode, self.offset, self.latest)

    @classmethod
    def starting(cls, mode: Mode, at: float | None = None) -> Clock:
        """A new clock at any instant, for a scenario or a reset."""
        clock = cls()
        if mode != "real":
            clock._start(mode, time.time() if at is None else at)
        else:
            _refuse_instant(at)
        return clock

    def _start(self, mode: Mode, instant: float) -> None:
        _check_range(instant)
        self.mode = mode
        self.offset = instant - time.time() if mode == "shifted" else 0.0
        self.latest = instant


def _check_range(instant: float) -> None:
    if not EARLIEST <= instant <= LATEST:
        raise UserError(f"clock: the instant must lie between {isoformat(EARLIEST)} and {isoformat(LATEST)}")


def _refuse_instant(at: float | None) -> None:
    if at is not None:
        raise UserError("clock: a real clock takes no instant; use mode frozen or shifted")


def isoformat(instant: float) -> str:
    """An instant as the control plane prints it: ISO 8601 in UTC."""
    return datetime.fromtimestamp(instant, UTC).isoformat().replace("+00:00", "Z")


def parse_instant(text: str) -> float:
    """Read ISO 8601; without a zone it is UTC. Raises UserError, also for an instant that no world can have."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"clock: {text!r} is no instant; write it like 2024-05-01T12:00:00Z") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    instant = moment.timestamp()
    _check_range(instant)
    return instant


def parse_duration(text: str) -> float:
    """Read `90`, `90s`, `15m`, `2h`, `1d` or a sum such as `1d2h30m` as seconds. Raises UserError."""
    try:
        seconds = float(text)
    except ValueError:
        match = _DURATION.fullmatch(text)
        if not text or match is None:
            raise UserError(f"clock: {text!r} is no duration; write it like 90s, 15m, 2h, 1d or 1d2h30m") from None
        return sum(float(part) * unit for part, unit in zip(match.groups(), _UNITS, strict=True) if part)
    if not seconds < float("inf"):
        raise UserError(f"clock: {text!r} is no duration; write it like 90s, 15m, 2h, 1d or 1d2h30m")
    return seconds


def read_clock(value: object) -> Clock:
    """A new clock from what a scenario or a reset says: `{"mode": "frozen", "at": "2024-05-01T12:00:00Z"}`.

    Raises UserError.
    """
    mode, at = read_setting(value)
    return Clock.starting(mode, at)


def read_setting(value: object) -> tuple[Mode, float | None]:
    """Mode and instant (POSIX seconds) of a clock setting. Raises UserError."""
    if not isinstance(value, dict) or value.keys() - {"mode", "at"}:
        raise UserError('clock: write {"mode": "real" | "frozen" | "shifted", "at": "2024-05-01T12:00:00Z"}')
    mode = value.get("mode")
    if mode not in ("real", "frozen", "shifted"):
        raise UserError(f"clock: mode {mode!r:.50} is unknown; use real, frozen or shifted")
    at = value.get("at")
    if isinstance(at, datetime):  # YAML reads an unquoted instant as one
        at = at.isoformat()
    if at is not None and not isinstance(at, str):
        raise UserError(f"clock: {at!s:.50} is no instant; write it like 2024-05-01T12:00:00Z")
    return mode, None if at is None else parse_instant(at)
