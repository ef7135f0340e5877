"""Files that appear whole or not at all, and are never open to more people than they are meant for."""

from __future__ import annotations

import os
from pathlib import Path

EVERYBODY = 0o666
"""Whom the umask lets."""
OWNER = 0o600


def write_whole(path: Path, content: bytes, mode: int = EVERYBODY, *, durable: bool = False) -> None:
    """Put the content in place of what is there; if it is `durable`, it survives a power cut. Raises OSError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    try:
        # A link that somebody put there meanwhile is not followed.
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
