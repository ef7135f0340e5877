"""Custom fields: their types, and how the values of members are read.

Source: reference/emma.md sections 1.2, 2.7 and 11.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from math import isfinite

from msgspec import Struct

from emulator.emma.times import normal_date

FieldValue = str | int | float | bool | tuple[str, ...]

# The kinds of input element that a type may have; the first is what it gets when none is named.
WIDGETS: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "long", "radio", "select one"),
    "text[]": ("select multiple", "check_multiple"),
    "numeric": ("number",),
    "boolean": ("checkbox",),
    "date": ("date",),
    "timestamp": ("date",),
}
DATES = ("date", "timestamp")
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


class Field(Struct, frozen=True, gc=False, omit_defaults=True):
    """A custom field of the audience; members hold its id."""

    field_id: int
    shortcut_name: str
    display_name: str
    field_type: str = "text"
    widget_type: str = "text"
    column_order: int = 1
    required: bool = False
    options: tuple[str, ...] | None = None
    deleted: int | None = None


# Every account that declares no others has these.
DEFAULT_FIELDS = (
    Field(200, "first_name", "First Name", column_order=1),
    Field(201, "last_name", "Last Name", column_order=2),
    Field(202, "favorite_food", "Favorite Food", column_order=3),
    Field(203, "birthday", "Birthday", "date", "date", column_order=4),
)


def read_value(field: Field, value: object) -> FieldValue | None:
    """A value as its field stores it. Raises ValueError, with the end of a sentence, when the type does not allow it.

    None and the empty text clear.
    """
    return None if value is None or value == "" else _READERS[field.field_type](value)


def as_given(value: object) -> FieldValue:
    """A value that its field's type does not allow, kept all the same."""
    if isinstance(value, str | bool | int | float):
        return value
    return tuple(map(str, value)) if isinstance(value, list) else str(value)


def merged(
    fields: tuple[int | FieldValue, ...], changes: Iterable[tuple[int, FieldValue | None]]
) -> tuple[int | FieldValue, ...]:
    """The fields of a member after changes; None clears."""
    values = dict(pairs(fields)) if fields else {}
    for field_id, value in changes:
        if value is None:
            values.pop(field_id, None)
        else:
            values[field_id] = value
    flat: list[int | FieldValue] = []
    for pair in values.items():
        flat += pair
    return tuple(flat)


def pairs(fields: tuple[int | FieldValue, ...]) -> Iterable[tuple[int, FieldValue]]:
    """Field ids with their values."""
    return zip(fields[::2], fields[1::2], strict=True)  # type: ignore[arg-type]


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    raise ValueError("must be a text")


def _texts(value: object) -> FieldValue | None:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value) or None
    raise ValueError("must be an array of texts")


def _number(value: object) -> int | float:
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        return value
    text = str(value).strip()
    if _NUMBER.fullmatch(text) is None:
        raise ValueError("must be a number")
    return float(text) if "." in text else int(text)


def _boolean(value: object) -> bool:
    truth = value if isinstance(value, bool) else _TRUTH.get(str(value).lower())
    if truth is None:
        raise ValueError("must be true or false")
    return truth


def _date(value: object) -> str:
    date = normal_date(value) if isinstance(value, str) else None
    if date is None:
        raise ValueError("must be a date like 2010-11-12")
    return date


_READERS: Mapping[str, Callable[[object], FieldValue | None]] = {
    "text": _text,
    "text[]": _texts,
    "numeric": _number,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _date,
}
