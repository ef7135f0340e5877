"""The names that testers give to worlds and snapshots."""

from __future__ import annotations

import re

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def is_name(text: str) -> bool:
    """Fit for a path and for a file."""
    return _NAME.fullmatch(text) is not None
