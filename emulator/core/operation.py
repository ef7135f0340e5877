"""The operation table: documented endpoints as data. Whatever lists operations is derived from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Body(Enum):
    """Whether an operation reads a JSON body; one that is not read is journalled and otherwise ignored."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Operation:
    """One documented endpoint that is served.

    `input` is a msgspec struct built from the path, or the name of a pydantic model in the vendor's `schemas` module,
    which is imported on first use because pydantic is expensive to start. `query` are the query parameters that are
    read, `lists` those of them that may be repeated; in a body their names mean nothing, unless they are in `anywhere`.
    `deferred` is a key of the body with so long a list that the rule decodes its entries, which come as `msgspec.Raw`.
    `rule(account, input)` gives a result, or slices of work that end in one; `output(account, result)` the body
    of the 200 answer. `success` shows the shape of that body and `errors` what else is answered, for people.
    `reads` says that it changes nothing, as a GET.
    `enabled_by` is a behaviour and the choice without which the operation does not exist.
    """

    id: str
    method: str
    path: str
    input: type[Any] | str
    rule: Callable[[Any, Any], Any]
    output: Callable[[Any, Any], bytes]
    success: str
    errors: tuple[str, ...]
    source: str
    query: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    anywhere: tuple[str, ...] = ()
    deferred: str | None = None
    body: Body = Body.NONE
    reads: bool = False
    enabled_by: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """A real operation that is not emulated, with the reason. A path may end in `/*`, the method may be `*`."""

    id: str
    method: str
    path: str
    reason: str
    source: str
