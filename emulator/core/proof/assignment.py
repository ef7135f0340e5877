"""Which request stands for which expectation, when each may stand for one only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from emulator.core.slices import Slices

Mark = frozenset[int]
"""The expectations whose criteria a request meets."""


def assignment(marks: Sequence[Mark], rooms: Sequence[int]) -> Slices[list[list[int]]]:
    """For each expectation the positions of requests, as many as possible, no more than it has room for.

    Requests with the same mark are as good as each other, so that it is a flow from marks to expectations, and takes
    about as long as there are marks.
    """
    flow = _Flow(rooms)
    for mark, count in Counter(marks).items():
        left = count
        while left and (moved := flow.push(mark, left)):
            left -= moved
            yield
        yield
    placed: list[list[int]] = [[] for _ in rooms]
    turns: dict[Mark, list[list[int]]] = {}
    for at, mark in enumerate(marks):
        if mark not in turns:
            turns[mark] = [[index, flow.taken[index][mark]] for index in sorted(mark, reverse=True)]
        shares = turns[mark]
        while shares and not shares[-1][1]:
            shares.pop()
        if shares:
            shares[-1][1] -= 1
            placed[shares[-1][0]].append(at)
        yield
    return placed


class _Flow:
    """How many requests of each mark are taken by each expectation, so far."""

    def __init__(self, rooms: Sequence[int]) -> None:
        self.taken: list[Counter[Mark]] = [Counter() for _ in rooms]
        self._room = list(rooms)
        self._full: set[int] = set()
        """Expectations from which no search has found room; none ever will."""
        self._movable: list[defaultdict[int, set[Mark]]] = [defaultdict(set) for _ in rooms]
        """For an expectation and another one the marks that could go from the one to the other."""

    def push(self, mark: Mark, count: int) -> int:
        """Find room for requests of this mark, up to so many, also by moving others; for how many there was some."""
        way = self._way(mark)
        if way is None:
            return 0
        moves = [(here, there, next(iter(self._movable[here][there]))) for here, there in pairwise(way)]
        amount = min(count, self._room[way[-1]], *(self.taken[here][moved] for here, _, moved in moves))
        for here, there, moved in reversed(moves):
            self._take(here, moved, -amount)
            self._take(there, moved, amount)
        self._take(way[0], mark, amount)
        self._room[way[-1]] -= amount
        return amount

    def _way(self, mark: Mark) -> list[int] | None:
        """From an expectation of the mark to the nearest that has room."""
        came_from = dict.fromkeys(sorted(mark - self._full), -1)
        waiting = list(came_from)
        for index in waiting:
            if self._room[index] > 0:
                way = [index]
                while (index := came_from[index]) >= 0:
                    way.append(index)
                return way[::-1]
            for other, marks in self._movable[index].items():
                if marks and other not in came_from and other not in self._full:
                    came_from[other] = index
                    waiting.append(other)
        self._full.update(came_from)
        return None

    def _take(self, index: int, mark: Mark, amount: int) -> None:
        before = self.taken[index][mark]
        self.taken[index][mark] = before + amount
        if not before or not before + amount:
            for other in mark - {index}:
                if before + amount:
                    self._movable[index][other].add(mark)
                else:
                    self._movable[index][other].discard(mark)
