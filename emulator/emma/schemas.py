"""Bodies that callers send, as pydantic models: types only. What depends on the account is checked by the rules.

Source: reference/emma.md sections 1, 3, 4, 6.1, 7 and 9. Unknown keys are ignored, because several clients send the
parameters of earlier calls again. Ids may be decimal texts, booleans texts or 0 and 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, SkipValidation

_LONGEST_ID = 18  # digits


class Input(BaseModel):
    model_config = ConfigDict(extra="ignore", arbitrary_types_allowed=True)

    account_id: str


def _listed(value: object) -> object:
    """One id or letter by itself is as good as a list of it; so some clients send it."""
    return [value] if isinstance(value, int | str) and not isinstance(value, bool) and value != "" else value


def _no_blanks(value: str) -> str:
    if not value.strip():
        raise ValueError("can not be empty")
    return value


def _no_truth(value: object) -> object:
    if isinstance(value, bool | float):
        raise ValueError("must be an integer")  # noqa: TRY004 - pydantic wants it
    return value


def _object(value: object) -> object:
    # In PHP an empty object is an empty array.
    return {} if value == [] else value


def _or_false(value: object) -> object:
    return False if value is None else value


def _or_true(value: object) -> object:
    return True if value is None else value


def _integer_text(value: object) -> object:
    return None if value == "" else value


def _form_id(value: object) -> int | None:
    # Webhooks repeat it, nothing else reads it; so whatever a client sends is no reason to refuse the call.
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID else None


Id = Annotated[int, BeforeValidator(_no_truth)]
FormId = Annotated[int | None, BeforeValidator(_form_id)]
Ids = Annotated[list[Id], BeforeValidator(_listed)]
Letters = Annotated[list[str], BeforeValidator(_listed)]
OptionalId = Annotated[Id | None, BeforeValidator(_integer_text)]
NonBlank = Annotated[str, AfterValidator(_no_blanks)]
Object = Annotated[dict[str, Any] | None, BeforeValidator(_object)]
Consent = Literal["a", "o", "e"] | None


class MemberIds(Input):
    """PUT members/delete, POST members/purge."""

    member_ids: Ids


class MembersStatus(MemberIds):
    """PUT members/status."""

    status_to: str


class StatusShift(Input):
    """PUT members/status/{status_from}/to/{status_to}."""

    status_from: str
    status_to: str
    group_id: OptionalId = None


class AddMember(Input):
    """POST members/add."""

    email: NonBlank
    fields: Object = None
    group_ids: Ids = []
    phone_number: str | int | None = None
    sms: Object = None
    signup_form_id: FormId = None


class SignUp(Input):
    """POST members/signup."""

    email: NonBlank
    fields: Object = None
    group_ids: Ids = []
    opt_in_subject: str | None = None
    opt_in_message: str | None = None
    opt_in_confirmation: Annotated[bool, BeforeValidator(_or_true)] = True
    signup_form_id: FormId = None


class UpdateMember(Input):
    """PUT members/{member_id}."""

    member_id: str
    email: NonBlank | None = None
    fields: Object = None
    status_to: str | None = None
    phone_number: str | int | None = None
    sms: Object = None


class Criteria(BaseModel):
    """What is set on all members of an import."""

    sms: Annotated[
        Mapping[Literal["transactional_status", "promotional_status"], Consent] | None, BeforeValidator(_object)
    ] = None


class ImportMembers(Input):
    """POST members. The members are read when the import runs."""

    members: Annotated[list[msgspec.Raw], SkipValidation]
    source_filename: str | None = None
    filename: str | None = None
    add_only: Annotated[bool, BeforeValidator(_or_false)] = False
    group_ids: Ids = []
    automate_field_changes: bool | None = None
    criteria: Annotated[Criteria | None, BeforeValidator(_object)] = None


class MemberGroups(Input):
    """PUT members/{member_id}/groups and .../groups/remove."""

    member_id: str
    group_ids: Ids


class MembersAndGroups(Input):
    """PUT members/groups/remove."""

    member_ids: Ids
    group_ids: Ids


class CopyMembers(Input):
    """PUT members/{group_id}/copy."""

    group_id: str
    member_status_id: Letters | None = None


class PurgeAll(Input):
    """PUT members/purgeall."""

    member_status_id: str | None = None
    member_group_id: OptionalId = None


class GroupName(BaseModel):
    """An entry of POST groups."""

    group_name: str


class CreateGroups(Input):
    """POST groups."""

    groups: list[GroupName]


class UpdateGroup(Input):
    """PUT groups/{group_id}."""

    group_id: str
    group_name: str | None = None


class GroupMembers(Input):
    """PUT groups/{group_id}/members and .../members/remove."""

    group_id: str
    member_ids: Ids


class CopyGroup(Input):
    """PUT groups/{from_group_id}/{to_group_id}/members/copy."""

    from_group_id: str
    to_group_id: str
    member_status_id: Letters | None = None


class UpdateField(Input):
    """PUT fields/{field_id}."""

    field_id: str
    shortcut_name: str | None = None
    display_name: str | None = None
    field_type: str | None = None
    widget_type: str | None = None
    column_order: int | None = None
    required: bool | None = None
    options: list[str] | None = None


class CreateField(UpdateField):
    """POST fields."""

    field_id: str = ""
    shortcut_name: NonBlank


class UpdateWebhook(Input):
    """PUT webhooks/{webhook_id}."""

    webhook_id: str = ""
    event: str | None = None
    url: str | None = None
    method: str | None = None
    public_key: Annotated[str | int | None, Field(validation_alias=AliasChoices("public_key", "user_id"))] = None


class CreateWebhook(UpdateWebhook):
    """POST webhooks."""

    event: NonBlank
    url: NonBlank
