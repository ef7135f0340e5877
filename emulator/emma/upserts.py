"""Adding a member, or updating the one who has its address: the one way that add, sign-up and import share.

Source: vendor-docs/emma-members.txt; reference/emma.md sections 3.1, 3.2, 5.1 to 5.3.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from emulator.core.errors import Invalid
from emulator.emma.account import ACTIVE, ERROR, EmmaAccount, Member
from emulator.emma.addresses import MALFORMED, email_error
from emulator.emma.affected import ADDED, UNDELETED, UPDATED
from emulator.emma.field_reader import FieldChanges
from emulator.emma.field_types import merged
from emulator.emma.mobile import NOTHING, Mobile, sms_after

_MOST_NOTED = 20  # groups that are named in the journal


class Entry(NamedTuple):
    """What a caller says of one member; checked, and complete but for the account's own rows."""

    email: str
    fields: FieldChanges
    mobile: Mobile = NOTHING


class Outcome(NamedTuple):
    """A row to put, how it came about (a letter of affected.py), and the groups it was not in before."""

    member: Member
    change_type: str
    joined: tuple[int, ...]


class Upserts:
    """Adds or updates members with the same groups, at the same instant; looks the account's choices up once."""

    __slots__ = ("_account", "_group_ids", "_keeps_groups", "_now", "_rejects_malformed", "identity")

    def __init__(self, account: EmmaAccount, group_ids: Iterable[int], now: int) -> None:
        self._account = account
        self._group_ids = tuple(sorted(group_ids))
        self._now = now
        self._keeps_groups = account.choice("restored_groups") == "keep"
        self._rejects_malformed = account.choice("malformed_address") == "reject"
        self.identity = account.identity_of_addresses()

    def upserted(self, entry: Entry, existing: Member | None) -> Outcome:
        """The row after adding or updating. Raises Invalid."""
        return self._new(entry) if existing is None else self._changed(entry, existing)

    def _new(self, entry: Entry) -> Outcome:
        email = entry.email
        error = email_error(self._account, email)
        if error == MALFORMED and self._rejects_malformed:
            raise Invalid(("email",), "is not a valid email address")
        member = Member(
            self._account.new_ids["member"].new(),
            email,
            self.identity(email),
            ACTIVE if error is None else ERROR,
            self._now,
            merged((), entry.fields),
            self._group_ids,
            email_error=error,
            sms=sms_after(self._account, None, entry.mobile),
        )
        return Outcome(member, ADDED, self._group_ids)

    def _changed(self, entry: Entry, member: Member) -> Outcome:
        was_archived = member.archived is not None
        old = () if was_archived and not self._keeps_groups else member.group_ids
        inside = frozenset(old)
        joined = tuple([group_id for group_id in self._group_ids if group_id not in inside])
        row = replace(
            member,
            fields=merged(member.fields, entry.fields) if entry.fields else member.fields,
            group_ids=tuple(sorted((*old, *joined))) if joined else old,
            modified=max(self._now, member.modified or member.since),
            archived=None,
            sms=sms_after(self._account, member.sms, entry.mobile),
        )
        return Outcome(row, UNDELETED if was_archived else UPDATED, joined)


def groups_to_join(account: EmmaAccount, group_ids: Iterable[int]) -> list[int]:
    """Those of the groups that exist; unknown ones are ignored, with a remark."""
    wanted = list(dict.fromkeys(group_ids))
    groups = account.existing_groups(wanted)
    if account.choice("special_group_enlistment") == "ignore":
        groups = [group for group in groups if group.type == "g"]
    found = dict.fromkeys(group.group_id for group in groups)
    for group_id in [each for each in wanted if each not in found][:_MOST_NOTED]:
        account.note(f"group {group_id} can not be joined and was ignored")
    return list(found)
