"""Finding members and groups, and changing many members at once; what the rules of several resources share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from emulator.core.erasure import ERASED, Words
from emulator.core.erasure import erase as erase_from_journal
from emulator.core.errors import NotFound
from emulator.core.slices import Slices
from emulator.emma.account import EmmaAccount, Group, Member

if TYPE_CHECKING:
    from emulator.core.store.table import Where

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


def change_each(account: EmmaAccount, members: list[Member], changed: Callable[[Member], Member]) -> Slices[int]:
    """Put the changed rows in place of these, some at a time; how many those were."""
    count = 0
    for start in range(0, len(members), AT_ONCE):
        part = members[start : start + AT_ONCE]
        # Another request may have changed or erased one since it was found; what was found does not hold for it.
        rows = [changed(member) for member in part if account.members.get(member.member_id) is member]
        account.members.put_many(rows)
        count += len(rows)
        yield
    return count


def archive(account: EmmaAccount, members: list[Member]) -> Slices[None]:
    """Members that disappear from listings and groups; they can be restored by adding them again."""
    if account.choice("deletion") == "erase":
        yield from erase(account, members)
        return
    now = account.now()
    yield from change_each(account, members, lambda member: replace(member, archived=now))


def erase(account: EmmaAccount, members: list[Member]) -> Slices[None]:
    """Members of whom nothing stays: not in tables, not in what imports did or have still to do, not in the journal."""
    member_ids: set[int] = set()
    texts: set[str] = set()
    for start in range(0, len(members), AT_ONCE):
        for member in _erase_rows(account, members[start : start + AT_ONCE]):
            member_ids.add(member.member_id)
            texts |= {member.address, member.email, *account.former_addresses.pop(member.member_id, ())}
            if member.sms is not None:
                texts |= {member.sms.phone_number, member.sms.phone_number[-_NATIONAL_DIGITS:]}
        yield
    words = Words(texts)
    if words:
        yield from _erase_from_imports(account, member_ids, texts, words)
        jobs = account.world.jobs.pending()
        yield from erase_from_journal([*account.world.journal, *[job.entry for job in jobs if job.entry]], words)


def _erase_from_imports(account: EmmaAccount, member_ids: set[int], texts: set[str], words: Words) -> Slices[None]:
    for affected in account.affected.values():
        affected.forget(member_ids)
        yield
    for row in account.imports.page(0, len(account.imports)):
        if words.are_in(f"{row.filename} {row.error_message}"):
            account.imports.put(replace(row, filename=ERASED, error_message=row.error_message and ERASED))
    # A former address may be somebody else's by now.
    gone = {text for text in texts if account.member_at(text) is None}
    for job in account.world.jobs:
        if job.account is account and not job.over:
            yield from job.work.forget(gone)
        if job.message is not None and words.are_in(job.message):
            job.message = ERASED


def _erase_rows(account: EmmaAccount, members: list[Member]) -> list[Member]:
    erased = []
    for found in members:
        member = account.members.get(found.member_id)
        if member is None or (found.archived is not None and member.archived is None):
            continue  # somebody else erased it, or added it again
        erased += [member] if member is found else [member, found]
        account.written.pop(member.member_id, None)
        mailed = account.deliveries.select((("member", member.member_id),), 0, len(account.deliveries))
        account.deliveries.delete_many([delivery.delivery_id for delivery in mailed])
    account.members.delete_many([member.member_id for member in erased])
    return erased


def is_id(text: str) -> bool:
    """Whether what stands in a path can be an id."""
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID
