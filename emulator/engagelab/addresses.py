"""The vendor's address rule.

Source: reference/engagelab.md section 8 (EL:rules): 6 to 128 characters in all; at most 96 before the @; a domain of at
most 255, its labels of letters, digits and dashes, at most 63 each, no dash at either end; a last label of 2 to 20
letters.
"""

from __future__ import annotations

import re

from emulator.core.failures.magic import Magic

IMPORT_ERROR = "importerror"
MAGIC = {IMPORT_ERROR: Magic("a batch lists the member under error_members")}

_SHORTEST, _LONGEST = 6, 128  # so that no domain comes near its own limit
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = rf"(?:{_LABEL}\.)+[A-Za-z]{{2,20}}"
_DOCUMENTED = re.compile(rf"[^@]{{1,96}}@{_DOMAIN}")
_WITHOUT_BLANKS = re.compile(rf"[^@\s\x00-\x1f\x7f]{{1,96}}@{_DOMAIN}")


def is_address(text: str, *, blanks_allowed: bool = False) -> bool:
    """Whether the rule allows this address. It says nothing of blanks, so the caller does."""
    pattern = _DOCUMENTED if blanks_allowed else _WITHOUT_BLANKS
    return _SHORTEST <= len(text) <= _LONGEST and pattern.fullmatch(text) is not None
