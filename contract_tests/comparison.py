"""Comparing an answer with the one a document prints: key by key, in order, with types."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

# The keys inside are a customer's own.
FREE_OBJECTS = frozenset({"fields"})


def differences(printed: Any, actual: Any, *, values: bool, anything: Collection[str] = (), at: str = "") -> list[str]:
    """What differs, one line each. With `values` everything must be equal, except the paths in `anything`, which are
    compared by type. A printed null allows any scalar, because it shows no type.
    """
    values_here = values and at not in anything
    if isinstance(printed, dict) and isinstance(actual, dict):
        return _object_differences(printed, actual, values, anything, at)
    if isinstance(printed, list) and isinstance(actual, list):
        return _list_differences(printed, actual, values, anything, at)
    if values_here:
        same = type(printed) is type(actual) and printed == actual
        return [] if same else [f"{at}: {actual!r} instead of {printed!r}"]
    if printed is None:
        return [f"{at}: {actual!r} instead of a scalar"] if isinstance(actual, dict | list) else []
    return [] if type(printed) is type(actual) or actual is None else [f"{at}: {actual!r} is not like {printed!r}"]


def _object_differences(
    printed: dict[str, Any], actual: dict[str, Any], values: bool, anything: Collection[str], at: str
) -> list[str]:
    if not values and at.rpartition(".")[2] in FREE_OBJECTS:
        return []
    if list(printed) != list(actual):
        return [f"{at}: keys {list(actual)} instead of {list(printed)}"]
    found = []
    for key, value in printed.items():
        path = f"{at}.{key}" if at else key
        found += differences(value, actual[key], values=values, anything=anything, at=path)
    return found


def _list_differences(
    printed: list[Any], actual: list[Any], values: bool, anything: Collection[str], at: str
) -> list[str]:
    if values and len(printed) != len(actual):
        return [f"{at}: {len(actual)} entries instead of {len(printed)}"]
    found = []
    for position, value in enumerate(actual):
        if printed:
            like = printed[position] if values else printed[0]
            found += differences(like, value, values=values, anything=anything, at=f"{at}.{position}")
    return found
