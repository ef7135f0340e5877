"""The background job that takes a group's members out of all groups.

Source: vendor-docs/emma-groups.txt, remove_all_members_from_all_groups; reference/emma.md section 10, C6.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection
from typing import ClassVar, Self

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from emulator.core.slices import Slices
from emulator.core.vendor import Account
from emulator.emma.account import LIVE, EmmaAccount
from emulator.emma.audience import erase
from emulator.emma.events import ALL, archived, left

_ENDED = object()


class Progress(Struct, omit_defaults=True):
    """How many members from the beginning of the list are done, None once all is over; and those of them who were in no
    group any more.
    """

    done: int | None = None
    stayed: list[int] = []


class Document(Struct):
    """A removal as a durable store keeps it; without its members once it is over."""

    total: int
    member_ids: list[int]
    archives: bool
    progress: Progress


class Removal:
    """The members that were in the group when the call was made; one that is purged or archived meanwhile stays so."""

    kind: ClassVar[str] = "group removal"
    edition: ClassVar[int] = 0

    def __init__(self, account: EmmaAccount, member_ids: array[int], *, archives: bool) -> None:
        self._account = account
        self._member_ids = member_ids
        self._archives = archives
        self._done = 0
        self._stayed = array("q")
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
        gone = {member.member_id for member in members if member.group_ids}
        self._stayed.extend([member_id for member_id in part if member_id not in gone])
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
        self._end()

    def fail(self, at: float, message: str) -> None:
        """Those who left stay out."""
        self._end()

    def _end(self) -> None:
        stayed = set(self._stayed)
        gone = [member_id for member_id in self._member_ids[: self._done] if member_id not in stayed]
        left(self._account, gone, ALL)
        self._clear()

    def _clear(self) -> None:
        self._member_ids, self._stayed, self._done = array("q"), array("q"), 0

    def forget(self, addresses: Collection[str]) -> Slices[None]:
        """It holds ids only."""
        yield

    def progress(self) -> Progress:
        return Progress(self._done if self._member_ids else None, self._stayed.tolist())

    def keep(self) -> Callable[[], Document]:
        member_ids, progress = self._member_ids, self.progress()
        return lambda: Document(self.total, member_ids.tolist(), self._archives, progress)

    @classmethod
    def resumed(cls, account: EmmaAccount, kept: bytes) -> Self:
        """Go on where a document was made. Raises msgspec's errors."""
        known = msgspec.json.decode(kept, type=Document)
        work = cls(account, array("q", known.member_ids), archives=known.archives)
        work.total = known.total
        work._go_to(known.progress)
        return work

    def proceeded(self, kept: bytes) -> None:
        self._go_to(msgspec.json.decode(kept, type=Progress))

    def _go_to(self, progress: Progress) -> None:
        if progress.done is None:
            self._clear()
        else:
            self._done, self._stayed = progress.done, array("q", progress.stayed)

    def copy(self, account: Account) -> Removal:
        assert isinstance(account, EmmaAccount)
        twin = Removal(account, self._member_ids, archives=self._archives)
        twin.total, twin._done = self.total, self._done
        twin._stayed = self._stayed[:]
        return twin
