"""Finding members and groups, and changing many members at once; what the rules of several resources share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from emulator.core.erasure import ERASED, Words
from emulator.core.erasure import erase as erase_from_journal
from emulator.core.errors import NotFound
from emulator.core.slices import Slices
from emulator.emma.account import EmmaAccount, Group, Member
from emulator.emma.events import archived

if TYPE_CHECKING:
    from emulator.core.store.table import Where


class MemberRef(Struct):
    """A member in the path."""

    account_id: str
    member_id: str


ARCHIVED = ("archived", True)
AT_ONCE = 1000
"""Members that are changed before others are served."""
_LONGEST_ID = 18  # digits
_NATIONAL_DIGITS = 10  # of a mobile number, which may have come without its country


def find_member(account: EmmaAccount, member_id: str, *, archived: bool = False) -> Member:
    """A member by what stands in the path; an archived one only if wanted. Raises NotFound."""
    member = account.members.get(int(member_id)) if is_id(member_id) else None
    if member is None or (member.archived is not None and not archived):
        raise NotFound("member", member_id)
    return member


def find_by_email(account: EmmaAccount, email: str, *, archived: bool = False) -> Member:
    """Raises NotFound."""
    member = account.member_at(email)
    if member is None or (member.archived is not None and not archived):
        raise NotFound("member", email)
    return member


def find_group(account: EmmaAccount, group_id: str | int) -> Group:
    """A group that is not deleted. Raises NotFound."""
    text = str(group_id)
    group = account.group(int(text)) if is_id(text) else None
    if group is None:
        raise NotFound("group", text)
    return group


def matching(account: EmmaAccount, where: Where) -> list[Member]:
    """All members that meet a condition now."""
    return account.members.select(where, 0, len(account.members))


def change_each(
    account: EmmaAccount, members: list[Member], changed: Callable[[Member], Member | None]
) -> Slices[list[int]]:
    """Put the changed rows in place of these members', some at a time; the ids of those that were changed.

    `changed` sees each row as it is by then and gives None where it is not to be changed any more.
    """
    done: list[int] = []
    for start in range(0, len(members), AT_ONCE):
        part = account.members.get_many([member.member_id for member in members[start : start + AT_ONCE]])
        rows = [(member, row) for member in part if (row := changed(member)) is not None]
        account.members.put_many([row for member, row in rows if row is not member])
        done += [row.member_id for _, row in rows]
        yield
    return done


def archive(
    account: EmmaAccount, members: list[Member], still: Callable[[Member], bool] = lambda member: True
) -> Slices[list[int]]:
    """Members that disappear from listings and groups, if they `still` are to; they can be restored by adding them
    again. The ids of those who did.
    """
    if account.choice("deletion") == "erase":
        return (yield from erase(account, members, still))
    now = account.now()
    done = yield from change_each(
        account,
        members,
        lambda member: replace(member, archived=now) if member.archived is None and still(member) else None,
    )
    archived(account, done)
    return done


def erase(
    account: EmmaAccount, members: list[Member], still: Callable[[Member], bool] = lambda member: True
) -> Slices[list[int]]:
    """Members of whom nothing stays, if they `still` are to go: not in tables, not in what imports did or have still to
    do, not in the journal, not in what webhooks were told. The ids of those who are gone.
    """
    # Imports first, or one that is running would bring back who is gone.
    texts = _texts(account, members)
    member_ids = {member.member_id for member in members}
    yield from _forget_in_jobs(account, _not_of_others(account, texts, member_ids))
    texts = set()
    erased: set[int] = set()
    for start in range(0, len(members), AT_ONCE):
        gone = _erase_rows(account, members[start : start + AT_ONCE], still)
        erased.update(member.member_id for member in gone)
        known = _texts(account, gone)
        texts |= known
        account.world.erasing(account, [member.member_id for member in gone], sorted(known))
        archived(account, [member.member_id for member in gone if member.archived is None])
        account.former_addresses.delete_many([member.member_id for member in gone])
        yield
    yield from erase_elsewhere(account, erased, texts)
    account.world.erased(account, erased)
    return list(erased)


def erase_elsewhere(account: EmmaAccount, erased: set[int], texts: set[str]) -> Slices[None]:
    """What there is of members beside their rows: in snapshots, in what imports did, in the journal."""
    yield from _erase_from_snapshots(account, _not_of_others(account, texts, erased))
    words = Words(texts)
    if words:
        for affected in list(account.affected):
            affected.forget(erased)
            yield
        _blank_imports(account, words)
        entries = [job.entry for job in account.world.jobs if job.entry is not None]
        yield from erase_from_journal([*account.world.journal, *entries], words)
        yield from account.world.outbox.erase(words)


def forget_everywhere(account: EmmaAccount, erased: set[int], texts: set[str]) -> None:
    """The same at once, for an erasure that was cut short."""
    for _ in erase_elsewhere(account, erased, texts):
        pass


def _erase_from_snapshots(account: EmmaAccount, texts: set[str]) -> Slices[None]:
    """Who has or had these addresses in a state of this world that was kept; ids may be somebody else's there."""
    for snapshot in list(account.world.snapshots):
        twin = snapshot.state.accounts[account.vendor].known(account.id)
        if isinstance(twin, EmmaAccount):
            found = {member.member_id: member for text in texts if (member := twin.member_at(text)) is not None}
            for former in twin.former_addresses.page(0, len(twin.former_addresses)):
                member = twin.members.get(former.member_id)
                if member is not None and not texts.isdisjoint(former.addresses):
                    found[member.member_id] = member
            yield from _forget_in_jobs(twin, texts)
            yield from erase(twin, list(found.values()))


