"""What is sent when a scenario is to be loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

Scenario = str | Path | Mapping[str, object]
"""A name that the emulator knows, a file with all that it names, or the scenario itself."""


def request_for(scenario: Scenario) -> tuple[str, str, bytes | None]:
    """Method, path and body of the control request that puts a world into this state. Raises UserError."""
    if isinstance(scenario, Mapping):
        return "PUT", "state", json.dumps(scenario, default=str).encode()
    # Imported here because most tests send no file.
    from emulator.core.bundle import packed
    from emulator.core.scenario_file import names_file, scenario_text

    if isinstance(scenario, str) and not names_file(scenario):
        return "POST", f"scenarios/{quote(scenario, safe='')}/load", None
    return "PUT", "state", packed(*scenario_text(str(scenario)))
