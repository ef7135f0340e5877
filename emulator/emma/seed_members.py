"""The members of a declared account: those in the scenario, those in its CSV file, those that it has generated."""

from __future__ import annotations

from datetime import date
from typing import Any

from emulator.core.errors import Invalid, Location, dotted
from emulator.core.scenarios.sheet import Sheet
from emulator.emma.account import ERROR, OPTOUT, EmmaAccount, FormerAddresses, Member, Sms
from emulator.emma.addresses import MALFORMED, is_address
from emulator.emma.field_types import FieldValue, merged, read_value
from emulator.emma.generated import generated
from emulator.emma.mobile import e164, region
from emulator.emma.seed_dates import Dates
from emulator.emma.seed_exact import stored_values
from emulator.emma.seed_models import AccountSeed, MemberSeed, SmsSeed
from emulator.emma.times import parse_iso

_LONGEST_ID = 18  # digits


class MemberSeeding:
    """Puts the declared members into an account whose fields and groups are in it."""

    def __init__(self, account: EmmaAccount, location: Location) -> None:
        self._account = account
        self._location = location
        self._dates = Dates(account.choice("time_zone"))
        self._identity = account.identity_of_addresses()
        self._members: dict[str, Member] = {}
        self._counted = account.world.progress.counted
        self._ids: set[int] = set()

    def load(self, declared: AccountSeed) -> None:
        """Raises Invalid, or UserError for what is wrong in the CSV file."""
        if declared.members_from is not None:
            self._reserve_ids(declared.members_from)
        for position, member in enumerate(self._counted(declared.members)):
            here = (*self._location, "members", position)
            self._add(self._member(member, here), here)
        if declared.members_from is not None:
            self._read(declared.members_from)
        taken = {address.lower() for address in self._members} if declared.generate else set()
        rows = list(self._members.values())
        for position, block in enumerate(declared.generate):
            here = (*self._location, "generate", position)
            rows += self._counted(generated(self._account, block, taken, self._dates, here))
        self._account.members.put_many(rows)

    def _reserve_ids(self, sheet: Sheet) -> None:
        """So that no member without an id gets one that a later row of the file has."""
        given = (text for text in sheet.column("member_id") if len(text) <= _LONGEST_ID)
        highest = max((int(text) for text in given if text.isascii() and text.isdigit()), default=0)
        self._account.new_ids["member"].skip(highest)

    def _read(self, sheet: Sheet) -> None:
        fields = {
            field.shortcut_name: field.field_type == "text[]"
            for field in self._account.fields.values()
            if field.deleted is None
        }
        for line, member in self._counted(sheet.members(MemberSeed, fields)):
            try:
                self._add(self._member(member, ()), ())
            except Invalid as problem:
                raise sheet.error(line, f"{dotted(problem.location)} {problem.reason}") from None

    def _add(self, member: Member, location: Location) -> None:
        if member.member_id in self._ids:
            raise Invalid((*location, "member_id"), f"{member.member_id} is given twice")
        if self._members.setdefault(member.address, member) is not member:
            raise Invalid((*location, "email"), f"{member.address!r} is given twice")
        self._ids.add(member.member_id)

    def _member(self, declared: MemberSeed, location: Location) -> Member:
        well_formed = is_address(declared.email)
        archived = self._dates.optional(declared.deleted_at, (*location, "deleted_at"))
        status = declared.member_status_id or ("a" if well_formed else ERROR)
        since = self._dates.optional(declared.member_since, (*location, "member_since"))
        modified = self._dates.optional(declared.last_modified_at, (*location, "last_modified_at"))
        since = self._account.now() if since is None else since
        values = self._values(declared.fields, (*location, "fields"))
        values += stored_values(self._account, declared.field_values, location)
        error = None if well_formed else MALFORMED
        member_id = self._account.new_ids["member"].new() if declared.member_id is None else declared.member_id
        if declared.former_addresses:
            self._account.former_addresses.put(FormerAddresses(member_id, tuple(declared.former_addresses)))
        return Member(
            member_id,
            declared.email,
            self._identity(declared.email),
            status,
            since,
            merged((), values),
            self._groups(declared.groups, (*location, "groups")),
            modified,
            self._dates.optional(declared.confirmed_opt_in, (*location, "confirmed_opt_in")),
            (modified or since) if status == OPTOUT else None,
            None,
            declared.email_error if "email_error" in declared.model_fields_set else error,
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
            if self._account.groups.get(group_id) is None:
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
