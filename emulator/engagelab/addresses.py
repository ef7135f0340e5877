"""The vendor's address rule.

Source: reference/engagelab.md section 8 (EL:rules): 6 to 128 characters in all; at most 96 before the @; a domain of at
most 255, its labels of letters, digits and dashes, at most 63 each, no dash at either end; a last label of 2 to 20
letters.
"""

from __future__ import annotations

import re

_SHORTEST, _LONGEST = 6, 128
_LONGEST_LOCAL, _LONGEST_DOMAIN = 96, 255
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"([^@]{{1,{_LONGEST_LOCAL}}})@((?:{_LABEL}\.)+[A-Za-z]{{2,20}})", re.DOTALL)
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")


def is_address(text: str, *, blanks_allowed: bool = False) -> bool:
    """Whether the rule allows this address. It says nothing of blanks, so the caller does."""
    if not _SHORTEST <= len(text) <= _LONGEST:
        return False
    match = _ADDRESS.fullmatch(text)
    if match is None or len(match[2]) > _LONGEST_DOMAIN:
        return False
    return blanks_allowed or _BLANK.search(match[1]) is None
