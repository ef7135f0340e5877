"""What an e-mail address looks like. One that does not is stored all the same, in error.

Source: reference/emma.md section 5.1 (help centre); the exact rule is nowhere published.
"""

from __future__ import annotations

import re

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_LOCAL}@(?:{_LABEL}\.)+{_LABEL}")
_LONGEST = 254  # RFC 5321
_LONGEST_LOCAL = 64


def is_address(text: str) -> bool:
    """Whether mail could be sent there; ASCII only."""
    return (
        len(text) <= _LONGEST and _ADDRESS.fullmatch(text) is not None and len(text.partition("@")[0]) <= _LONGEST_LOCAL
    )
