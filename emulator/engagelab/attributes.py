"""What a condition can name: system attributes and contact fields, which operators fit them, how rows are read.

Source: reference/engagelab.md section 4 (the vendor's own table of operators by field type is not public, so section
4.2 is a reconstruction).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from sys import intern
from typing import NamedTuple

from emulator.core.store.table import Column
from emulator.engagelab.account import Member
from emulator.engagelab.fields import Field, FieldType


class Kind(Enum):
    """What a condition compares; it decides which operators fit."""

    TEXT = "a text"
    NUMBER = "a number"
    DATE = "a date"
    BIRTHDAY = "a birthday"
    DROPDOWN = "a dropdown"
    TAG = "the tags"
    TIME = "a time"


_TEXT_OPERATORS = ("==", "!=", "exist", "contain", "does not contain")
_ORDER_OPERATORS = ("==", "!=", ">", ">=", "<", "<=", "exist")
OPERATORS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: _TEXT_OPERATORS,
    Kind.TAG: _TEXT_OPERATORS,
    Kind.NUMBER: _ORDER_OPERATORS,
    Kind.DATE: _ORDER_OPERATORS,
    Kind.BIRTHDAY: _ORDER_OPERATORS,
    Kind.TIME: _ORDER_OPERATORS,
    Kind.DROPDOWN: ("==", "!=", "exist"),
}

_KIND_OF_FIELD: dict[FieldType, Kind] = {
    "text": Kind.TEXT,
    "number": Kind.NUMBER,
    "date": Kind.DATE,
    "birthday": Kind.BIRTHDAY,
    "dropdown": Kind.DROPDOWN,
}


class Attribute(NamedTuple):
    """What a field name means: its kind, and the column of its values: '' or () where nothing is set, for times None.

    `field` is a contact field's.
    """

    kind: Kind
    column: Column[Member]
    is_address: bool = False
    field: Field | None = None


def _domains(rows: Sequence[Member]) -> list[str]:
    return [row.address.rpartition("@")[2] for row in rows]


# System attributes by lower-case name; their names are matched in any letter case.
SYSTEM_ATTRIBUTES = {
    "email": Attribute(Kind.TEXT, Column("email", lambda rows: [row.address for row in rows]), is_address=True),
    "domain": Attribute(Kind.TEXT, Column("domain", _domains), is_address=True),
    "name": Attribute(Kind.TEXT, Column("name", lambda rows: [row.name or "" for row in rows])),
    "phone": Attribute(Kind.TEXT, Column("phone", lambda rows: [row.phone or "" for row in rows])),
    "tag": Attribute(Kind.TAG, Column("tag", lambda rows: [row.tag_ids for row in rows])),
    "createtime": Attribute(Kind.TIME, Column("created", lambda rows: [row.created for row in rows])),
    "updatetime": Attribute(Kind.TIME, Column("updated", lambda rows: [row.updated for row in rows])),
    "unsubscribetime": Attribute(Kind.TIME, Column("unsubscribed", lambda rows: [row.unsubscribed for row in rows])),
}
# Names that only the conditions of segments may have.
SEGMENT_ONLY = frozenset({"campaign", "segment"})


def field_attribute(field: Field) -> Attribute:
    """What the name of a contact field means."""
    return Attribute(_KIND_OF_FIELD[field.type], _field_column(field.name), field=field)


def _field_column(name: str) -> Column[Member]:
    # Members share few values; looking up a verdict on one text object is quicker than on equal ones.
    return Column(("field", name), lambda rows: [intern(row.fields.get(name) or "") for row in rows])


def lower(column: Column[Member]) -> Column[Member]:
    """The same texts in lower case."""
    return Column(("lower", column.key), lambda rows: [text.lower() for text in column.read(rows)])
