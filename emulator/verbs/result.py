"""What a verb found out, for programs, people and scripts; the command prints it in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

DONE = 0
NO = 1
WRONG = 2
NOBODY = 3
INTERRUPTED = 130

EXIT_CODES: Mapping[int, str] = {
    DONE: "done, or yes",
    NO: "no: `ready` is not ready, `verify` is not met, `validate` or `doctor` found something wrong, or the emulator "
    "refused",
    WRONG: "asked wrongly: a bad flag, value or question to `verify`, a file that can not be read or written, or a "
    "`start` that can not be",
    NOBODY: "no emulator answers at the address; only `ready` says 1 then",
    INTERRUPTED: "interrupted by Ctrl-C",
}

Tone = Literal["good", "bad", "heading"]


class Toned(str):
    """A text that has a colour on a terminal."""

    __slots__ = ("tone",)
    tone: Tone


def _toned(text: str, tone: Tone) -> Toned:
    made = Toned(text)
    made.tone = tone
    return made


def good(text: str) -> Toned:
    return _toned(text, "good")


def bad(text: str) -> Toned:
    return _toned(text, "bad")


def heading(text: str) -> Toned:
    return _toned(text, "heading")


Line = str | tuple[str, ...]
"""A line for people, perhaps of pieces."""


class Result(NamedTuple):
    """`value` is for `--json`, `lines` are for people.

    `raw` is what goes to standard output as it is, either way; `script` is for another program to read, in place of the
    lines, in which control characters are escaped; `trouble` goes to people's standard error.
    """

    value: Any = None
    lines: Sequence[Line] = ()
    code: int = DONE
    raw: bytes | None = None
    script: str | None = None
    trouble: str | None = None
