"""How Emma prints errors: the one place that knows HTTP statuses and messages.

Source: reference/emma.md section 1. The body is an object with one text; the texts themselves are the emulator's, but
for the one about JSON.
"""

from __future__ import annotations

from msgspec import json

from emulator.core.errors import (
    Forbidden,
    InternalFault,
    Invalid,
    NotEmulated,
    NotFound,
    Problem,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnknownOperation,
)
from emulator.core.vendor import Answer
from emulator.core.world import World

UNPARSEABLE = "Unable to parse JSON request"
_CHALLENGE = ((b"www-authenticate", b'Basic realm="Emma API"'),)


def print_problem(problem: Problem, world: World | None) -> Answer:
    """The vendor's error body for anything that can go wrong."""
    match problem:
        case Unauthorized():
            return Answer(401, b"", b"text/plain", _CHALLENGE)
        case Forbidden():
            status = 403 if world is None else int(world.behaviours["emma.foreign_account"])
            return print_problem(Unauthorized(), world) if status == 401 else _answer(status, str(problem))
        case NotFound():
            return _answer(404, str(problem))
        case Invalid():
            return _answer(400, UNPARSEABLE if problem.location == ("body",) else str(problem))
        case UnknownOperation():
            return _answer(404, "Not Found")
        case NotEmulated():
            return _answer(501, str(problem))
        case TooLarge():
            return _answer(413, str(problem))
        case Unavailable():
            return _answer(problem.status, str(problem))
        case InternalFault():
            return _answer(500, str(problem))
        case _:
            raise TypeError(f"no spelling for {type(problem).__name__}")


def _answer(status: int, text: str) -> Answer:
    return Answer(status, json.encode({"error": text}))
