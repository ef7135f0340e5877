"""Whether what was expected of the traffic happened, and what was seen instead.

Three questions can be asked of the entries in question: how many there are of each kind (each expectation for itself);
whether there are some in this order (others may lie between); whether there are exactly these (no others, in any order
or in this one).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from emulator.core.journal import BODY_KEPT, Entry
from emulator.core.proof.assignment import Mark, assignment
from emulator.core.proof.criteria import Criteria
from emulator.core.slices import Slices

_MOST_NAMED = 3
_OF_THE_CALL = frozenset({"operation", "vendor", "account", "method", "path", "matched"})
"""Tests of what was called; the others are of how it went and what was in it."""
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
    """`said` is what was seen instead, in words; `doubts` say what can not be known, because the journal has only a
    part of a body; `matched` are the numbers of the entries for each expectation.
    """

    ok: bool
    said: list[str]
    doubts: list[str]
    matched: list[list[int]]


class Verification(NamedTuple):
    """What is expected of the entries that meet `where`."""

    expected: Sequence[Expectation]
    where: Criteria
    in_order: bool = False
    exactly: bool = False


class _Sorted(NamedTuple):
    """The entries in question, and of each the expectations whose criteria it meets; for each expectation the entries
    that are perhaps meant; and those of which it is not known whether they are in question.
    """

    inside: list[Entry]
    marks: list[Mark]
    perhaps: list[list[Entry]]
    outside: list[Entry]


def verify(entries: Sequence[Entry], asked: Verification) -> Slices[Verdict]:
    """The verdict on these entries, oldest first."""
    found = yield from _sort(entries, asked)
    placed = yield from _place(found.marks, asked)
    said: list[str] = []
    doubts: list[str] = []
    met = [each.met_by(len(positions)) for each, positions in zip(asked.expected, placed, strict=True)]
    for index, each in enumerate(asked.expected):
        seen, perhaps = len(placed[index]), found.perhaps[index]
        if not met[index]:
            said.append(_unmet(each, seen, asked))
            said += yield from _instead(index, found, placed, asked)
        # Where one stands decides where others may stand.
        is_known = all(met) if asked.in_order or asked.exactly else _is_known(each, seen, len(perhaps))
        if perhaps and not is_known:
            doubts.append(_doubt(str(each.criteria), perhaps))
    if asked.exactly:
        expected = {at for positions in placed for at in positions}
        said += _unexpected([entry for at, entry in enumerate(found.inside) if at not in expected])
        if found.outside:
            doubts.append(_doubt(f"where {asked.where}", found.outside))
    return Verdict(not said, said, doubts, [[found.inside[at].id for at in positions] for positions in placed])


def _sort(entries: Sequence[Entry], asked: Verification) -> Slices[_Sorted]:
    found = _Sorted([], [], [[] for _ in asked.expected], [])
    for entry in entries:
        sure = asked.where.match(entry)
        if sure or asked.where.may_match(entry):
            mark = set()
            for index, each in enumerate(asked.expected):
                matches = each.criteria.match(entry)
                if matches and sure:
                    mark.add(index)
                elif matches or each.criteria.may_match(entry):
                    found.perhaps[index].append(entry)
                yield
            if sure:
                found.inside.append(entry)
                found.marks.append(frozenset(mark))
            else:
                found.outside.append(entry)
        yield
    return found


def _place(marks: Sequence[Mark], asked: Verification) -> Slices[list[list[int]]]:
    """For each expectation the positions of its entries."""
    if asked.exactly and asked.in_order:
        return sequence(marks, asked.expected)
    if asked.exactly:
        return (yield from assignment(marks, [each.least for each in asked.expected]))
    if asked.in_order:
        return subsequence(marks, asked.expected)
    placed = []
    for index in range(len(asked.expected)):
        placed.append([at for at, mark in enumerate(marks) if index in mark])
        yield
    return placed


def subsequence(marks: Sequence[Mark], expected: Sequence[Expectation]) -> list[list[int]]:
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


def sequence(marks: Sequence[Mark], expected: Sequence[Expectation]) -> list[list[int]]:
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


def nearest(criteria: Criteria, entries: Sequence[Entry]) -> Slices[list[str]]:
    """The entries that fail the fewest tests, newest first, with what they fail; calls of the kind that is meant come
    before others that went better.
    """
    near = []
    for entry in entries[-_LOOKED_AT:]:
        misses = criteria.misses(entry)
        if 0 < len(misses) < len(criteria.tests):
            others = sum(each.name in _OF_THE_CALL for each in misses)
            said = "; ".join(each.miss(entry) for each in misses)
            near.append((others, len(misses), -entry.id, f"{name_of(entry)}: {said}"))
        yield
    return [text for *_, text in sorted(near)[:_MOST_NAMED]]


def doubts_about(criteria: Criteria, entries: Sequence[Entry]) -> Slices[list[str]]:
    """One line if there are entries that are perhaps meant."""
    perhaps = []
    for entry in entries:
        if criteria.may_match(entry):
            perhaps.append(entry)
        yield
    return [_doubt(str(criteria), perhaps)] if perhaps else []


def name_of(entry: Entry) -> str:
    """An entry for people: `entry 4 (POST /100/members/add, 400)`."""
    return f"entry {entry.id} ({entry.method} {entry.path}, {entry.status or 'not answered'})"


def _unmet(each: Expectation, seen: int, asked: Verification) -> str:
    if asked.in_order and not asked.exactly:
        return f"{each.criteria}: expected {each.least} in this order, saw {seen or 'none'}"
    manner = " in this order" if asked.in_order else ""
    return f"{each.criteria}: expected {each.wanted}{manner}, saw {seen or 'none'}"


def _instead(index: int, found: _Sorted, placed: Sequence[Sequence[int]], asked: Verification) -> Slices[list[str]]:
    """What was there in place of something that is missing, or is too much."""
    meant = [entry for entry, mark in zip(found.inside, found.marks, strict=True) if index in mark]
    yield
    if len(placed[index]) > asked.expected[index].least:
        return [f"  {name_of(entry)}" for entry in meant[-_MOST_NAMED:]]
    if asked.in_order:
        used = {at for positions in placed for at in positions}
        others = [entry for at, entry in enumerate(found.inside) if index in found.marks[at] and at not in used]
        if others:
            return [f"  out of order: {name_of(entry)}" for entry in others[:_MOST_NAMED]]
    if asked.exactly and meant:
        return []
    near = yield from nearest(asked.expected[index].criteria, found.inside)
    return [f"  near: {text}" for text in near]


def _unexpected(entries: Sequence[Entry]) -> list[str]:
    said = [f"not expected: {name_of(entry)}" for entry in entries[:_MOST_NAMED]]
    if len(entries) > _MOST_NAMED:
        said.append(f"not expected: {len(entries) - _MOST_NAMED} more")
    return said


def _is_known(each: Expectation, seen: int, perhaps: int) -> bool:
    """Whether it makes no difference how many of those are meant that perhaps are."""
    if each.met_by(seen):
        return each.most is None or seen + perhaps <= each.most
    return seen >= each.least or seen + perhaps < each.least


def _doubt(criteria: str, entries: Sequence[Entry]) -> str:
    entry = entries[0]
    more = f" and {len(entries) - 1} more" if len(entries) > 1 else ""
    size = max(entry.request_cut, entry.response_cut)
    return (
        f"{criteria}: can not be known of {name_of(entry)}{more}: a body of {size} bytes, of which the journal keeps "
        f"{BODY_KEPT}; ask without body and response, or of other requests"
    )
