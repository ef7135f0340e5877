"""Emma's block of a scenario; its shape is in `seed_models.py`.

emma:
  accounts:
    - account_id: 100
      keys: {public_key: private_key}  # needed when accounts are closed
      fields: [{field_id: 200, shortcut_name: first_name, display_name: First Name}]
      groups: [{member_group_id: 150, group_name: Monthly Newsletter}]
      members:
        - {member_id: 200, email: ann@shop.test, fields: {first_name: Ann}, groups: [150]}
"""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec.structs import replace

from emulator.core.blocks import read_block
from emulator.core.errors import Invalid, Location
from emulator.core.world import World
from emulator.emma import field_types
from emulator.emma.account import ERROR, OPTOUT, Delivery, EmmaAccount, Group, Import, Member, Sms, Webhook
from emulator.emma.addresses import is_address
from emulator.emma.affected import Affected
from emulator.emma.field_types import WIDGETS, FieldValue, merged, read_value
from emulator.emma.mobile import e164, region
from emulator.emma.seed_models import (
    AccountSeed,
    Block,
    FieldSeed,
    GroupSeed,
    ImportSeed,
    MailingSeed,
    MemberSeed,
    SmsSeed,
    WebhookSeed,
)
from emulator.emma.times import parse_iso, parse_second
from emulator.emma.upserts import MALFORMED
from emulator.emma.webhooks import checked


def seed(world: World, block: object) -> None:
    """Load the block. Raises Invalid, whose location is the place in it."""
    for position, account in enumerate(read_block(Block, block).accounts):
        _seed_account(world, account, ("accounts", position))


def _seed_account(world: World, declared: AccountSeed, location: Location) -> None:
    accounts = world.accounts["emma"]
    account = EmmaAccount(world, str(declared.account_id))
    if accounts.known(account.id) is not None:
        raise Invalid((*location, "account_id"), f"{declared.account_id} is declared twice")
    account.keys = dict(declared.keys)
    account.tokens = frozenset(declared.tokens)
    Seeding(account, location).load(declared)
    accounts.add(account)


class Seeding:
    """Puts the rows of one declared account into it; knows where in the file each comes from."""

    def __init__(self, account: EmmaAccount, location: Location) -> None:
        self._account = account
        self._location = location
        self._zone = account.choice("time_zone")
        self._identity = account.identity_of_addresses()

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
        members = [self._member(member, here) for member, here in self._each("members", declared.members)]
        self._refuse_doubles("members", "member_id", [member.member_id for member in members])
        self._refuse_doubles("members", "email", [member.address for member in members])
        account.members.put_many(members)
        for entry, here in self._each("imports", declared.imports):
            self._import(entry, here)
        for mailing, here in self._each("mailings", declared.mailings):
            self._mailing(mailing, here)
        for optout, here in self._each("optouts", declared.optouts):
            member = self._known_member(optout.member_id, here)
            at = self._second(optout.timestamp, (*here, "timestamp"))
            if member.status != OPTOUT:
                raise Invalid((*here, "member_id"), f"{member.member_id} has not opted out")
            account.members.put(replace(member, opted_out=at, optout_mailing=optout.mailing_id))
        for webhook, here in self._each("webhooks", declared.webhooks):
            self._webhook(webhook, here)

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

    def _second(self, text: str, location: Location) -> int:
        second = parse_second(text, self._zone)
        if second is not None:
            return second
        microsecond = parse_iso(text)
        if microsecond is None:
            raise Invalid(location, "must be a date like @D:2010-11-12T11:23:45 or 2010-11-12T11:23:45Z")
        return microsecond // 10**6

    def _optional(self, text: str | None, location: Location) -> int | None:
        return None if text is None else self._second(text, location)

    def _known_member(self, member_id: int, location: Location) -> Member:
        member = self._account.members.get(member_id)
        if member is None:
            raise Invalid((*location, "member_id"), f"{member_id} is no member of this account")
        return member

    def _field(self, declared: FieldSeed, location: Location) -> None:
        account = self._account
        kind = declared.field_type
        if kind not in WIDGETS:
            raise Invalid((*location, "field_type"), f"must be one of {', '.join(WIDGETS)}")
        widget = declared.widget_type or WIDGETS[kind][0]
        if widget not in WIDGETS[kind]:
            raise Invalid((*location, "widget_type"), f"must be one of {', '.join(WIDGETS[kind])}")
        field_id = self._id("field", declared.field_id)
        if field_id in account.fields or account.field_named(declared.shortcut_name):
            raise Invalid(location, "has the id or the name of another field")
        order = len(account.fields) + 1 if declared.column_order is None else declared.column_order
        account.fields[field_id] = field_types.Field(
            field_id,
            declared.shortcut_name,
            declared.display_name or declared.shortcut_name,
            kind,
            widget,
            order,
            declared.required,
            None if declared.options is None else tuple(declared.options),
        )

    def _group(self, declared: GroupSeed, location: Location) -> Group:
        return Group(self._id("group", declared.member_group_id), declared.group_name, declared.group_type)

    def _member(self, declared: MemberSeed, location: Location) -> Member:
        well_formed = is_address(declared.email)
        archived = self._optional(declared.deleted_at, (*location, "deleted_at"))
        status = declared.member_status_id or ("a" if well_formed else ERROR)
        since = self._optional(declared.member_since, (*location, "member_since"))
        modified = self._optional(declared.last_modified_at, (*location, "last_modified_at"))
        since = self._account.now() if since is None else since
        return Member(
            self._id("member", declared.member_id),
            declared.email,
            self._identity(declared.email),
            status,
            since,
            merged((), self._values(declared.fields, (*location, "fields"))),
            self._groups(declared.groups, (*location, "groups")),
            modified,
            self._optional(declared.confirmed_opt_in, (*location, "confirmed_opt_in")),
            (modified or since) if status == OPTOUT else None,
            None,
            declared.email_error or (None if well_formed else MALFORMED),
            archived,
            None if declared.sms is None else self._sms(declared.sms, (*location, "sms")),
            declared.bounce_count,
            declared.plaintext_preferred,
        )

    def _values(self, given: dict[str, Any], location: Location) -> list[tuple[int, FieldValue | None]]:
        values = []
        for name, value in given.items():
            field = self._account.field_named(name)
            if field is None:
                raise Invalid((*location, name), "is no field of this account; declare it under fields")
            try:
                # YAML reads an unquoted date as one.
                text = value.isoformat() if isinstance(value, date) else value
                values.append((field.field_id, read_value(field, text)))
            except ValueError as error:
                raise Invalid((*location, name), str(error)) from None
        return values

    def _groups(self, group_ids: list[int], location: Location) -> tuple[int, ...]:
        for group_id in group_ids:
            if self._account.group(group_id) is None:
                raise Invalid(location, f"{group_id} is no group of this account; declare it under groups")
        return tuple(sorted(set(group_ids)))

    def _sms(self, declared: SmsSeed, location: Location) -> Sms:
        number = e164(declared.phone_number)
        if number is None:
            raise Invalid((*location, "phone_number"), "is no phone number; write it like +11234567890")
        changed = self._account.now() * 10**6
        if declared.updated_at is not None:
            known = parse_iso(declared.updated_at)
            if known is None:
                raise Invalid((*location, "updated_at"), "must be a time like 2023-02-14T21:27:20.723208+00:00")
            changed = known
        return Sms(number, region(number), declared.transactional_status, declared.promotional_status, changed)

    def _import(self, declared: ImportSeed, location: Location) -> None:
        account = self._account
        import_id = self._id("import", declared.import_id)
        if account.imports.get(import_id) is not None:
            raise Invalid((*location, "import_id"), f"{import_id} is given twice")
        account.imports.put(
            Import(
                import_id,
                self._second(declared.import_started, (*location, "import_started")),
                declared.status,
                declared.source_filename,
                declared.style,
                self._optional(declared.import_finished, (*location, "import_finished")),
                declared.num_members,
                declared.num_duplicates,
                declared.num_members_added,
                declared.num_members_updated,
                declared.num_skipped,
                declared.num_errors,
                declared.error_message,
            )
        )
        affected = account.affected[import_id] = Affected()
        for position, change in enumerate(declared.members):
            self._known_member(change.member_id, (*location, "members", position))
            affected.add(change.member_id, change.change_type, enlisted=change.added_to_groups)

    def _webhook(self, declared: WebhookSeed, location: Location) -> None:
        webhook_id = self._id("webhook", declared.webhook_id)
        if self._account.webhooks.get(webhook_id) is not None:
            raise Invalid((*location, "webhook_id"), f"{webhook_id} is given twice")
        row = Webhook(webhook_id, declared.event, declared.url, declared.method, declared.public_key)
        try:
            self._account.webhooks.put(checked(row))
        except Invalid as problem:
            raise Invalid((*location, *problem.location), problem.reason) from None

    def _mailing(self, declared: MailingSeed, location: Location) -> None:
        account = self._account
        self._known_member(declared.member_id, location)
        names = ("sent", "delivery_ts", "opened", "clicked", "forwarded", "shared")
        sent, delivered, opened, clicked, forwarded, shared = (
            self._optional(getattr(declared, name), (*location, name)) for name in names
        )
        account.deliveries.put(
            Delivery(
                account.delivery_ids.new(),
                declared.member_id,
                declared.mailing_id,
                declared.name,
                declared.subject,
                sent,
                delivered,
                opened,
                clicked,
                forwarded,
                shared,
                declared.delivery_type,
            )
        )
