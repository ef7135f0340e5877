"""What is sent when a scenario is to be loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from emulator.client.encoding import encoded, setting_of
from emulator.core.errors import UserError

Scenario = str | Path | Mapping[str, object]
"""A name that the emulator knows, a file with all that it names, or the scenario itself."""

_WHOLE = "seed.json"
"""What errors call the scenario that includes several."""


class Loading(NamedTuple):
    """The control request that puts a world into a state."""

    method: str
    path: str
    body: bytes | None = None


def loading_of(
    *scenarios: Scenario, clock: str | datetime | None = None, behaviours: Mapping[str, object] | None = None
) -> Loading:
    """Of one scenario, or several, in this order; clock and behaviours win over theirs. Raises UserError."""
    parts: dict[str, object] = {} if clock is None else {"clock": setting_of(clock)}
    if behaviours:
        parts["behaviours"] = behaviours
    if not scenarios:
        raise UserError("scenario: none is given; {} empties a world")
    first = scenarios[0]
    if len(scenarios) == 1 and isinstance(first, Mapping):
        return Loading("PUT", "state", encoded({**first, **_over(first, parts)}))
    if len(scenarios) == 1 and not parts:
        return loading_by_name(first) if isinstance(first, str) and is_name(first) else _of_file(first)
    return Loading("PUT", "state", _whole(scenarios, parts))


def accounts_of(scenario: Scenario) -> bytes:
    """What is sent to add the accounts of a scenario. Raises UserError when it is a file that can not be sent."""
    if isinstance(scenario, Mapping):
        return encoded(scenario)
    if isinstance(scenario, str) and is_name(scenario):
        return encoded({"include": [scenario]})
    return _of_file(scenario).body or b""


def is_name(scenario: str) -> bool:
    """Whether the emulator is to know what this is; everything else is a file."""
    from emulator.core.scenarios.scenario_file import names_file

    return not names_file(scenario) and not Path(scenario).is_file()


def loading_by_name(name: str) -> Loading:
    return Loading("POST", f"scenarios/{quote(name, safe='')}/load")


def _of_file(scenario: object) -> Loading:
    # Imported here because most tests send no file.
    from emulator.core.scenarios.bundle import packed
    from emulator.core.scenarios.scenario_file import scenario_text

    if not isinstance(scenario, str | Path):
        raise UserError(f"scenario: {scenario!r} is none; give a name, a file or an object")
    return Loading("PUT", "state", packed(*scenario_text(str(scenario))))


def _over(scenario: Mapping[str, object], parts: Mapping[str, object]) -> dict[str, object]:
    """The parts that win, with the behaviours of the scenario that they say nothing of."""
    over, own, given = dict(parts), scenario.get("behaviours"), parts.get("behaviours")
    if isinstance(own, Mapping) and isinstance(given, Mapping):
        over["behaviours"] = {**own, **given}
    return over


def _whole(scenarios: Sequence[Scenario], parts: Mapping[str, object]) -> bytes:
    """One scenario that includes all of these, each file in a folder of its own."""
    from emulator.core.scenarios.bundle import files_of
    from emulator.core.scenarios.scenario_file import scenario_text

    included: list[str] = []
    texts: dict[str, str] = {}
    for number, scenario in enumerate(scenarios, 1):
        if isinstance(scenario, Mapping):
            included.append(f"{number}.json")
            texts[included[-1]] = encoded(scenario).decode()
        elif isinstance(scenario, str) and is_name(scenario):
            included.append(scenario)
        else:
            name, text, folder, path = scenario_text(str(scenario))
            included.append(f"{number}/{path}")
            for place, content in files_of(name, text, folder, path).items():
                texts[f"{number}/{place}"] = content.decode(errors="surrogateescape")
    whole = {"include": included, **parts}
    texts[_WHOLE] = encoded(whole).decode()
    return encoded({"scenario": _WHOLE, "files": texts})
