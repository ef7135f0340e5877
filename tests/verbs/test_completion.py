"""`emulator completion`, in real shells."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from emulator.core.scenarios.scenario_file import built_in
from tests.process import environment, run

SHELLS = ["bash", "zsh", "tcsh"]


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What bash sources."""
    file = tmp_path_factory.mktemp("completion") / "emulator.bash"
    file.write_text(run("completion", "bash").stdout)
    return file


def completed(script: Path, *words: str, folder: Path | None = None) -> set[str]:
    """What bash offers for the last of these words."""
    written = " ".join(f"'{word}'" for word in ("emulator", *words))
    lines = f"""
        source {script}
        COMP_WORDS=({written}); COMP_CWORD={len(words)}; COMP_LINE="${{COMP_WORDS[*]}}"; COMP_POINT=${{#COMP_LINE}}
        $(complete -p emulator | sed 's/.*-F \\([^ ]*\\).*/\\1/') emulator "${{COMP_WORDS[COMP_CWORD]}}"
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", lines], capture_output=True, text=True, check=True, env=environment(), cwd=folder
    )
    assert done.stderr == ""
    return set(done.stdout.split())


def test_bash_completes_verbs(script: Path) -> None:
    assert completed(script, "sna") == {"snapshot"}
    assert {"start", "ready", "doctor"} <= completed(script, "")


def test_bash_completes_flags_and_choices(script: Path) -> None:
    assert completed(script, "clock", "--adv") == {"--advance"}
    assert completed(script, "--wor") == {"--world"}
    assert completed(script, "snapshot", "ex") == {"export"}
    assert completed(script, "env", "emma", "--format", "do") == {"dotenv"}
    assert completed(script, "env", "e") == {"emma", "engagelab"}


def test_bash_completes_scenarios_and_files(script: Path, tmp_path: Path) -> None:
    (tmp_path / "newer.yaml").touch()
    assert completed(script, "seed", "new", folder=tmp_path) == {"newsletter", "newer.yaml"}
    assert completed(script, "start", "--scenario", "", folder=tmp_path) == {*built_in(), "newer.yaml"}
    assert completed(script, "verify", "--file", "ne", folder=tmp_path) == {"newer.yaml"}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_can_read_its_script(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    text = run("completion", shell).stdout
    done = subprocess.run([shell, "-n"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "snapshot" in text
    assert "doctor" in text


def test_zsh_knows_the_command_when_it_has_read_it(tmp_path: Path) -> None:
    if shutil.which("zsh") is None:
        pytest.skip("there is no zsh here")
    (tmp_path / "_emulator").write_text(run("completion", "zsh").stdout)
    lines = "fpath=($PWD $fpath); autoload -U compinit; compinit -u -D; echo $_comps[emulator]; autoload +X _emulator"
    done = subprocess.run(["zsh", "-f", "-c", lines], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "_emulator\n", "")


def test_another_shell_is_refused() -> None:
    assert run("completion", "fish").returncode == 2
