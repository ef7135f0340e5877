"""Emma's block of a scenario; its shape is in `seed_models.py`.

emma:
  accounts:
    - account_id: 100
      keys: {public_key: private_key}  # needed when accounts are closed
      fields: [{field_id: 200, shortcut_name: first_name, display_name: First Name}]
      groups: [{member_group_id: 150, group_name: Monthly Newsletter}]
      members:
        - {member_id: 200, email: ann@shop.test, fields: {first_name: Ann}, groups: [150]}
      members_from: people.csv         # more of them
      generate: [{members: 1000, percent: {opted_out: 3}, groups: [150]}]  # and more
"""

from __future__ import annotations

from typing import Any

from emulator.core.errors import AlreadyDeclared, Invalid, Location
from emulator.core.scenarios.blocks import read_block
from emulator.core.world import World
from emulator.emma import field_types
from emulator.emma.account import EmmaAccount, Group, Webhook
from emulator.emma.field_types import WIDGETS
from emulator.emma.seed_dates import Dates
from emulator.emma.seed_exact import refuse_empty_names
from emulator.emma.seed_history import HistorySeeding
from emulator.emma.seed_members import MemberSeeding
from emulator.emma.seed_models import AccountSeed, Block, FieldSeed, GroupSeed, WebhookSeed
from emulator.emma.webhooks import checked


def seed(world: World, block: object) -> None:
    """Load the block. Raises Invalid, whose location is the place in it."""
    for position, account in enumerate(read_block(Block, block).accounts):
        _seed_account(world, account, ("accounts", position))


def _seed_account(world: World, declared: AccountSeed, location: Location) -> None:
    accounts = world.accounts["emma"]
    if not (declared.account_id or declared.as_stored):
        raise Invalid((*location, "account_id"), "must be greater than 0")
    account = EmmaAccount(world, str(declared.account_id))
    if accounts.known(account.id) is not None:
        raise AlreadyDeclared((*location, "account_id"), declared.account_id)
    account.keys = dict(declared.keys)
    account.tokens = frozenset(declared.tokens)
    Seeding(account, location).load(declared)
    accounts.add(account)


class Seeding:
    """Puts the rows of one declared account into it; knows where in the file each comes from."""

    def __init__(self, account: EmmaAccount, location: Location) -> None:
        self._account = account
        self._location = location
        self._dates = Dates(account.choice("time_zone"))

    def load(self, declared: AccountSeed) -> None:
        account = self._account
        self._reserve_ids(declared)
        if declared.fields is not None:
            account.fields = {}
            for field, here in self._each("fields", declared.fields):
                self._field(field, here)
        groups = [self._group(group, here) for group, here in self._each("groups", declared.groups)]
        self._refuse_doubles("groups", "member_group_id", [group.group_id for group in groups])
        account.groups.put_many(groups)
        MemberSeeding(account, self._location).load(declared)
        HistorySeeding(account, self._location).load(declared)
        for webhook, here in self._each("webhooks", declared.webhooks):
            self._webhook(webhook, here)
        for kind, next_id in declared.next_ids.items():
            account.new_ids[kind].skip(next_id - 1)

    def _reserve_ids(self, declared: AccountSeed) -> None:
        """So that no row without an id gets one that a later row has."""
        for kind, ids in (
            ("field", [field.field_id for field in declared.fields or ()]),
            ("group", [group.member_group_id for group in declared.groups]),
            ("member", [member.member_id for member in declared.members]),
            ("import", [entry.import_id for entry in declared.imports]),
            ("mailing", [mailing.mailing_id for mailing in declared.mailings]),
            ("mailing", [optout.mailing_id for optout in declared.optouts]),
            ("webhook", [webhook.webhook_id for webhook in declared.webhooks]),
        ):
            self._account.new_ids[kind].skip(max((given for given in ids if given is not None), default=0))

    def _each(self, name: str, entries: list[Any]) -> list[tuple[Any, Location]]:
        return [(entry, (*self._location, name, position)) for position, entry in enumerate(entries)]

    def _refuse_doubles(self, name: str, key: str, values: list[Any]) -> None:
        seen: set[Any] = set()
        for position, value in enumerate(values):
            if value in seen:
                raise Invalid((*self._location, name, position, key), f"{value!r} is given twice")
            seen.add(value)

    def _id(self, kind: str, given: int | None) -> int:
        return self._account.new_ids[kind].new() if given is None else given

    def _field(self, declared: FieldSeed, location: Location) -> None:
        account = self._account
        refuse_empty_names(declared, location)
        deleted = self._dates.optional(declared.deleted_at, (*location, "deleted_at"))
        kind = declared.field_type
        if kind not in WIDGETS:
            raise Invalid((*location, "field_type"), f"must be one of {', '.join(WIDGETS)}")
        widget = declared.widget_type or WIDGETS[kind][0]
        if widget not in WIDGETS[kind]:
            raise Invalid((*location, "widget_type"), f"must be one of {', '.join(WIDGETS[kind])}")
        field_id = self._id("field", declared.field_id)
        if field_id in account.fields or (deleted is None and account.field_named(declared.shortcut_name)):
            raise Invalid(location, "has the id or the name of another field")
        order = len(account.fields) + 1 if declared.column_order is None else declared.column_order
        account.fields[field_id] = field_types.Field(
            field_id,
            declared.shortcut_name,
            declared.shortcut_name if declared.display_name is None else declared.display_name,
            kind,
            widget,
            order,
            declared.required,
            None if declared.options is None else tuple(declared.options),
            deleted,
        )

    def _group(self, declared: GroupSeed, location: Location) -> Group:
        deleted = self._dates.optional(declared.deleted_at, (*location, "deleted_at"))
        return Group(self._id("group", declared.member_group_id), declared.group_name, declared.group_type, deleted)

    def _webhook(self, declared: WebhookSeed, location: Location) -> None:
        webhook_id = self._id("webhook", declared.webhook_id)
        if self._account.webhooks.get(webhook_id) is not None:
            raise Invalid((*location, "webhook_id"), f"{webhook_id} is given twice")
        row = Webhook(webhook_id, declared.event, declared.url, declared.method, declared.public_key)
        try:
            self._account.webhooks.put(checked(row))
        except Invalid as problem:
            raise Invalid((*location, *problem.location), problem.reason) from None
