"""What can go wrong with one request because a tester asked for it."""

from __future__ import annotations

from typing import Literal, NamedTuple

Broken = Literal["reset", "empty", "truncated", "malformed", "slow"]

CUTS: frozenset[Broken] = frozenset({"reset", "empty"})
"""What leaves no answer at all."""
MOST_SECONDS = 300.0
"""The longest wait; no client waits longer, and a server must not either."""
SLOW_SECONDS = 5.0
"""How long a slow body takes if nothing else is said."""

_SAID: dict[Broken, str] = {
    "reset": "the connection is reset",
    "empty": "the connection is closed without a byte",
    "truncated": "the body ends in its middle, and the connection with it",
    "malformed": "the body is not readable",
    "slow": "the body comes slowly",
}


class Effect(NamedTuple):
    """A delay, an error of the vendor's own, a broken answer, or several of these that go together.

    `after`: the rule does its work first. `delay` is in seconds of wall time, from and to. `seconds` is how long a slow
    body takes. Without `message` and `code` the vendor's error says what its shape says.
    """

    status: int | None = None
    message: str | None = None
    code: int | None = None
    delay: tuple[float, float] | None = None
    answer: Broken | None = None
    seconds: float = SLOW_SECONDS
    after: bool = False


class Hit(NamedTuple):
    """A fault that a request met: its id, its effect, and the delay that was drawn, in seconds."""

    id: str
    effect: Effect
    delay: float = 0.0

    @property
    def leaves_no_answer(self) -> bool:
        return self.effect.answer in CUTS

    def __str__(self) -> str:
        effect = self.effect
        said = [f"{self.delay:.3f} s of delay"] if self.delay else []
        if effect.status is not None:
            said.append(f"HTTP {effect.status}")
        if effect.answer is not None:
            said.append(_SAID[effect.answer])
        return f"fault {self.id}, {'after' if effect.after else 'before'} the rule: {', '.join(said)}"
