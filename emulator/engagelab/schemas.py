"""What callers send, as pydantic models: types only. What depends on the account is checked by the rules.

Source: vendor-docs/engagelab-members.txt, the Body-Parameters and Query-Parameters tables. Unknown keys are ignored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from emulator.core.errors import dotted
from emulator.core.input import reason
from emulator.engagelab.changes import RejectedEntry
from emulator.engagelab.members import whole_number

MOST_MEMBERS = 1000


class Input(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class MemberChanges(Input):
    """What can be set on a member; null is as good as absent."""

    phone: str | None = None
    name: str | None = None
    fields: dict[str, object] | None = None
    tags: list[str] | None = None


class MemberEntry(MemberChanges):
    """One member of a batch."""

    email: str | None = None


def _reject_alone(value: object, validate: ValidatorFunctionWrapHandler) -> object:
    try:
        return validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        email = value.get("email") if isinstance(value, dict) else None
        message = f"{dotted(first['loc']) or 'member'} {reason(first)}"
        return RejectedEntry(email if isinstance(email, str) else "", message)


if TYPE_CHECKING:
    Entry = MemberEntry | RejectedEntry
else:
    Entry = Annotated[MemberEntry, WrapValidator(_reject_alone)]


def _tag_flag(value: int | None) -> int | None:
    if value not in (None, 0, 1, 2):
        raise ValueError("must be one of 0, 1, 2")
    return value


class BatchSave(Input):
    """POST members."""

    members: Annotated[list[Entry], Field(max_length=MOST_MEMBERS)] | None = None
    tag_flag: Annotated[int | None, AfterValidator(_tag_flag)] = None
    update_existing: bool | None = None


class UpdateMember(MemberChanges):
    """PUT members/{member_id}."""

    member_id: str


Operator = Literal["==", "!=", ">", ">=", "<", "<=", "exist", "contain", "does not contain"]


class Item(Input):
    """One comparison; `value` may be missing for `exist` only."""

    field_name: Annotated[str, Field(min_length=1)]
    op: Operator
    value: str | None = None


class Condition(Input):
    """One to ten comparisons that hold all together (`and`) or of which one holds (`or`)."""

    relation: Literal["and", "or"]
    items: Annotated[list[Item], Field(min_length=1, max_length=10)]


class DeleteMembers(Input):
    """DELETE members/delete."""

    condition: Condition | None = None


QueryInteger = Annotated[int, BeforeValidator(whole_number)]


class ListMembers(Input):
    """POST list_members; `count` is what clients of the sister product send for `limit`, and mostly ignored."""

    limit: QueryInteger | None = None
    offset: QueryInteger | None = None
    count: str | None = None
    condition: Condition | None = None