def _forget_in_jobs(account: EmmaAccount, texts: set[str]) -> Slices[None]:
    for job in list(account.world.jobs.pending()):
        if job.account is account:
            yield from job.work.forget(texts)


def _texts(account: EmmaAccount, members: list[Member]) -> set[str]:
    """What says who these members are."""
    texts: set[str] = set()
    for member in members:
        texts |= {member.address, member.email}
        if (former := account.former_addresses.get(member.member_id)) is not None:
            texts.update(former.addresses)
        if member.sms is not None:
            texts |= {member.sms.phone_number, member.sms.phone_number[-_NATIONAL_DIGITS:]}
    return texts


def _not_of_others(account: EmmaAccount, texts: set[str], member_ids: set[int]) -> set[str]:
    """A former address may be somebody else's by now."""
    return {text for text in texts if (holder := account.member_at(text)) is None or holder.member_id in member_ids}


def _blank_imports(account: EmmaAccount, words: Words) -> None:
    """What people wrote about imports and jobs may name somebody."""
    for row in account.imports.page(0, len(account.imports)):
        filename, message = (
            ERASED if text and words.are_in(text) else text for text in (row.filename, row.error_message)
        )
        if (filename, message) != (row.filename, row.error_message):
            account.imports.put(replace(row, filename=filename, error_message=message))
    for job in account.world.jobs:
        if job.message is not None and words.are_in(job.message):
            job.message = ERASED


def _erase_rows(account: EmmaAccount, members: list[Member], still: Callable[[Member], bool]) -> list[Member]:
    """Delete what there is of them; the rows that were there."""
    erased = []
    for member_id in [member.member_id for member in members]:
        member = account.members.get(member_id)
        if member is None or not still(member):
            continue  # somebody else erased or changed it
        erased.append(member)
        account.written.pop(member.member_id, None)
        mailed = account.deliveries.select((("member", member.member_id),), 0, len(account.deliveries))
        account.deliveries.delete_many([delivery.delivery_id for delivery in mailed])
    account.members.delete_many([member.member_id for member in erased])
    return erased


def is_id(text: str) -> bool:
    """Whether what stands in a path can be an id."""
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID
