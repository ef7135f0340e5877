"""The background job that takes a group's members out of all groups.

Source: vendor-docs/emma-groups.txt, remove_all_members_from_all_groups; reference/emma.md section 10, C6.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection
from typing import Self

from msgspec.structs import replace

from emulator.core.slices import Slices
from emulator.core.vendor import Account
from emulator.emma.account import LIVE, EmmaAccount
from emulator.emma.audience import erase
from emulator.emma.events import ALL, archived, left

_ENDED = object()


class Removal:
    """The members that were in the group when the call was made; one that is purged or archived meanwhile stays so."""

    def __init__(self, account: EmmaAccount, member_ids: array[int], *, archives: bool) -> None:
        self._account = account
        self._member_ids = member_ids
        self._archives = archives
        self._done = 0
        self._left = array("q")
        self._ending: Slices[list[int]] | None = None
        self.total = len(member_ids)

    @classmethod
    def of_group(cls, account: EmmaAccount, group_id: int, status: str, *, archives: bool) -> Self:
        members = account.members.select((("group", group_id), LIVE, ("status", status)), 0, len(account.members))
        return cls(account, array("q", [member.member_id for member in members]), archives=archives)

    def begin(self, at: float) -> None:
        """Nothing shows that it has begun."""

    def advance(self, most: int) -> int:
        if self._ending is not None:
            return self._go_on(most)
        if self._archives and self._account.choice("deletion") == "erase":
            # All in one, because each erasure reads the whole journal.
            self._ending = erase(self._account, self._account.living(self._member_ids[self._done :]))
            return 0
        part = self._member_ids[self._done : self._done + most]
        self._done += len(part)
        now = self._account.now() if self._archives else None
        members = self._account.living(part)
        self._account.members.put_many([replace(member, group_ids=(), archived=now) for member in members])
        self._left.extend([member.member_id for member in members if member.group_ids])
        if self._archives:
            archived(self._account, [member.member_id for member in members])
        return len(part)

    def _go_on(self, most: int) -> int:
        assert self._ending is not None
        for _ in range(most):
            if next(self._ending, _ENDED) is _ENDED:
                return self.total - self._done
        return 0

    def finish(self, at: float) -> None:
        """Nothing shows that it is done but the groups, and what webhooks are told."""
        left(self._account, self._left.tolist(), ALL)

    def fail(self, at: float, message: str) -> None:
        """Those who left stay out."""
        left(self._account, self._left.tolist(), ALL)

    def forget(self, addresses: Collection[str]) -> Slices[None]:
        """It holds ids only."""
        yield

    def copy(self, account: Account) -> Removal:
        assert isinstance(account, EmmaAccount)
        twin = Removal(account, self._member_ids, archives=self._archives)
        twin._done = self._done
        twin._left = self._left[:]
        return twin
