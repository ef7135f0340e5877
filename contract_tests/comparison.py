"""Comparing an answer with the one a document prints: key by key, in order, with types."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

# The keys inside are a customer's own.
FREE_OBJECTS = frozenset({"fields"})


class Difference(NamedTuple):
    """A place in the answer, as in `result.0.email`, and what is wrong there."""

    at: str
    what: str


def differences(
    printed: Any, actual: Any, *, values: bool, anything: Collection[str] = (), at: str = ""
) -> list[Difference]:
    """What differs, place by place. With `values` everything must be equal, except the paths in `anything`, which are
    compared by type. A printed null allows any scalar, because it shows no type.
    """
    values_here = values and at not in anything
    if isinstance(printed, dict) and isinstance(actual, dict):
        return _object_differences(printed, actual, values, anything, at)
    if isinstance(printed, list) and isinstance(actual, list):
        return _list_differences(printed, actual, values, anything, at)
    if values_here:
        same = type(printed) is type(actual) and printed == actual
        return [] if same else [Difference(at, f"{actual!r} instead of {printed!r}")]
    if printed is None:
        return [Difference(at, f"{actual!r} instead of a scalar")] if isinstance(actual, dict | list) else []
    alike = type(printed) is type(actual) or actual is None
    return [] if alike else [Difference(at, f"{actual!r} is not like {printed!r}")]


def _object_differences(
    printed: dict[str, Any], actual: dict[str, Any], values: bool, anything: Collection[str], at: str
) -> list[Difference]:
    if not values and at.rpartition(".")[2] in FREE_OBJECTS:
        return []
    found = [Difference(_inside(at, key), "is missing") for key in printed if key not in actual]
    found += [Difference(_inside(at, key), "is additional") for key in actual if key not in printed]
    both = [key for key in printed if key in actual]
    if both != [key for key in actual if key in printed]:
        found.append(Difference(at, f"keys {list(actual)} instead of {list(printed)}"))
    for key in both:
        found += differences(printed[key], actual[key], values=values, anything=anything, at=_inside(at, key))
    return found


def _list_differences(
    printed: list[Any], actual: list[Any], values: bool, anything: Collection[str], at: str
) -> list[Difference]:
    if values and len(printed) != len(actual):
        return [Difference(at, f"{len(actual)} entries instead of {len(printed)}")]
    found: list[Difference] = []
    for position, value in enumerate(actual):
        if printed:
            like = printed[position] if values else printed[0]
            found += differences(like, value, values=values, anything=anything, at=_inside(at, position))
    return found


def _inside(at: str, key: str | int) -> str:
    return f"{at}.{key}" if at else str(key)
