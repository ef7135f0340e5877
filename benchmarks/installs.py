"""Installing a tool into a folder of its own, with the ordinary client of its registry."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Registry = Literal["pip", "npm"]

_PATIENCE = 600  # seconds for one step


class NotInstalled(Exception):
    """The tool can not be had here; the text says why."""


@dataclass(frozen=True)
class Package:
    """What to ask the registry for. `wanted` has extras or a range of versions where `name` is not enough."""

    registry: Registry
    name: str
    wanted: str


@dataclass(frozen=True)
class Installed:
    """The folder of the tool's commands, and its version."""

    commands: Path
    version: str


def install(package: Package, folder: Path) -> Installed:
    """Raises NotInstalled."""
    return _pip(package, folder) if package.registry == "pip" else _npm(package, folder)


def _pip(package: Package, folder: Path) -> Installed:
    _do("the making of a virtual environment", [sys.executable, "-m", "venv", str(folder)])
    commands = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python = str(commands / "python")
    _do("pip install", [python, "-m", "pip", "install", "--quiet", package.wanted])
    ask = f"from importlib.metadata import version; print(version({package.name!r}))"
    return Installed(commands, _do("python", [python, "-c", ask]))


def _npm(package: Package, folder: Path) -> Installed:
    npm = shutil.which("npm")
    if npm is None:
        raise NotInstalled("npm is not installed")
    quiet = ("--no-fund", "--no-audit", "--loglevel=error")
    _do("npm install", [npm, "install", *quiet, "--prefix", str(folder), package.wanted])
    modules = folder / "node_modules"
    return Installed(modules / ".bin", json.loads((modules / package.name / "package.json").read_text())["version"])


def _do(what: str, command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(f"{what} failed ({type(error).__name__})") from None
    if done.returncode:
        raise NotInstalled(f"{what} failed (exit code {done.returncode})")
    return done.stdout.strip()
