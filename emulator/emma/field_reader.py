"""What callers send as fields of a member, as changes to its row.

Source: reference/emma.md sections 2.7, 3.1, 3.2 and 5.3.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.core.errors import Invalid
from emulator.emma.account import EmmaAccount
from emulator.emma.events import happened
from emulator.emma.field_types import Field, FieldValue, as_given, read_value

FieldChanges = list[tuple[int, FieldValue | None]]
"""Field ids and new values; None clears."""


class FieldReader:
    """Looks the account's fields and choices up once, for any number of members.

    Fields that have to be made wait until `keep` is called, so that a refused call leaves none behind.
    """

    __slots__ = ("_account", "_bad", "_by_name", "_last_order", "_new", "_noted", "_unknown")

    def __init__(self, account: EmmaAccount, noted: set[str] | None = None) -> None:
        """`noted` are names that were remarked upon already."""
        self._account = account
        self._by_name = {field.shortcut_name: field for field in account.fields.values() if field.deleted is None}
        self._new: dict[str, Field] = {}
        self._unknown = account.choice("unknown_fields")
        self._bad = account.choice("bad_field_value")
        self._noted = set() if noted is None else noted
        self._last_order = max((field.column_order for field in account.fields.values()), default=0)

    def read(self, given: Mapping[str, object]) -> FieldChanges:
        """Check everything, change nothing. Raises Invalid."""
        changes: FieldChanges = []
        self._new = {}
        for name, value in given.items():
            field = self._by_name.get(name)
            if field is None:
                field = self._unknown_field(name)
                if field is None:
                    continue
            if field.field_type == "text" and type(value) is str and value:
                changes.append((field.field_id, value))
            else:
                self._add(changes, field, value)
        return changes

    def keep(self) -> None:
        """Make the new fields of what was read last."""
        if not self._new:
            return
        for field in self._new.values():
            field_id = self._account.new_ids["field"].new()
            self._account.fields[field_id] = field
            happened(self._account, "field_create", field_id=field_id)
        self._last_order += len(self._new)
        self._by_name |= self._new
        self._new = {}

    def _add(self, changes: FieldChanges, field: Field, value: object) -> None:
        try:
            changes.append((field.field_id, read_value(field, value)))
        except ValueError as error:
            if self._bad == "reject":
                raise Invalid(("fields", field.shortcut_name), str(error)) from None
            if self._bad == "keep":
                changes.append((field.field_id, as_given(value)))
            done = "kept as given" if self._bad == "keep" else "ignored"
            self._note(field.shortcut_name, f"{error}; {done} (emma.bad_field_value)")

    def _unknown_field(self, name: str) -> Field | None:
        if self._unknown == "reject":
            raise Invalid(("fields", name), "is no field of this account")
        if self._unknown == "ignore":
            self._note(name, "is no field of this account and was dropped (emma.unknown_fields)")
            return None
        number = len(self._new)
        order = self._last_order + number + 1
        field = Field(self._account.new_ids["field"].next + number, name, name, column_order=order)
        self._new[name] = field
        self._note(name, "was made a new text field (emma.unknown_fields)")
        return field

    def _note(self, name: str, text: str) -> None:
        if name not in self._noted:
            self._noted.add(name)
            self._account.note(f"fields.{name} {text}")
