"""What EngageLab's document recommends, and which calls do otherwise.

The quotes are word for word those of the document that is named; bars part the columns of its tables.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import msgspec

from emulator.core.journal import Entry
from emulator.core.proof.advice import Advice, Listing, Loop, Sentence, Window
from emulator.engagelab.members import DEFAULT_PER_PAGE

_MOST_DIGITS = 18
_DOCUMENT = "vendor-docs/engagelab-members.txt"
_BATCH = Sentence("members | array[object] | true | List of members, up to a maximum of 1000 |", _DOCUMENT)
_TOTAL = Sentence("total | integer | Total Records |", _DOCUMENT)


def window(entry: Entry) -> Window | None:
    """What a listing call reads."""
    query = dict(parse_qsl(entry.query.decode("latin-1")))
    page = _json(entry.response)
    rows = page.get("result", page.get("list")) if isinstance(page, dict) else None
    return Window(
        _number(query.get("offset", ""), 0),
        _number(query.get("limit", ""), DEFAULT_PER_PAGE),
        len(rows) if isinstance(rows, list) else None,
    )


def has_one_member(entry: Entry) -> bool:
    """Whether a batch is of a single member."""
    body = _json(entry.request)
    members = body.get("members") if isinstance(body, dict) else None
    return isinstance(members, list) and len(members) == 1


def _json(body: bytes) -> Any:
    """None for one that was cut, too."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else otherwise


ADVICE = Advice(
    loops=(
        Loop(
            ("engagelab.members.save",),
            "the call takes up to 1000 members at once",
            _BATCH,
            has_one_member,
        ),
        Loop(
            ("engagelab.members.update", "engagelab.members.patch"),
            "POST /v1/marketing/lists/members with update_existing (engagelab.members.save) takes up to 1000 at once",
            _BATCH,
        ),
    ),
    listings=(
        Listing(
            ("engagelab.members.list", "engagelab.members.list_camel_case"),
            window,
            "each page says in total how many there are",
            _TOTAL,
            "total is on every page, also with limit=1",
            _TOTAL,
        ),
    ),
    always=frozenset(
        {
            "engagelab.address_blanks",
            "engagelab.email_case",
            "engagelab.list_order",
            "engagelab.magic_addresses",  # the emulator's own
            "engagelab.new_member_tags",
            "engagelab.repeated_member",
        }
    ),
)
