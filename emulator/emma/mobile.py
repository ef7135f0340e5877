"""Mobile numbers and the consent to text messages.

Source: reference/emma.md sections 2.1 and 3.2; the form of numbers is inferred from the samples.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from emulator.core.errors import Invalid
from emulator.emma.account import EmmaAccount, Sms

_REGIONS = (("+1", "US"), ("+44", "GB"), ("+61", "AU"))
_ORNAMENT = re.compile(r"[\s().-]")
_NATIONAL = re.compile(r"1?([0-9]{10})")
_INTERNATIONAL = re.compile(r"\+[0-9]{7,15}")
_STATUSES = ("a", "o", "e")


def e164(text: str) -> str | None:
    """A number in international form; ten digits are one of the US. None if it is no number."""
    digits = _ORNAMENT.sub("", text)
    if (match := _NATIONAL.fullmatch(digits)) is not None:
        return f"+1{match[1]}"
    return digits if _INTERNATIONAL.fullmatch(digits) else None


def region(number: str) -> str | None:
    return next((code for prefix, code in _REGIONS if number.startswith(prefix)), None)


class Mobile(NamedTuple):
    """What a caller says of a member's mobile number; what is None stays as it is."""

    number: str | None
    transactional_status: str | None
    promotional_status: str | None


NOTHING = Mobile(None, None, None)


def read_mobile(given: object, phone_number: object, criteria: Mapping[Any, object] | None = None) -> Mobile:
    """A mobile number from `sms`, else from `phone_number`; `criteria` are an import's statuses. Raises Invalid."""
    if not given and not phone_number and not criteria:
        return NOTHING
    block = given if isinstance(given, Mapping) else {}
    text = block.get("phone_number") or phone_number
    number = e164(str(text)) if isinstance(text, str | int) and not isinstance(text, bool) else None
    if text and number is None:
        raise Invalid(("sms", "phone_number"), "is no phone number")
    transactional, promotional = (
        _status(name, block.get(name) or (criteria or {}).get(name))
        for name in ("transactional_status", "promotional_status")
    )
    return Mobile(number, transactional, promotional)


def sms_after(account: EmmaAccount, old: Sms | None, mobile: Mobile) -> Sms | None:
    """What is known of a member's mobile number after a caller has spoken of it; consent without a number is none."""
    number = mobile.number or (old.phone_number if old else None)
    if number is None or mobile == NOTHING:
        return old
    assumed = account.choice("sms_status")
    transactional = mobile.transactional_status or (old.transactional_status if old else assumed)
    promotional = mobile.promotional_status or (old.promotional_status if old else assumed)
    return Sms(number, region(number), transactional, promotional, int(account.world.clock.now() * 10**6))


def _status(name: str, letter: object) -> str | None:
    if letter is not None and letter not in _STATUSES:
        raise Invalid(("sms", name), f"must be one of {', '.join(_STATUSES)}")
    return letter
