"""Contact fields: their types, and the one place that reads their values.

Source: reference/engagelab.md sections 1.3, 4.1 and 5 (fields).
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from msgspec import Struct

FieldType = Literal["text", "number", "date", "birthday", "dropdown"]


class Field(Struct, frozen=True, eq=False, omit_defaults=True):
    """A contact field, equal to itself only.

    `format` is `MM/DD/YYYY`, `DD/MM/YYYY`, `MM/DD` or `DD/MM`; `options` are a dropdown's.
    """

    name: str
    type: FieldType
    format: str = ""
    options: tuple[str, ...] = ()


# Every new list has these beside the system attributes Email, Name and Phone.
DEFAULT_FIELDS = (
    Field("Gender", "text"),
    Field("Birthday", "birthday", "MM/DD"),
    Field("Age", "number"),
)

# Reserved in any letter case; no contact field can have these names.
SYSTEM_NAMES = frozenset(
    {"email", "name", "phone", "tag", "campaign", "segment", "domain", "createtime", "updatetime", "unsubscribetime"}
)

FORMATS = {
    "date": ("MM/DD/YYYY", "DD/MM/YYYY"),
    "birthday": ("MM/DD", "DD/MM"),
}

MOST_FIELDS = 50  # Email, Name and Phone included
MOST_OPTIONS = 10
_SYSTEM_FIELDS = 3
_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?")
_LONGEST_CACHED = 82  # characters, the longest number; what is cached must not be large
_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_BIRTHDAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})")
_LEAP_YEAR = 2000  # so that 29 February is a birthday

Comparable = int | Decimal | tuple[int, int]


def name_problem(name: str, *, any_letters: bool = False) -> str | None:
    """Why a new field can not have this name; with `any_letters` only system attributes are excluded."""
    if name.lower() in SYSTEM_NAMES:
        return "is a system attribute, not a contact field"
    if not any_letters and _NAME.fullmatch(name) is None:
        return "is no field name (1 to 64 letters, digits and underscores)"
    return None


def has_room(fields: dict[str, Field], more: int) -> bool:
    """Whether so many more fields stay within the vendor's limit."""
    return len(fields) + _SYSTEM_FIELDS + more <= MOST_FIELDS


def value_problem(field: Field, value: str) -> str | None:
    """Why a field can not hold this value."""
    if field.type == "text":
        return None
    return _problem(field, value) if len(value) <= _LONGEST_CACHED else _problem.__wrapped__(field, value)


@lru_cache(maxsize=1 << 14)
def _problem(field: Field, value: str) -> str | None:
    if field.type == "dropdown":
        return None if value in field.options else "must be one of " + ", ".join(field.options)
    if parse(field, value) is not None:
        return None
    return "must be a number" if field.type == "number" else f"must be a {field.type} in the form {field.format}"


def parse(field: Field, value: str) -> Comparable | None:
    """The value as something to compare, None if it can not be read. For number, date and birthday fields."""
    if len(value) > _LONGEST_CACHED:
        return None
    if field.type == "number":
        return parse_number(value)
    if field.type == "date":
        return _parse_date(value, field.format)
    return _parse_birthday(value, field.format)


@lru_cache(maxsize=1 << 16)
def parse_number(value: str) -> int | Decimal | None:
    """A decimal number; whole ones as int, which compare faster."""
    if _NUMBER.fullmatch(value) is None:
        return None
    return Decimal(value) if "." in value else int(value)


def _parse_date(value: str, form: str) -> int | None:
    match = _DATE.fullmatch(value)
    if match is None:
        return None
    first, second, year = map(int, match.groups())
    month, day = (first, second) if form.startswith("MM") else (second, first)
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return None


def _parse_birthday(value: str, form: str) -> tuple[int, int] | None:
    match = _BIRTHDAY.fullmatch(value)
    if match is None:
        return None
    first, second = map(int, match.groups())
    month, day = (first, second) if form.startswith("MM") else (second, first)
    try:
        date(_LEAP_YEAR, month, day)
    except ValueError:
        return None
    return month, day
