"""The file that tells others that an emulator is ready, and where."""

from __future__ import annotations

import os
from pathlib import Path

from emulator.core.errors import UserError


def write(name: str, url: str) -> None:
    """Appear whole or not at all."""
    path = Path(name)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        temporary.write_text(url + "\n")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UserError(f"--ready-file {name}: {error.strerror or error}") from None


def remove(name: str) -> None:
    try:
        Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"--ready-file {name}: {error.strerror or error}") from None
