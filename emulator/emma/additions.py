"""Adding and signing up one member: the rules, in the document's order.

Source: vendor-docs/emma-members.txt; reference/emma.md sections 3.2, 3.3 and 5.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from emulator.core.errors import Invalid
from emulator.emma.account import ACTIVE, OPTOUT, EmmaAccount, Member
from emulator.emma.affected import ADDED, UNDELETED
from emulator.emma.events import happened, joined, status_changed
from emulator.emma.field_reader import FieldReader
from emulator.emma.mailings import send_sign_up
from emulator.emma.mobile import read_mobile
from emulator.emma.upserts import Entry, Outcome, Upserts, groups_to_join

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
    outcome = upserts.upserted(entry, account.member_at(request.email))
    fields.keep()
    account.members.put(outcome.member)
    added = _told(account, outcome, request.signup_form_id)
    if added and request.signup_form_id is not None:
        _told_of_sign_up(account, outcome.member, request.signup_form_id)
    return Addition(outcome.member, added)


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
    outcome = Upserts(account, wanted, account.now()).upserted(entry, existing)
    member = outcome.member
    fields.keep()
    account.members.put(member)
    sent = []
    if request.opt_in_confirmation and member.email_error is None:
        groups = account.groups.get_many(outcome.joined)
        sent = [send_sign_up(account, member, group, request.opt_in_subject) for group in groups]
    _told(account, outcome, request.signup_form_id)
    _told_of_sign_up(account, member, request.signup_form_id, sent[0].mailing_id if sent else None)
    return member


def confirm(account: EmmaAccount, member: Member) -> Member:
    """The member follows the link in its confirmation mail, which is also the way back for one that opted out."""
    now = account.now()
    status = ACTIVE if member.status == OPTOUT else member.status
    row = replace(member, confirmed=now, status=status, opted_out=None, optout_mailing=None, modified=now)
    account.members.put(row)
    if status != member.status:
        status_changed(account, [member.member_id], status)
    return row


def _told(account: EmmaAccount, outcome: Outcome, form_id: int | None) -> bool:
    """Tell of a member that was added or updated; whether it counts as added."""
    member, change, joined_groups = outcome
    restored_counts = change == UNDELETED and account.choice("restored_is_added") == "true"
    added = change == ADDED or restored_counts
    if added:
        happened(account, "member_add", member_id=member.member_id, signup_form_id=form_id, group_ids=member.group_ids)
    else:
        happened(account, "member_update", member_id=member.member_id)
    if joined_groups and account.webhooks and account.choice("webhook_enlistments") == "told":
        joined(account, [member.member_id], joined_groups)
    return added


def _told_of_sign_up(account: EmmaAccount, member: Member, form_id: int | None, mailing_id: int | None = None) -> None:
    happened(account, "member_signup", member_id=member.member_id, mailing_id=mailing_id, signup_form_id=form_id)
