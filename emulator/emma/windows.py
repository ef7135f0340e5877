"""Listings: which records a page has.

Source: reference/emma.md section 1.1.
"""

from __future__ import annotations

from msgspec import Struct

from emulator.emma.account import EmmaAccount

MOST_PER_PAGE = 500


class Listing(Struct, kw_only=True):
    """The input that every listing shares: record offsets from 0, and whether only the number is wanted."""

    start: int | None = None
    end: int | None = None
    count: bool = False

    def window(self, account: EmmaAccount) -> tuple[int, int]:
        """The half-open window of records; an empty one for bounds that make no sense."""
        start = self.start or 0
        end = start + MOST_PER_PAGE if self.end is None else self.end
        if self.end is not None and account.choice("paging_end") == "inclusive":
            end += 1
        if start < 0 or end <= start:
            return 0, 0
        return start, min(end, start + MOST_PER_PAGE)
