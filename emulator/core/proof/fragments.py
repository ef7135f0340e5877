"""Fragments of a JSON body: a path to a value, or a piece that must be contained.

Paths are the part of JSONPath that people use: `email`, `members[0].email`, `members[*].fields.Age`, `..email` (at any
depth), with or without `$.` before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from emulator.core.errors import UserError

Test = Callable[[Any], bool]

_STEP = re.compile(r"(?P<deep>\.\.)?\.?(?:\[(?P<index>\d{1,9}|\*)\]|\['(?P<quoted>[^']*)'\]|(?P<key>[^.\[\]=]+))")
_ANY = "*"
_DEEPEST = 20
_LONGEST = 500  # characters
_MOST_STEPS = 20

Step = tuple[bool, str | int]


def read_path(text: str) -> tuple[Step, ...]:
    """Steps into a body, each a key or an index and whether it may be at any depth. Raises UserError."""
    rest = text.removeprefix("$")
    if not rest or len(text) > _LONGEST:
        raise UserError(f"body: {text[:80]!r} is no path; write it like members[0].email, or ..email for any depth")
    steps: list[Step] = []
    at = 0
    while at < len(rest):
        match = _STEP.match(rest, at)
        if match is None or len(steps) == _MOST_STEPS:
            raise UserError(f"body: {text!r} is no path; write it like members[0].email, or ..email for any depth")
        key = match["key"] if match["quoted"] is None else match["quoted"]
        index = match["index"]
        steps.append((match["deep"] is not None, key if index is None else _ANY if index == _ANY else int(index)))
        at = match.end()
    if sum(deep for deep, _ in steps) > 1:
        raise UserError(f"body: {text!r} has more than one .., which would take long")
    return tuple(steps)


def values_at(value: Any, steps: tuple[Step, ...]) -> Iterator[Any]:
    """Every value that the path leads to."""
    if not steps:
        yield value
        return
    (deep, step), rest = steps[0], steps[1:]
    for place in _descendants(value) if deep else (value,):
        for child in _children(place, step):
            yield from values_at(child, rest)


def read_fragment(wanted: object) -> tuple[str, Test]:
    """A test of a body, and how people write it. Raises UserError.

    A text is a path, or `path=value`; an object is a piece that the body must contain. A value is compared as JSON
    if it is some, and as text.
    """
    if isinstance(wanted, dict):
        if _is_deep(wanted, _DEEPEST):
            raise UserError(f"body: the object is nested deeper than {_DEEPEST}")
        return msgspec.json.encode(wanted).decode(), lambda body: contains(body, wanted)
    if not isinstance(wanted, str):
        raise UserError('body: write a path such as "email=ann@shop.test", or an object that the body must contain')
    path, equals, text = _split(wanted)
    steps = read_path(path)
    if not equals:
        return wanted, lambda body: any(True for _ in values_at(body, steps))
    return wanted, lambda body: any(_is(value, text) for value in values_at(body, steps))


def _is_deep(value: Any, left: int) -> bool:
    """Whether it is nested deeper than that."""
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return left == 0 or any(_is_deep(each, left - 1) for each in inner)


def contains(value: Any, piece: Any) -> bool:
    """Whether the piece is in the value: objects may have more keys, lists have as many entries in the same order."""
    if isinstance(piece, Mapping):
        return isinstance(value, Mapping) and all(
            key in value and contains(value[key], inner) for key, inner in piece.items()
        )
    if isinstance(piece, list):
        return (
            isinstance(value, list)
            and len(value) == len(piece)
            and all(contains(each, inner) for each, inner in zip(value, piece, strict=True))
        )
    # In Python True is 1.
    return isinstance(value, bool) == isinstance(piece, bool) and bool(value == piece)


def _split(text: str) -> tuple[str, str, str]:
    """At the first = that is not in a quoted key."""
    quoted = False
    for at, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif character == "=" and not quoted:
            return text[:at], "=", text[at + 1 :]
    return text, "", ""


def _is(value: Any, text: str) -> bool:
    if isinstance(value, str):
        return value == text or msgspec.json.encode(value).decode() == text
    try:
        return contains(value, msgspec.json.decode(text))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _children(value: Any, step: str | int) -> Iterator[Any]:
    if isinstance(value, dict):
        if step == _ANY:
            yield from value.values()
        elif str(step) in value:
            yield value[str(step)]
    elif isinstance(value, list):
        if step == _ANY:
            yield from value
        elif isinstance(step, int) and step < len(value):
            yield value[step]


def _descendants(value: Any) -> Iterator[Any]:
    """The value and all that is in it."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        yield each
        if isinstance(each, dict):
            waiting.extend(reversed(each.values()))
        elif isinstance(each, list):
            waiting.extend(reversed(each))
