"""How Emma prints errors: the one place that knows HTTP statuses and messages.

Source: reference/emma.md section 1. The body is an object with one text; the texts themselves are the emulator's, but
for the one about JSON.
"""

from __future__ import annotations

from math import ceil

from msgspec import json

from emulator.core.errors import (
    Forbidden,
    Injected,
    InternalFault,
    Invalid,
    NotEmulated,
    NotFound,
    Problem,
    RateLimited,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnknownOperation,
)
from emulator.core.vendor import Answer, ErrorShape
from emulator.core.world import World

UNPARSEABLE = "Unable to parse JSON request"
RATE_LIMIT_EXCEEDED = "Rate Limit Exceeded"
# What a tester may ask for: the statuses that the documents name or that clients have seen (section 1), and those
# that the emulator itself answers with. The texts are what is said without another one.
SHAPES = {
    400: ErrorShape("Bad Request"),
    401: ErrorShape(None),
    403: ErrorShape(RATE_LIMIT_EXCEEDED),
    404: ErrorShape("Not Found"),
    413: ErrorShape("Request Entity Too Large"),
    429: ErrorShape(RATE_LIMIT_EXCEEDED),
    500: ErrorShape("Internal Server Error"),
    503: ErrorShape("Service Unavailable"),
}
_STATUSES: dict[type[Problem], int] = {NotFound: 404, NotEmulated: 501, TooLarge: 413}
_CHALLENGE = ((b"www-authenticate", b'Basic realm="Emma API"'),)


def print_problem(problem: Problem, world: World | None) -> Answer:
    """The vendor's error body for anything that can go wrong."""
    match problem:
        case Unauthorized() | Injected(status=401):
            return Answer(401, b"", b"text/plain", _CHALLENGE)
        case Forbidden():
            status = 403 if world is None else int(world.behaviours["emma.foreign_account"])
            return print_problem(Unauthorized(), world) if status == 401 else _answer(status, str(problem))
        case Invalid():
            return _answer(400, UNPARSEABLE if problem.location == ("body",) else str(problem))
        case UnknownOperation():
            return _answer(404, "Not Found")
        case NotFound() | NotEmulated() | TooLarge():
            return _answer(_STATUSES[type(problem)], str(problem))
        case InternalFault():
            return _answer(500, str(problem))
        case Unavailable() | Injected():
            return _answer(problem.status, str(problem))
        case RateLimited():
            return _rate_limited(problem, world)
        case _:
            raise TypeError(f"no spelling for {type(problem).__name__}")


def _rate_limited(problem: RateLimited, world: World | None) -> Answer:
    status = 403 if world is None else int(world.behaviours["emma.rate_limit_status"])
    answer = _answer(status, RATE_LIMIT_EXCEEDED)
    if status == 403:
        return answer
    return answer._replace(headers=((b"retry-after", b"%d" % max(1, ceil(problem.wait))),))


def _answer(status: int, text: str) -> Answer:
    return Answer(status, json.encode({"error": text}))
