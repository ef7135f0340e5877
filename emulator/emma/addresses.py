"""What an e-mail address looks like. One that does not is stored all the same, in error; and so is one that bounces.

Source: reference/emma.md section 5.1 (help centre); the exact rule is nowhere published.
"""

from __future__ import annotations

import re

from emulator.core.failures.magic import Magic
from emulator.core.vendor import Account

MALFORMED = "format"
"""The email_error of a member whose address is none."""
BOUNCED = "mailbox unavailable"
"""The email_error of a member whose mail bounces."""

BOUNCE, IMPORT_ERROR = "bounce", "importerror"
MAGIC = {
    BOUNCE: Magic("whoever gets this address is in error, as after a hard bounce"),
    IMPORT_ERROR: Magic("an import refuses the row and counts an error"),
}

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


def email_error(account: Account, email: str) -> str | None:
    """Why a member with this address is in error from the start; None if it is not."""
    if not is_address(email):
        return MALFORMED
    return BOUNCED if account.magic_word(email) == BOUNCE else None
