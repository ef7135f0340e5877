"""Custom fields: the rules of the six operations.

Source: reference/emma.md section 6.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from emulator.core.errors import Invalid, NotFound
from emulator.core.slices import Slices
from emulator.emma.account import EmmaAccount
from emulator.emma.audience import change_each, is_id
from emulator.emma.events import happened
from emulator.emma.field_types import WIDGETS, Field, merged
from emulator.emma.windows import Listing

if TYPE_CHECKING:
    from emulator.emma.schemas import CreateField, UpdateField


class ListFields(Listing):
    account_id: str
    deleted: bool = False


class FieldRef(Struct):
    account_id: str
    field_id: str


class GetField(FieldRef):
    deleted: bool = False


def list_fields(account: EmmaAccount, request: ListFields) -> list[Field] | int:
    """Gets a list of this account's defined fields, in the order of their ids."""
    fields = [field for _, field in sorted(account.fields.items()) if request.deleted or field.deleted is None]
    start, end = request.window(account)
    return len(fields) if request.count else fields[start:end]


def get_field(account: EmmaAccount, request: GetField) -> Field:
    """Gets the detailed information about a particular field."""
    return _find(account, request.field_id, deleted=request.deleted)


def create_field(account: EmmaAccount, request: CreateField) -> int:
    """Create a new field; its name must be free. The new id."""
    order = 1 + max((field.column_order for field in account.fields.values()), default=0)
    field = _changed(
        account, Field(0, "", request.display_name or request.shortcut_name or "", column_order=order), request
    )
    field_id = account.new_ids["field"].new()
    account.fields[field_id] = replace(field, field_id=field_id)
    happened(account, "field_create", field_id=field_id)
    return field_id


def update_field(account: EmmaAccount, request: UpdateField) -> int:
    """Updates an existing field. Its id."""
    field = _changed(account, _find(account, request.field_id), request)
    account.fields[field.field_id] = field
    account.written.clear()
    happened(account, "field_update", field_id=field.field_id)
    return field.field_id


def delete_field(account: EmmaAccount, request: FieldRef) -> bool:
    """Deletes a field; members' values disappear with it."""
    field = _find(account, request.field_id)
    account.fields[field.field_id] = replace(field, deleted=account.now())
    account.written.clear()
    happened(account, "field_delete", field_id=field.field_id)
    return True


def clear_field(account: EmmaAccount, request: FieldRef) -> Slices[bool]:
    """Clear the field's data of all members."""
    field_id = _find(account, request.field_id).field_id
    members = account.members.page(0, len(account.members))
    having = [member for member in members if field_id in member.fields[::2]]
    yield from change_each(
        account, having, lambda member: replace(member, fields=merged(member.fields, ((field_id, None),)))
    )
    return True


def _find(account: EmmaAccount, field_id: str, *, deleted: bool = False) -> Field:
    field = account.fields.get(int(field_id)) if is_id(field_id) else None
    if field is None or (field.deleted is not None and not deleted):
        raise NotFound("field", field_id)
    return field


def _changed(account: EmmaAccount, field: Field, request: UpdateField) -> Field:
    """The field with what the caller named. Raises Invalid."""
    name = request.shortcut_name
    if name is not None and name != field.shortcut_name:
        if not name:
            raise Invalid(("shortcut_name",), "can not be empty")
        if account.field_named(name) is not None:
            raise Invalid(("shortcut_name",), "is the name of another field")
    kind = request.field_type or field.field_type
    if kind not in WIDGETS:
        raise Invalid(("field_type",), f"must be one of {', '.join(WIDGETS)}")
    widget = request.widget_type or (field.widget_type if field.widget_type in WIDGETS[kind] else WIDGETS[kind][0])
    if widget not in WIDGETS[kind]:
        raise Invalid(("widget_type",), f"must be one of {', '.join(WIDGETS[kind])} for the field type {kind}")
    return replace(
        field,
        shortcut_name=name or field.shortcut_name,
        display_name=field.display_name if request.display_name is None else request.display_name,
        field_type=kind,
        widget_type=widget,
        column_order=field.column_order if request.column_order is None else request.column_order,
        required=field.required if request.required is None else request.required,
        options=field.options if request.options is None else tuple(request.options),
    )
