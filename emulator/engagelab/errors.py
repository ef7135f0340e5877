"""How EngageLab prints errors: the one place that knows codes, HTTP statuses and message style.

Documented: 30000, 30036 and the plain 404 (vendor-docs/engagelab-members.txt; reference/engagelab.md section 7.1).
Plausible: 30512, 30515 (section 7.2, the sister product's codes less 10000). Assigned by the emulator: 309xx; real
messages are lower-case sentences in the style "X can not be empty", without a final dot.
"""

from __future__ import annotations

from msgspec import json

from emulator.core.errors import (
    Injected,
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
from emulator.core.vendor import Answer, ErrorShape
from emulator.core.world import World

AUTHENTICATION_FAILED = 30000
RESOURCE_NOT_FOUND = 30036
MEMBERS_EMPTY = 30512
TOO_MANY_MEMBERS = 30515

# Emulator-assigned: code by the parameter that is wrong.
PARAMETER_CODES = {
    "body": 30900,
    "members": MEMBERS_EMPTY,
    "update_existing": 30901,
    "tag_flag": 30902,
    "limit": 30903,
    "offset": 30904,
    "count": 30905,
    "condition": 30906,
    "relation": 30907,
    "items": 30908,
    "field_name": 30909,
    "op": 30910,
    "value": 30911,
    "member_id": 30912,
    "phone": 30913,
    "name": 30914,
    "fields": 30915,
    "tags": 30916,
}
NOT_EMULATED = 30990
TOO_LARGE = 30991
UNAVAILABLE = 30992
INTERNAL_FAULT = 30999

# What a tester may ask for: the statuses of the vendor's table (reference/engagelab.md section 7.1), which has no 403
# and no 429, and 503, with which the emulator itself answers. Text and code are what is said without others.
SHAPES = {
    200: ErrorShape("resource not found", RESOURCE_NOT_FOUND),
    400: ErrorShape("bad request", PARAMETER_CODES["body"]),
    401: ErrorShape("Authentication failed", AUTHENTICATION_FAILED),
    404: ErrorShape("not found"),
    500: ErrorShape("server could not process the parameters", INTERNAL_FAULT),
    503: ErrorShape("service unavailable", UNAVAILABLE),
}

_CODES: dict[type[Problem], tuple[int, int]] = {
    NotEmulated: (501, NOT_EMULATED),
    TooLarge: (413, TOO_LARGE),
}


def print_problem(problem: Problem, world: World | None) -> Answer:
    """The vendor's error body for anything that can go wrong."""
    match problem:
        case Unauthorized():
            return _answer(401, AUTHENTICATION_FAILED, "Authentication failed")
        case NotFound():
            status = 200 if world is None else int(world.behaviours["engagelab.not_found_status"])
            return _answer(status, RESOURCE_NOT_FOUND, "resource not found")
        case Invalid():
            return _answer(400, _parameter_code(problem), str(problem))
        case UnknownOperation():
            return Answer(404, b"not found", b"text/plain")
        case NotEmulated() | TooLarge():
            return _answer(*_CODES[type(problem)], str(problem))
        case InternalFault():
            return _answer(500, INTERNAL_FAULT, str(problem))
        case Unavailable():
            return _answer(problem.status, UNAVAILABLE, str(problem))
        case Injected(code=int(code)):
            return _answer(problem.status, code, str(problem))
        case Injected():
            return Answer(problem.status, str(problem).encode(), b"text/plain")
        case _:
            raise TypeError(f"no spelling for {type(problem).__name__}")


def _answer(status: int, code: int, message: str) -> Answer:
    return Answer(status, json.encode({"code": code, "message": message}))


def _parameter_code(problem: Invalid) -> int:
    """The code of the innermost parameter that has one."""
    if problem.location == ("members",) and problem.kind == "too_long":
        return TOO_MANY_MEMBERS
    location = problem.location
    if "fields" in location:
        # The keys inside are the caller's own and may be called like a parameter.
        location = location[: location.index("fields") + 1]
    named = (part for part in reversed(location) if isinstance(part, str) and part in PARAMETER_CODES)
    return PARAMETER_CODES[next(named, "body")]
