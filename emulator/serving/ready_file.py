"""The file that tells others that an emulator is ready, and where."""

from __future__ import annotations

from pathlib import Path

from emulator.core.errors import UserError
from emulator.core.whole_file import write_whole


def write(name: str, url: str) -> None:
    """Appear whole or not at all."""
    try:
        write_whole(Path(name), f"{url}\n".encode())
    except OSError as error:
        raise UserError(f"--ready-file {name}: {error.strerror or error}") from None


def remove(name: str) -> None:
    try:
        Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"--ready-file {name}: {error.strerror or error}") from None
