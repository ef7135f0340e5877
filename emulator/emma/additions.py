"""Adding and signing up one member: the rules, in the document's order.

Source: vendor-docs/emma-members.txt; reference/emma.md sections 3.2, 3.3 and 5.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from emulator.core.errors import Invalid
from emulator.emma.account import ACTIVE, OPTOUT, EmmaAccount, Member
from emulator.emma.affected import ADDED, UNDELETED
from emulator.emma.field_reader import FieldReader
from emulator.emma.mailings import send_sign_up
from emulator.emma.mobile import read_mobile
from emulator.emma.upserts import Entry, Upserts, groups_to_join

if TYPE_CHECKING:
    from emulator.emma.schemas import AddMember, SignUp

# What a confirmation mail of one's own must contain.
PLACEHOLDERS = ("[rsvp_name]", "[rsvp_email]", "[opt_in_url]", "[opt_out_url]")


class Addition(NamedTuple):
    """The member, and whether it is new."""

    member: Member
    added: bool


def add_member(account: EmmaAccount, request: AddMember) -> Addition:
    """Adds or updates a single audience member."""
    upserts = Upserts(account, groups_to_join(account, request.group_ids), account.now())
    fields = FieldReader(account)
    entry = Entry(request.email, fields.read(request.fields or {}), read_mobile(request.sms, request.phone_number))
    member, change, _ = upserts.upserted(entry, account.member_at(request.email))
    fields.keep()
    account.members.put(member)
    restored_counts = change == UNDELETED and account.choice("restored_is_added") == "true"
    return Addition(member, change == ADDED or restored_counts)


def sign_up(account: EmmaAccount, request: SignUp) -> Member:
    """Signs up a member and enlists it in the given groups; each new enlistment sends a mailing."""
    if request.opt_in_message is not None:
        for placeholder in PLACEHOLDERS:
            if placeholder not in request.opt_in_message:
                raise Invalid(("opt_in_message",), f"must contain {placeholder}")
    existing = account.member_at(request.email)
    wanted = groups_to_join(account, request.group_ids)
    if existing is not None and existing.archived is None and set(wanted) <= set(existing.group_ids):
        return existing
    fields = FieldReader(account)
    entry = Entry(request.email, fields.read(request.fields or {}))
    member, _, joined = Upserts(account, wanted, account.now()).upserted(entry, existing)
    fields.keep()
    account.members.put(member)
    if request.opt_in_confirmation and member.email_error is None:
        for group in account.groups.get_many(joined):
            send_sign_up(account, member, group, request.opt_in_subject)
    return member


def confirm(account: EmmaAccount, member: Member) -> Member:
    """The member follows the link in its confirmation mail, which is also the way back for one that opted out."""
    now = account.now()
    status = ACTIVE if member.status == OPTOUT else member.status
    row = replace(member, confirmed=now, status=status, opted_out=None, optout_mailing=None, modified=now)
    account.members.put(row)
    return row
