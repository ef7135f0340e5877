"""`emulator start` as people meet it; `tests/serving/test_server.py` has the rest."""

from __future__ import annotations

import signal
from pathlib import Path

import httpx2
import pytest

from tests.process import running

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there is no SIGHUP here")


def test_it_ends_cleanly_when_its_terminal_is_closed(tmp_path: Path) -> None:
    with running(tmp_path, "--store", f"tinydb:{tmp_path / 'worlds'}") as started:
        code, _, errors = started.stop(signal.SIGHUP)
    assert (code, errors) == (0, "")
    assert not (tmp_path / "ready").exists()
    assert (tmp_path / "worlds" / "default.json").exists()  # a checkpoint is left at the end


def test_it_stays_when_it_is_to_outlive_its_terminal(tmp_path: Path) -> None:
    with running(tmp_path, before=["nohup"]) as started:
        started.process.send_signal(signal.SIGHUP)
        assert httpx2.get(f"{started.url}/_emulator/livez", trust_env=False).status_code == 200
        assert started.stop()[0] == 0


@pytest.mark.parametrize("found", [True, False])
def test_it_says_when_it_takes_the_scenario_of_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    if found:
        (tmp_path / "emulator.yaml").write_text("clock: {mode: frozen}")
    with running(tmp_path, PYTHONPATH=str(Path(__file__).parents[2])) as started:
        assert ("starting with the emulator.yaml" in started.stop()[2]) is found
