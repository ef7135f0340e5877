"""The marker `emulator`: what it may say, and the world that it asks for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.client.encoding import setting_of
from emulator.core.errors import UserError

if TYPE_CHECKING:
    from emulator.client import Client
    from emulator.client.scenarios import Scenario

USAGE = (
    "emulator(scenario=..., clock='frozen:2024-05-01T12:00:00Z', behaviours={...}, faults=[...], limits={...}, "
    "allow_unmatched=True)"
)


class _Key(NamedTuple):
    """What may be given, and how that is said."""

    fits: Callable[[Any], bool]
    wanted: str


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_scenario(value: Any) -> bool:
    return isinstance(value, str | os.PathLike | Mapping)


def _each(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list | tuple) and all(map(fits, value))


_KEYS: Mapping[str, _Key] = {
    "scenario": _Key(
        lambda value: _is_scenario(value) or _each(_is_scenario)(value), "a name, a file, an object, or a list of these"
    ),
    "clock": _Key(lambda value: isinstance(value, str | datetime), "frozen:2024-05-01T12:00:00Z, or a datetime"),
    "behaviours": _Key(_is_object, "an object of ids and choices"),
    "faults": _Key(_each(_is_object), "a list of objects"),
    "limits": _Key(_is_object, "an object of vendors"),
    "allow_unmatched": _Key(lambda value: isinstance(value, bool), "True or False"),
}


def read_marks(marks: Iterable[tuple[Sequence[Any], Mapping[str, Any]]]) -> dict[str, Any]:
    """What markers say, positional and named, of which a later one wins key by key; None is as good as nothing.

    Raises UserError.
    """
    wanted: dict[str, Any] = {}
    for unnamed, named in marks:
        if unnamed:
            raise UserError(f"it takes no positional arguments; write {USAGE}")
        for key, value in named.items():
            if key not in _KEYS:
                raise UserError(f"{key!r} is unknown; write {USAGE}")
            if value is not None and not _KEYS[key].fits(value):
                raise UserError(f"{key}: {_shown(value)} does not fit; give {_KEYS[key].wanted}")
            wanted[key] = value
    return {key: value for key, value in wanted.items() if value is not None}


def prepare(world: Client, wanted: Mapping[str, Any], start: Sequence[Scenario]) -> None:
    """Put a world into the state that is wanted; `start` are scenarios where none is. Raises UserError."""
    scenario = wanted.get("scenario", start)
    scenarios = list(scenario) if isinstance(scenario, list | tuple) else [scenario]
    clock, behaviours = wanted.get("clock"), wanted.get("behaviours")
    if scenarios:
        # Together, because rows are as old as the clock says, and some behaviours decide how they are kept.
        world.seed(*scenarios, clock=clock, behaviours=behaviours)
    else:
        if clock is not None:
            world.reset("clock", clock=setting_of(clock))  # which may start at any instant
        if behaviours is not None:
            world.behaviours.set(behaviours)
    if "limits" in wanted:
        world.limits.set(**wanted["limits"])
    if "faults" in wanted:
        world.faults.replace(*wanted["faults"])


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
