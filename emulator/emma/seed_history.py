"""What happened in a declared account: imports, mailings, opt-outs."""

from __future__ import annotations

from msgspec.structs import replace

from emulator.core.errors import Invalid, Location
from emulator.emma.account import OPTOUT, Delivery, EmmaAccount, Import, Member
from emulator.emma.seed_dates import Dates
from emulator.emma.seed_exact import enlistments_of, updated_fields
from emulator.emma.seed_models import AccountSeed, ImportSeed, MailingSeed, OptOutSeed


class HistorySeeding:
    """Puts the declared history into an account whose members are in it."""

    def __init__(self, account: EmmaAccount, location: Location) -> None:
        self._account = account
        self._location = location
        self._dates = Dates(account.choice("time_zone"))

    def load(self, declared: AccountSeed) -> None:
        """Raises Invalid."""
        for position, entry in enumerate(declared.imports):
            self._import(entry, (*self._location, "imports", position))
        for position, mailing in enumerate(declared.mailings):
            self._mailing(mailing, (*self._location, "mailings", position))
        for position, optout in enumerate(declared.optouts):
            self._optout(optout, (*self._location, "optouts", position))

    def _known_member(self, member_id: int, location: Location) -> Member:
        member = self._account.members.get(member_id)
        if member is None:
            raise Invalid((*location, "member_id"), f"{member_id} is no member of this account")
        return member

    def _import(self, declared: ImportSeed, location: Location) -> None:
        account = self._account
        import_id = account.new_ids["import"].new() if declared.import_id is None else declared.import_id
        if account.imports.get(import_id) is not None:
            raise Invalid((*location, "import_id"), f"{import_id} is given twice")
        account.imports.put(
            Import(
                import_id,
                self._dates.second(declared.import_started, (*location, "import_started")),
                declared.status,
                declared.source_filename,
                declared.style,
                self._dates.optional(declared.import_finished, (*location, "import_finished")),
                declared.num_members,
                declared.num_duplicates,
                declared.num_members_added,
                declared.num_members_updated,
                declared.num_skipped,
                declared.num_errors,
                declared.error_message,
                enlistments_of(account, declared, location),
                updated_fields(account, declared, location),
                declared.automated_field_changes,
            )
        )
        affected = account.affected[import_id]
        for position, change in enumerate(declared.members):
            self._known_member(change.member_id, (*location, "members", position))
            affected.add(change.member_id, change.change_type, enlisted=change.added_to_groups)

    def _mailing(self, declared: MailingSeed, location: Location) -> None:
        account = self._account
        self._known_member(declared.member_id, location)
        names = ("sent", "delivery_ts", "opened", "clicked", "forwarded", "shared")
        sent, delivered, opened, clicked, forwarded, shared = (
            self._dates.optional(getattr(declared, name), (*location, name)) for name in names
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
                declared.sign_up,
            )
        )

    def _optout(self, declared: OptOutSeed, location: Location) -> None:
        member = self._known_member(declared.member_id, location)
        at = self._dates.second(declared.timestamp, (*location, "timestamp"))
        if member.status != OPTOUT:
            raise Invalid((*location, "member_id"), f"{member.member_id} has not opted out")
        self._account.members.put(replace(member, opted_out=at, optout_mailing=declared.mailing_id))
