"""Whether what was expected of the traffic happened, and what was seen instead.

Three questions can be asked of the entries in question: how many there are of each kind (each expectation for itself);
whether there are some in this order (others may lie between); whether there are exactly these (no others, in any order
or in this one).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from emulator.core.criteria import Criteria
from emulator.core.journal import Entry
from emulator.core.slices import Slices

_MOST_NAMED = 3
_LOOKED_AT = 500  # newest entries in which near misses are looked for


class Expectation(NamedTuple):
    """Requests of this kind: at least so many and, if `most` is not None, at most so many."""

    criteria: Criteria
    least: int
    most: int | None

    @property
    def wanted(self) -> str:
        if self.least == self.most:
            return f"exactly {self.least}"
        if self.most is None:
            return f"at least {self.least}"
        return f"at most {self.most}" if self.least == 0 else f"{self.least} to {self.most}"

    def met_by(self, seen: int) -> bool:
        return self.least <= seen and (self.most is None or seen <= self.most)


class Verdict(NamedTuple):
    """`said` is what was seen instead, in words; `matched` are the numbers of the entries for each expectation."""

    ok: bool
    said: list[str]
    matched: list[list[int]]


class Verification(NamedTuple):
    """What is expected of the entries that meet `where`."""

    expected: Sequence[Expectation]
    where: Criteria
    in_order: bool = False
    exactly: bool = False


Marks = Sequence[frozenset[int]]
"""For each entry the expectations whose criteria it meets."""


def verify(entries: Sequence[Entry], asked: Verification) -> Slices[Verdict]:
    """The verdict on these entries, oldest first."""
    inside: list[Entry] = []
    marks: list[frozenset[int]] = []
    for entry in entries:
        if asked.where.match(entry):
            inside.append(entry)
            marks.append(frozenset(index for index, each in enumerate(asked.expected) if each.criteria.match(entry)))
        yield
    if asked.exactly and asked.in_order:
        placed = sequence(marks, asked.expected)
    elif asked.exactly:
        placed = assignment(marks, asked.expected)
    elif asked.in_order:
        placed = subsequence(marks, asked.expected)
    else:
        placed = [[at for at, mark in enumerate(marks) if index in mark] for index in range(len(asked.expected))]
    said = []
    for index, each in enumerate(asked.expected):
        if not each.met_by(len(placed[index])):
            said.append(_unmet(each, len(placed[index]), asked))
            said += _instead(index, inside, marks, placed, asked)
            yield
    if asked.exactly:
        expected = {at for positions in placed for at in positions}
        said += _unexpected([entry for at, entry in enumerate(inside) if at not in expected])
    return Verdict(not said, said, [[inside[at].id for at in positions] for positions in placed])


def subsequence(marks: Marks, expected: Sequence[Expectation]) -> list[list[int]]:
    """The earliest entries in the order of the expectations; of what comes after the first gap, none."""
    placed: list[list[int]] = [[] for _ in expected]
    at = 0
    for index, each in enumerate(expected):
        while len(placed[index]) < each.least:
            while at < len(marks) and index not in marks[at]:
                at += 1
            if at == len(marks):
                return placed
            placed[index].append(at)
            at += 1
    return placed


def sequence(marks: Marks, expected: Sequence[Expectation]) -> list[list[int]]:
    """The entries that are the expectations one by one, up to the first that is not."""
    placed: list[list[int]] = [[] for _ in expected]
    at = 0
    for index, each in enumerate(expected):
        while len(placed[index]) < each.least:
            if at == len(marks) or index not in marks[at]:
                return placed
            placed[index].append(at)
            at += 1
    return placed


def assignment(marks: Marks, expected: Sequence[Expectation]) -> list[list[int]]:
    """As many entries as possible, each for one expectation, none for more than wanted: a matching in a bipartite
    graph by augmenting paths. Entries with the same marks are as good as each other.
    """
    room = [each.least for each in expected]
    taken: Counter[tuple[frozenset[int], int]] = Counter()

    def place(mark: frozenset[int], tried: set[int]) -> bool:
        for index in sorted(mark - tried):
            if index in tried:
                continue
            tried.add(index)
            if room[index] > 0:
                room[index] -= 1
                taken[mark, index] += 1
                return True
            for other in [known for (known, where), count in taken.items() if where == index and count]:
                if place(other, tried):
                    taken[other, index] -= 1
                    taken[mark, index] += 1
                    return True
        return False

    for mark in marks:
        place(mark, set())
    placed: list[list[int]] = [[] for _ in expected]
    for at, mark in enumerate(marks):
        index = next((index for index in sorted(mark) if taken[mark, index]), None)
        if index is not None:
            taken[mark, index] -= 1
            placed[index].append(at)
    return placed


def nearest(criteria: Criteria, entries: Sequence[Entry]) -> list[str]:
    """The entries that fail the fewest tests, newest first, with what they fail."""
    near = []
    for entry in entries[-_LOOKED_AT:]:
        misses = criteria.misses(entry)
        if 0 < len(misses) < len(criteria.tests):
            near.append((len(misses), -entry.id, f"{name_of(entry)}: {'; '.join(each.miss(entry) for each in misses)}"))
    return [text for _, _, text in sorted(near)[:_MOST_NAMED]]


def name_of(entry: Entry) -> str:
    """An entry for people: `entry 4 (POST /100/members/add, 400)`."""
    return f"entry {entry.id} ({entry.method} {entry.path}, {entry.status or 'not answered'})"


def _unmet(each: Expectation, seen: int, asked: Verification) -> str:
    manner = " in this order" if asked.in_order else ""
    return f"{each.criteria}: expected {each.wanted}{manner}, saw {seen or 'none'}"


def _instead(
    index: int, inside: Sequence[Entry], marks: Marks, placed: Sequence[Sequence[int]], asked: Verification
) -> list[str]:
    """What was there in place of something that is missing, or is too much."""
    found = [entry for entry, mark in zip(inside, marks, strict=True) if index in mark]
    if len(placed[index]) > asked.expected[index].least:
        return [f"  {name_of(entry)}" for entry in found[-_MOST_NAMED:]]
    if asked.in_order:
        used = {at for positions in placed for at in positions}
        others = [entry for at, entry in enumerate(inside) if index in marks[at] and at not in used]
        if others:
            return [f"  out of order: {name_of(entry)}" for entry in others[:_MOST_NAMED]]
    criteria = asked.expected[index].criteria
    if asked.exactly and found:
        return []
    return [f"  near: {text}" for text in nearest(criteria, inside)]


def _unexpected(entries: Sequence[Entry]) -> list[str]:
    said = [f"not expected: {name_of(entry)}" for entry in entries[:_MOST_NAMED]]
    if len(entries) > _MOST_NAMED:
        said.append(f"not expected: {len(entries) - _MOST_NAMED} more")
    return said
