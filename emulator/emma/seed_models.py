"""The shape of Emma's block of a scenario, as pydantic models: types only.

Ids may be left out; then they count from 1024. Dates are as the API prints them, in the account's zone, or ISO 8601
with a zone of their own.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from emulator.core.scenarios.blocks import SheetFile
from emulator.core.scenarios.generate import Generate, NonEmpty, Percent, Percentages, listed, two
from emulator.emma.events import EVENTS


def _as_text(value: object) -> object:
    # YAML reads an unquoted date as one.
    return value.isoformat() if isinstance(value, date) else value


Id = Annotated[int, Field(gt=0, lt=10**18)]
Count = Annotated[int, Field(ge=0)]

Date = Annotated[str, BeforeValidator(_as_text)]


def _listed_ids(value: object) -> object:
    # The keys of a JSON object are texts.
    if isinstance(value, dict):
        value = {int(key) if str(key).isdecimal() else key: part for key, part in value.items()}
    return listed(value)


GroupShares = Annotated[
    dict[Id, Percent | None], BeforeValidator(_listed_ids, json_schema_input_type=list[Id] | dict[Id, Percent])
]
"""Groups with percentages, or a list of groups among which the members are spread evenly."""


class Seed(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class FieldSeed(Seed):
    """`as_stored`: what the API has let through, such as an empty name, is taken as it is."""

    field_id: Id | None = None
    shortcut_name: str
    display_name: str | None = None
    field_type: str = "text"
    widget_type: str | None = None
    column_order: int | None = None
    required: bool = False
    options: list[str] | None = None
    deleted_at: Date | None = None
    as_stored: bool = False


class GroupSeed(Seed):
    member_group_id: Id | None = None
    group_name: NonEmpty
    group_type: Literal["g", "t", "h"] = "g"
    deleted_at: Date | None = None


class SmsSeed(Seed):
    phone_number: str
    transactional_status: Literal["a", "o", "e"] = "a"
    promotional_status: Literal["a", "o", "e"] = "a"
    updated_at: Date | None = None


class ValueSeed(Seed):
    """A value as it is stored, whatever the field's type; the field may be deleted."""

    field_id: Id
    value: Any


class MemberSeed(Seed):
    """`field_values` is for what `fields` can not say; `email_error: null` keeps a malformed address out of error."""

    member_id: Id | None = None
    email: NonEmpty
    member_status_id: Literal["a", "o", "e", "f"] | None = None
    fields: dict[str, Any] = {}
    field_values: list[ValueSeed] = []
    groups: list[Id] = []
    member_since: Date | None = None
    last_modified_at: Date | None = None
    confirmed_opt_in: Date | None = None
    deleted_at: Date | None = None
    email_error: str | None = None
    bounce_count: Count = 0
    plaintext_preferred: bool = False
    sms: SmsSeed | None = None
    former_addresses: list[NonEmpty] = []


class ChangeSeed(Seed):
    member_id: Id
    change_type: Literal["a", "c", "d", "n", "u", "r", "s", "t"] = "a"
    added_to_groups: bool = False


class AddedSeed(Seed):
    """How many members an import put into a group."""

    member_group_id: Id
    num_added: Count


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
    num_added_by_group: list[AddedSeed] = []
    fields_updated: list[Id] = []
    automated_field_changes: bool | None = None
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
    sign_up: bool = False


class OptOutSeed(Seed):
    member_id: Id
    timestamp: Date
    mailing_id: Id | None = None


class StatusPercentages(Percentages):
    opted_out: Percent = 0
    in_error: Percent = 0
    archived: Percent = 0


class GenerateSeed(Generate):
    percent: StatusPercentages = StatusPercentages()
    groups: GroupShares = Field(default={})
    member_since: Annotated[list[Date], AfterValidator(two)] | None = None
    """From, and to before; without this key, the years 2021 to 2023."""


class WebhookSeed(Seed):
    webhook_id: Id | None = None
    event: Annotated[str, Field(json_schema_extra={"enum": list(EVENTS)})]
    url: NonEmpty
    method: Literal["GET", "POST"] = "POST"
    public_key: str | None = None


class AccountSeed(Seed):
    account_id: Annotated[int, Field(ge=0, lt=10**18)]
    as_stored: bool = False
    """An account 0, which a path can name."""
    keys: dict[Annotated[str, Field(pattern=r"^[^:]+$")], NonEmpty] = {}
    """Private keys by public keys; a colon would end the public one in the credentials."""
    tokens: list[NonEmpty] = []
    """OAuth tokens."""
    fields: list[FieldSeed] | None = None
    """Without this key, first_name, last_name, favorite_food and birthday."""
    groups: list[GroupSeed] = []
    members: list[MemberSeed] = []
    members_from: SheetFile | None = None
    """A CSV file whose columns are keys of `members` and names of fields."""
    generate: list[GenerateSeed] = []
    imports: list[ImportSeed] = []
    mailings: list[MailingSeed] = []
    optouts: list[OptOutSeed] = []
    webhooks: list[WebhookSeed] = []
    next_ids: dict[Literal["member", "group", "field", "import", "mailing", "webhook"], Id] = {}
    """What new rows get; more where rows need it."""


class Block(Seed):
    accounts: list[AccountSeed] = []
