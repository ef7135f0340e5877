"""What exports say of an account beside what people write: rows as they are, though no rule would make them now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from emulator.core.errors import Invalid, Location
from emulator.emma.account import EmmaAccount
from emulator.emma.field_types import FieldValue
from emulator.emma.seed_models import FieldSeed, ImportSeed, ValueSeed


def refuse_empty_names(declared: FieldSeed, location: Location) -> None:
    """Raises Invalid, unless the API let it through."""
    if declared.as_stored:
        return
    for key, text in (("shortcut_name", declared.shortcut_name), ("display_name", declared.display_name)):
        if text == "":
            raise Invalid((*location, key), "can not be empty")
    for position, option in enumerate(declared.options or ()):
        if not option:
            raise Invalid((*location, "options", position), "can not be empty")


def stored_values(
    account: EmmaAccount, declared: Sequence[ValueSeed], location: Location
) -> list[tuple[int, FieldValue | None]]:
    """Values that are not read as their field's type wants it."""
    values: list[tuple[int, FieldValue | None]] = []
    for position, each in enumerate(declared):
        here = (*location, "field_values", position)
        if each.field_id not in account.fields:
            raise Invalid((*here, "field_id"), f"{each.field_id} is no field of this account; declare it under fields")
        values.append((each.field_id, _stored(each.value, (*here, "value"))))
    return values


def enlistments_of(account: EmmaAccount, declared: ImportSeed, location: Location) -> tuple[tuple[int, int], ...]:
    """Group ids, and how many members each got."""
    for position, each in enumerate(declared.num_added_by_group):
        if account.groups.get(each.member_group_id) is None:
            here = (*location, "num_added_by_group", position, "member_group_id")
            raise Invalid(here, f"{each.member_group_id} is no group of this account; declare it under groups")
    return tuple((each.member_group_id, each.num_added) for each in declared.num_added_by_group)


def updated_fields(account: EmmaAccount, declared: ImportSeed, location: Location) -> tuple[int, ...]:
    for position, field_id in enumerate(declared.fields_updated):
        if field_id not in account.fields:
            here = (*location, "fields_updated", position)
            raise Invalid(here, f"{field_id} is no field of this account; declare it under fields")
    return tuple(declared.fields_updated)


def _stored(value: object, location: Location) -> FieldValue:
    if isinstance(value, date):  # YAML reads an unquoted date as one
        return value.isoformat()
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value)
    raise Invalid(location, "must be a text, a number, true, false or a list of texts")
