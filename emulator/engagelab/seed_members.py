"""The members of a declared account: those in the scenario, those in its CSV file, those that it has generated."""

from __future__ import annotations

import re

from emulator.core.errors import Invalid, Location, dotted
from emulator.core.scenarios.sheet import Sheet
from emulator.engagelab import fields as contact_fields
from emulator.engagelab.account import EngageLabAccount, Member
from emulator.engagelab.addresses import is_address
from emulator.engagelab.generated import generated
from emulator.engagelab.seed_models import AccountSeed, MemberSeed
from emulator.engagelab.seed_times import optional_second

_OBJECT_ID = re.compile(r"[0-9a-f]{24}")


class MemberSeeding:
    """Puts the declared members into an account whose fields and tags are in it."""

    def __init__(self, account: EngageLabAccount, location: Location) -> None:
        self._account = account
        self._location = location
        self._identity = account.identity_of_addresses()
        self._members: dict[str, Member] = {}
        self._counted = account.world.progress.counted
        self._ids: set[str] = set()

    def load(self, declared: AccountSeed) -> None:
        """Raises Invalid, or UserError for what is wrong in the CSV file."""
        self._reserve_ids(declared)
        for position, member in enumerate(self._counted(declared.members)):
            here = (*self._location, "members", position)
            self._add(self._member(member, here), here)
        if declared.members_from is not None:
            self._read(declared.members_from)
        taken = {address.lower() for address in self._members} if declared.generate else set()
        rows = list(self._members.values())
        for position, block in enumerate(declared.generate):
            here = (*self._location, "generate", position)
            rows += self._counted(generated(self._account, block, taken, here))
        self._account.members.put_many(rows)

    def _reserve_ids(self, declared: AccountSeed) -> None:
        """So that no member without an id gets one that a later row has."""
        given = [member.member_id for member in declared.members if member.member_id is not None]
        if declared.members_from is not None:
            given += declared.members_from.column("member_id")
        for member_id in given:
            if _OBJECT_ID.fullmatch(member_id):
                self._account.member_ids.skip(member_id)

    def _read(self, sheet: Sheet) -> None:
        fields = dict.fromkeys(self._account.fields, False)
        for line, member in self._counted(sheet.members(MemberSeed, fields)):
            try:
                self._add(self._member(member, ()), ())
            except Invalid as problem:
                raise sheet.error(line, f"{dotted(problem.location)} {problem.reason}") from None

    def _add(self, member: Member, location: Location) -> None:
        if self._members.setdefault(member.address, member) is not member:
            raise Invalid((*location, "email"), f"{member.email!r} is given twice")
        if member.member_id in self._ids:
            double = f"{member.member_id!r} is given twice"
            if not location:
                raise Invalid(("member_id",), double)
            raise Invalid(location[:-1], f"must have different member_ids: {double}")
        self._ids.add(member.member_id)

    def _member(self, declared: MemberSeed, location: Location) -> Member:
        account = self._account
        if not (declared.as_stored or is_address(declared.email)):
            raise Invalid((*location, "email"), f"{declared.email!r} is not a valid email address")
        for name, value in declared.fields.items():
            field = account.fields.get(name)
            if field is None:
                raise Invalid((*location, "fields", name), "is no field of this list; declare it under fields")
            problem = None if declared.as_stored else contact_fields.value_problem(field, value)
            if problem is not None:
                raise Invalid((*location, "fields", name), problem)
        member_id, created = self._id(declared, location)
        updated = optional_second(declared.update_time, (*location, "update_time"))
        return Member(
            member_id,
            declared.email,
            self._identity(declared.email),
            declared.phone,
            declared.name,
            declared.fields,
            tuple(self._tag_id(name, (*location, "tags")) for name in dict.fromkeys(declared.tags)),
            created,
            created if updated is None else updated,
            optional_second(declared.unsubscribe_time, (*location, "unsubscribe_time")),
        )

    def _id(self, declared: MemberSeed, location: Location) -> tuple[str, int]:
        """The id of a member and the second of its creation, which is in it."""
        if declared.member_id is not None:
            return declared.member_id, int(declared.member_id[:8], 16)
        created = optional_second(declared.create_time, (*location, "create_time"))
        if created is None:
            created = self._account.now()
        return self._account.member_ids.new(created), created

    def _tag_id(self, name: str, location: Location) -> str:
        tag = self._account.tags.find("name", name)
        if tag is None:
            raise Invalid(location, f"{name!r} is no tag of this list; declare it under tags")
        return tag.tag_id
