"""How far the loading of a scenario is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


class Progress:
    """Rows loaded so far, and of how many if that is known; one thread counts, others read."""

    __slots__ = ("rows", "total")

    def __init__(self) -> None:
        self.rows = 0
        self.total: int | None = None

    def counted(self, rows: Iterable[T]) -> Iterator[T]:
        """The same rows, each counted when the next one is asked for."""
        for row in rows:
            yield row
            self.rows += 1

    def expect(self, blocks: Iterable[object]) -> None:
        """Find out how many members these blocks of vendors have; not if one has them in a CSV file or is wrong."""
        try:
            self.total = sum(_members(account) for block in blocks for account in _accounts(block))
        except (TypeError, LookupError, AttributeError):
            self.total = None

    def told(self) -> dict[str, int | None]:
        return {"rows": self.rows, "total": self.total}


def _accounts(block: Any) -> Iterable[Mapping[str, Any]]:
    return (block or {}).get("accounts") or ()


def _members(account: Mapping[str, Any]) -> int:
    if "members_from" in account:
        raise LookupError("its lines are counted by nobody")
    generated: int = sum(each["members"] for each in account.get("generate") or ())
    return len(account.get("members") or ()) + generated
