"""One batch of members: who is new, who is known, who came twice.

Source: vendor-docs/engagelab-members.txt, Batch add or update; reference/engagelab.md sections 3.1 and 10 (Q2 to Q4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from emulator.core.errors import Invalid
from emulator.engagelab.account import EngageLabAccount, Member
from emulator.engagelab.addresses import IMPORT_ERROR, is_address
from emulator.engagelab.changes import Changes, RejectedEntry, changed, created, read_changes
from emulator.engagelab.tags import OVERWRITE, usable_names

if TYPE_CHECKING:
    from emulator.engagelab.schemas import Entry, MemberEntry


class BatchOutcome(NamedTuple):
    """(email, member_id) of the created and the updated, (email, message) of the refused."""

    created: list[tuple[str, str]]
    updated: list[tuple[str, str]]
    errors: list[tuple[str, str]]


class Batch:
    """Takes entries one by one and writes them to the account all at once."""

    def __init__(
        self, account: EngageLabAccount, entries: Sequence[Entry], flag: int, *, update_existing: bool
    ) -> None:
        self._account = account
        self._flag = flag
        self._update_existing = update_existing
        self._now = account.now()
        self._repeats_are_errors = account.choice("repeated_member") == "first"
        self._blanks_allowed = account.choice("address_blanks") == "accept"
        self._outcome = BatchOutcome([], [], [])
        self._staged: dict[str, Member] = {}
        self._obeys_flag = account.choice("new_member_tags") == "obey_flag"
        self._fold = account.identity_of_addresses()
        addresses = [self._fold(entry.email) for entry in entries if entry.email]
        self._known: dict[str, Member] = account.members.find_many("address", addresses)

    def save(self, entry: Entry) -> None:
        """Create or update one member, or note why not."""
        try:
            if isinstance(entry, RejectedEntry):
                raise Invalid((), entry.message)
            self._save(entry, self._checked_email(entry))
        except Invalid as problem:
            self._outcome.errors.append((entry.email or "", str(problem)))

    def commit(self) -> BatchOutcome:
        self._account.members.put_many(list(self._staged.values()))
        return self._outcome

    def _checked_email(self, entry: MemberEntry) -> str:
        if not entry.email:
            raise Invalid(("email",), "can not be empty")
        if not is_address(entry.email, blanks_allowed=self._blanks_allowed):
            raise Invalid(("email",), "is not a valid email address")
        if self._account.magic_word(entry.email) == IMPORT_ERROR:
            raise Invalid(("email",), "could not be imported")
        return entry.email

    def _save(self, entry: MemberEntry, email: str) -> None:
        address = self._fold(email)
        staged = self._staged.get(address)
        if staged is not None and self._repeats_are_errors:
            raise Invalid(("email",), "appears more than once in this batch")
        member = staged or self._known.get(address)
        if member is None:
            self._create(entry, email, address)
        elif self._update_existing:
            self._update(entry, email, member)
        else:
            self._leave(entry, member)

    def _create(self, entry: MemberEntry, email: str, address: str) -> None:
        changes = read_changes(self._account, entry)
        flag = self._flag if self._obeys_flag else OVERWRITE
        member = self._staged[address] = created(self._account, email, address, changes, flag, self._now)
        self._outcome.created.append((email, member.member_id))

    def _update(self, entry: MemberEntry, email: str, member: Member) -> None:
        changes = read_changes(self._account, entry)
        self._staged[member.address] = changed(self._account, member, changes, self._flag, self._now)
        self._outcome.updated.append((email, member.member_id))

    def _leave(self, entry: MemberEntry, member: Member) -> None:
        """An existing member that must not be updated."""
        if self._account.choice("existing_member_tags") == "apply":
            names = None if entry.tags is None else usable_names(self._account, entry.tags)
            tags_only = Changes(None, None, {}, [], names)
            self._staged[member.address] = changed(self._account, member, tags_only, self._flag, self._now)
        if self._account.choice("existing_member") == "error":
            raise Invalid(("email",), "already exists and update_existing is false")
