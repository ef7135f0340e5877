"""`emulator start` as people meet it; `tests/serving/test_server.py` has the rest."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.process import running

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there is no SIGHUP here")


@pytest.fixture
def _terminal() -> Iterator[None]:
    """These tests may run under nohup, whose children ignore the signal, too."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("_terminal")
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


def test_it_does_not_pay_for_what_other_verbs_need(tmp_path: Path) -> None:
    with running(tmp_path, PYTHONPROFILEIMPORTTIME="1") as started:
        imported = {line.rpartition("|")[2].strip() for line in started.stop()[2].splitlines()}
    assert "emulator.verbs.start" in imported
    assert imported.isdisjoint({"emulator.verbs.proof", "emulator.verbs.doctor", "emulator.client.control"})
