"""Faults and limits are settings of a run; those of the scenario are there in every run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.durable.directories import killed, opened
from tests.emma.support import AUTH, add, ok

SCENARIO = """
faults: [{id: always, operation: emma.groups.*, status: 500}]
limits: {emma: {calls: 2, seconds: 60}}
emma: {accounts: [{account_id: 100}]}
"""


@pytest.mark.parametrize("reset", [False, True])
def test_faults_and_limits_of_the_scenario_are_there_after_a_restart(tmp_path: Path, reset: bool) -> None:
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(SCENARIO)
    folder = tmp_path / "worlds"
    with opened(folder, scenario=(str(scenario),)) as client:
        client.headers["Authorization"] = AUTH
        wanted = client.get("/_emulator/faults").json(), client.get("/_emulator/limits").json()["limits"][0]
        add(client)
        assert client.delete("/_emulator/faults").status_code == 200
        twin = killed(folder)
    for each in (folder, twin):
        with opened(each) as client:
            client.headers["Authorization"] = AUTH
            if reset:
                ok(client.post("/_emulator/reset"))
            shown = client.get("/_emulator/faults").json(), client.get("/_emulator/limits").json()["limits"][0]
            assert shown == wanted
            assert client.get("/100/groups").status_code == 500
