"""The shape of EngageLab's block of a scenario, as pydantic models: types only."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from emulator.core.ids import COUNTER_SPACE
from emulator.core.scenarios.blocks import SheetFile
from emulator.core.scenarios.generate import Generate, NamedShares, NonEmpty, Percent, Percentages, two
from emulator.engagelab import fields as contact_fields
from emulator.engagelab.fields import FieldType


def _as_text(value: object) -> object:
    # YAML reads an unquoted date as one.
    return value.isoformat() if isinstance(value, date) else value


Time = Annotated[str, BeforeValidator(_as_text)]
ObjectId = Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]


class Seed(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class FieldSeed(Seed):
    """`as_stored`: taken with any name, as some choices of behaviours allow."""

    field_name: str
    field_type: FieldType
    format: str | None = None
    options: Annotated[list[NonEmpty], Field(max_length=contact_fields.MOST_OPTIONS)] = []
    as_stored: bool = False


class TagSeed(Seed):
    tag_id: ObjectId | None = None
    tag_name: NonEmpty


class MemberSeed(Seed):
    """Times are as the API prints them. The creation time is in the id, so it is given only where there is no id; where
    neither is, it is the world's time.

    `as_stored`: taken with any address and any values, as some choices of behaviours allow.
    """

    model_config = ConfigDict(json_schema_extra={"not": {"required": ["member_id", "create_time"]}})

    member_id: ObjectId | None = None
    create_time: Time | None = None
    email: str
    phone: NonEmpty | None = None
    name: NonEmpty | None = None
    fields: dict[str, NonEmpty] = {}
    tags: list[NonEmpty] = []
    update_time: Time | None = None
    unsubscribe_time: Time | None = None
    as_stored: bool = False

    @model_validator(mode="after")
    def _created(self) -> MemberSeed:
        if self.member_id is not None and self.create_time is not None:
            raise ValueError("must have no create_time beside a member_id, which holds the time of creation")
        return self


class StatusPercentages(Percentages):
    unsubscribed: Percent = 0


class GenerateSeed(Generate):
    percent: StatusPercentages = StatusPercentages()
    tags: NamedShares = Field(default={})
    """Names with percentages, or a list of tags among which the members are spread evenly."""
    created: Annotated[list[Time], AfterValidator(two)] | None = None
    """From, and to before; without this key, the years 2021 to 2023."""


class AccountSeed(Seed):
    api_user: Annotated[str, Field(pattern=r"^[^:]+$")]
    """A colon would end it in the credentials."""
    api_key: NonEmpty | None = None
    list_id: Annotated[int, Field(gt=0)] | None = None
    user_id: Annotated[int, Field(gt=0)] | None = None
    fields: list[FieldSeed] = []
    """Those beside Gender, Birthday and Age, which every list has."""
    tags: list[TagSeed] = []
    members: list[MemberSeed] = []
    members_from: SheetFile | None = None
    """A CSV file whose columns are keys of `members` and names of fields."""
    generate: list[GenerateSeed] = []
    next_ids: dict[Literal["member", "tag"], Annotated[int, Field(ge=0, lt=COUNTER_SPACE)]] = {}
    """The counter in the ids of new rows; more where rows need it."""


class Block(Seed):
    accounts: list[AccountSeed] = []
