"""How often and how long everything is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Numbers of alternating rounds, of requests in each, and seconds of each run of requests."""

    starts: int = 15
    rounds: int = 7
    seconds: int = 4
    filters: int = 30
    growths: int = 5
    singles: int = 500
    creates: int = 20_000
    peers: int = 5
    audience: int = 1_000_000
    states: int = 50


QUICK = Plan(
    starts=3, rounds=1, seconds=1, filters=5, growths=1, singles=100, creates=4_000, peers=1, audience=200_000, states=5
)
