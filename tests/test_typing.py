"""What users write passes their own mypy, and what is wrong in it does not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

SHOP = Path(__file__).parent / "user" / "shop.py"
WRONG = """
from emulator import Emulator, intercept
from emulator.client import Client
from emulator.testing.handles import EmmaHandle

def wrong(emulator: Emulator, emulator_world: Client, emma_account: EmmaHandle) -> None:
    Emulator(mode="fork")
    emulator.urls
    emulator_world.clock.get().mode + 1
    emma_account.account_id + ""
    with intercept() as client:
        client.verify_all()
    with emulator.world() as world:
        world.seed(5)
    with Emulator.at("http://127.0.0.1:8025") as other:
        other.urls
"""


def test_a_suite_of_somebodys_is_checked_strictly(tmp_path: Path) -> None:
    shutil.copy(SHOP, tmp_path)
    (tmp_path / "wrong.py").write_text(WRONG)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context", "."]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    found = [line.partition(": error: ")[0] for line in done.stdout.splitlines()]
    assert found == [f"wrong.py:{number}" for number in (7, 8, 9, 10, 12, 14, 16)], done.stdout + done.stderr
