"""How a line of Emma's table of operations becomes an operation."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from msgspec.structs import fields as struct_fields

from emulator.core.operation import Body, Operation
from emulator.emma import wire

_SOURCES = {
    "M": "vendor-docs/emma-members.txt; reference/emma.md section 3, {}",
    "G": "vendor-docs/emma-groups.txt; reference/emma.md section 4, {}",
    "F": "reference/emma.md section 6.1, {}",
    "W": "reference/emma.md section 7, {}",
}


def operation(
    name: str,
    number: str,
    request: str,
    rule: Callable[[Any, Any], Any],
    errors: str,
    output: Callable[[Any, Any], bytes] = wire.truth,
    success: str = "true",
    **more: Any,
) -> Operation:
    """`request` is method and path after the account, `errors` the statuses beside 401 and 403. The input is the type
    that the rule names for its request; what a struct has beside the path comes from the query.
    """
    method, path = request.split()
    path = "/{account_id}" + path
    wanted = rule.__annotations__["request"]
    struct = getattr(sys.modules[rule.__module__], wanted, None)
    if struct is not None:
        beside = [field for field in struct_fields(struct) if f"{{{field.name}}}" not in path]
        more["query"] = tuple(field.name for field in beside)
        more["lists"] = tuple(field.name for field in beside if field.type == list[str])
    return Operation(
        id=f"emma.{name}",
        method=method,
        path=path,
        input=struct or wanted,
        rule=rule,
        output=output,
        success=success,
        errors=("401: empty", "403: {error}", *[f"{status}: {{error}}" for status in errors.split()]),
        source=_SOURCES[number[0]].format(number),
        # Absent, null and [] are all sent for a call without parameters; what is required, its model says.
        body=Body.NONE if struct else Body.OPTIONAL,
        **more,
    )
