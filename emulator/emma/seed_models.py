"""The shape of Emma's block of a scenario, as pydantic models: types only.

Ids may be left out; then they count from 1024. Dates are as the API prints them, in the account's zone, or ISO 8601
with a zone of their own.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from emulator.emma.events import EVENTS


def _as_text(value: object) -> object:
    # YAML reads an unquoted date as one.
    return value.isoformat() if isinstance(value, date) else value


NonEmpty = Annotated[str, Field(min_length=1)]
Id = Annotated[int, Field(gt=0, lt=10**18)]
Count = Annotated[int, Field(ge=0)]

Date = Annotated[str, BeforeValidator(_as_text)]


class Seed(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class FieldSeed(Seed):
    field_id: Id | None = None
    shortcut_name: NonEmpty
    display_name: NonEmpty | None = None
    field_type: str = "text"
    widget_type: str | None = None
    column_order: int | None = None
    required: bool = False
    options: list[NonEmpty] | None = None


class GroupSeed(Seed):
    member_group_id: Id | None = None
    group_name: NonEmpty
    group_type: Literal["g", "t", "h"] = "g"


class SmsSeed(Seed):
    phone_number: str
    transactional_status: Literal["a", "o", "e"] = "a"
    promotional_status: Literal["a", "o", "e"] = "a"
    updated_at: Date | None = None


class MemberSeed(Seed):
    member_id: Id | None = None
    email: NonEmpty
    member_status_id: Literal["a", "o", "e", "f"] | None = None
    fields: dict[str, Any] = {}
    groups: list[Id] = []
    member_since: Date | None = None
    last_modified_at: Date | None = None
    confirmed_opt_in: Date | None = None
    deleted_at: Date | None = None
    email_error: str | None = None
    bounce_count: Count = 0
    plaintext_preferred: bool = False
    sms: SmsSeed | None = None


class ChangeSeed(Seed):
    member_id: Id
    change_type: Literal["a", "c", "d", "n", "u", "r", "s", "t"] = "a"
    added_to_groups: bool = False


class ImportSeed(Seed):
    import_id: Id | None = None
    import_started: Date
    import_finished: Date | None = None
    status: Literal["o", "e"] = "o"
    source_filename: str | None = None
    style: Literal["add_only", "add_and_update"] | None = None
    error_message: str | None = None
    num_members: Count = 0
    num_members_added: Count = 0
    num_members_updated: Count = 0
    num_duplicates: Count = 0
    num_skipped: Count = 0
    num_errors: Count = 0
    members: list[ChangeSeed] = []


class MailingSeed(Seed):
    member_id: Id
    mailing_id: Id
    name: str = "Mailing"
    subject: str = ""
    delivery_type: Literal["d", "s", "b"] = "d"
    sent: Date | None = None
    delivery_ts: Date | None = None
    opened: Date | None = None
    clicked: Date | None = None
    forwarded: Date | None = None
    shared: Date | None = None


class OptOutSeed(Seed):
    member_id: Id
    timestamp: Date
    mailing_id: Id


class WebhookSeed(Seed):
    webhook_id: Id | None = None
    event: Annotated[str, Field(json_schema_extra={"enum": list(EVENTS)})]
    url: NonEmpty
    method: Literal["GET", "POST"] = "POST"
    public_key: str | None = None


class AccountSeed(Seed):
    account_id: Id
    keys: dict[Annotated[str, Field(pattern=r"^[^:]+$")], NonEmpty] = {}
    """Private keys by public keys; a colon would end the public one in the credentials."""
    tokens: list[NonEmpty] = []
    """OAuth tokens."""
    fields: list[FieldSeed] | None = None
    """Without this key, first_name, last_name, favorite_food and birthday."""
    groups: list[GroupSeed] = []
    members: list[MemberSeed] = []
    imports: list[ImportSeed] = []
    mailings: list[MailingSeed] = []
    optouts: list[OptOutSeed] = []
    webhooks: list[WebhookSeed] = []


class Block(Seed):
    accounts: list[AccountSeed] = []
