"""What is sent when a scenario is to be loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

Scenario = str | Path | Mapping[str, object]
"""A name that the emulator knows, a file with all that it names, or the scenario itself."""


class Loading(NamedTuple):
    """The control request that puts a world into a state."""

    method: str
    path: str
    body: bytes | None = None


def loading_of(scenario: Scenario) -> Loading:
    """Raises UserError when it is a file that can not be sent."""
    if isinstance(scenario, Mapping):
        return Loading("PUT", "state", json.dumps(scenario, default=str).encode())
    if isinstance(scenario, str) and is_name(scenario):
        return loading_by_name(scenario)
    # Imported here because most tests send no file.
    from emulator.core.scenarios.bundle import packed
    from emulator.core.scenarios.scenario_file import scenario_text

    return Loading("PUT", "state", packed(*scenario_text(str(scenario))))


def is_name(scenario: str) -> bool:
    """Whether the emulator is to know what this is; everything else is a file."""
    from emulator.core.scenarios.scenario_file import names_file

    return not names_file(scenario) and not Path(scenario).is_file()


def loading_by_name(name: str) -> Loading:
    return Loading("POST", f"scenarios/{quote(name, safe='')}/load")
