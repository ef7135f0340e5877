"""What became of members, in Emma's words."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.core.differences import Difference, changed_keys, went
from emulator.emma.account import ERROR, OPTOUT, EmmaAccount, Member
from emulator.emma.export import member_row
from emulator.emma.field_types import pairs
from emulator.emma.times import optional_date, sms_time

_BECAME = {
    "a": ("activated", "became active"),
    "e": ("put in error", "went into error"),
    "o": ("opted out", "opted out"),
    "f": ("forwarded", "became forwarded"),
}
# Attributes that say nothing but what they say.
_PLAIN = {
    "email_error": "email_error",
    "bounce_count": "bounce_count",
    "plaintext": "plaintext_preferred",
}
_DATES = {"confirmed": "confirmed_opt_in", "since": "member_since"}


class Members:
    """Compares members of two states of an account."""

    def __init__(self, before: EmmaAccount, after: EmmaAccount) -> None:
        self._before = before
        self._after = after
        self._zone = after.choice("time_zone")

    def differences(self, old: Member | None, new: Member | None) -> Iterator[Difference]:
        if new is None:
            assert old is not None
            yield _of(old, "removed", "is gone", before=member_row(self._before, old))
        elif old is None:
            yield _of(new, "added", f"was added{self._groups(new)}", after=member_row(self._after, new))
        else:
            found = [*self._changes(old, new)]
            yield from found or [self._touched(old, new)]

    def _changes(self, old: Member, new: Member) -> Iterator[Difference]:
        if old.email != new.email:
            text = f"email changed from {old.email} to {new.email}"
            yield _of(new, "changed", text, "email", old.email, new.email)
        yield from self._status(old, new)
        yield from self._enlistments(old, new)
        yield from self._fields(old, new)
        yield from _sms(old, new)
        for attribute, name in _PLAIN.items():
            values = getattr(old, attribute), getattr(new, attribute)
            if values[0] != values[1]:
                yield _of(new, "changed", went(name, *values), name, *values)
        for attribute, name in _DATES.items():
            dates = [optional_date(getattr(each, attribute), self._zone) for each in (old, new)]
            if dates[0] != dates[1]:
                yield _of(new, "changed", went(name, *dates), name, *dates)

    def _status(self, old: Member, new: Member) -> Iterator[Difference]:
        if old.status != new.status:
            change, text = _BECAME[new.status]
            if new.status == OPTOUT and new.optout_mailing is not None:
                text += f" because of mailing {new.optout_mailing}"
            if new.status == ERROR and new.email_error is not None:
                text += f" ({new.email_error})"
            yield _of(new, change, text, "member_status_id", old.status, new.status)
        elif (old.opted_out, old.optout_mailing) != (new.opted_out, new.optout_mailing):
            details = [_optout(each, self._zone) for each in (old, new)]
            yield _of(new, "changed", went("opt-out", *details), "optout", *details)
        if old.archived != new.archived:
            dates = [optional_date(each.archived, self._zone) for each in (old, new)]
            change, text = ("restored", "was restored") if new.archived is None else ("archived", "was archived")
            yield _of(new, change, text, "deleted_at", *dates)

    def _enlistments(self, old: Member, new: Member) -> Iterator[Difference]:
        for group_id in new.group_ids:
            if group_id not in old.group_ids:
                yield _of(new, "joined", f"joined group {self._group(group_id)}", "groups", after=group_id)
        for group_id in old.group_ids:
            if group_id not in new.group_ids:
                yield _of(new, "left", f"left group {self._group(group_id)}", "groups", group_id)

    def _fields(self, old: Member, new: Member) -> Iterator[Difference]:
        for field_id, value, other in changed_keys(dict(pairs(old.fields)), dict(pairs(new.fields))):
            field = self._after.fields.get(field_id) or self._before.fields[field_id]
            name = field.shortcut_name
            yield _of(new, "changed", went(f"field {name}", value, other), f"fields.{name}", value, other)

    def _touched(self, old: Member, new: Member) -> Difference:
        dates = [optional_date(each.modified, self._zone) for each in (old, new)]
        if dates[0] == dates[1]:
            return _of(new, "changed", "has its fields in another order")
        text = f"was changed to what it was ({went('last_modified_at', *dates)})"
        return _of(new, "changed", text, "last_modified_at", *dates)

    def _groups(self, member: Member) -> str:
        names = [self._group(group_id) for group_id in member.group_ids]
        return f", in group{'s' if len(names) > 1 else ''} {', '.join(names)}" if names else ""

    def _group(self, group_id: int) -> str:
        group = self._after.groups.get(group_id) or self._before.groups.get(group_id)
        return f"{group_id} {group.name}" if group else str(group_id)


def _optout(member: Member, zone: str) -> str:
    at = optional_date(member.opted_out, zone)
    return f"at {at}" if member.optout_mailing is None else f"at {at} because of mailing {member.optout_mailing}"


def _sms(old: Member, new: Member) -> Iterator[Difference]:
    olds, news = (
        {}
        if each.sms is None
        else {
            "phone_number": each.sms.phone_number,
            "transactional_status": each.sms.transactional_status,
            "promotional_status": each.sms.promotional_status,
            "updated_at": sms_time(each.sms.changed),
        }
        for each in (old, new)
    )
    changes = list(changed_keys(olds, news))
    # That it was changed goes without saying where it says what.
    for name, value, other in changes if len(changes) == 1 else [each for each in changes if each[0] != "updated_at"]:
        yield _of(new, "changed", went(f"sms {name}", value, other), f"sms.{name}", value, other)


def _of(
    member: Member, change: str, text: str, attribute: str | None = None, before: object = None, after: object = None
) -> Difference:
    sentence = f"member {member.member_id} {member.email} {text}"
    return Difference("member", member.member_id, change, sentence, attribute, before, after)
