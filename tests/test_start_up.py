"""What the command pays before it does anything, and what happens to whoever is quicker."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest

from tests.process import SECONDS, environment

HEAVY = {"starlette", "uvicorn", "pydantic", "msgspec", "yaml", "tinydb", "tqdm", "shtab", "packaging", "asyncio"}


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=environment(),
        check=False,
    )


@pytest.mark.parametrize("verb", ["ready", "clock", "env emma", "journal", "verify", "reset", "--help"])
def test_a_verb_that_only_asks_imports_nothing_heavy(verb: str) -> None:
    code = (
        "import sys\nfrom emulator.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    loaded = set(
        python(code, *verb.split(), *([] if verb == "--help" else ["--url", "http://127.0.0.1:1"])).stdout.split()
    )
    assert "emulator" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("module", ["emulator.cli", "emulator.settings", "http.client"])
def test_ctrl_c_while_it_is_being_imported_leaves_no_traceback(module: str) -> None:
    code = f"""
import sys

class Interrupter:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt

from emulator.__main__ import main
sys.meta_path.insert(0, Interrupter())
sys.exit(main())
"""
    done = python(code, "ready")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_the_command_that_is_installed_is_the_one_that_takes_an_interrupt() -> None:
    (command,) = metadata.entry_points(group="console_scripts", name="emulator")
    assert command.value == "emulator.__main__:main"
