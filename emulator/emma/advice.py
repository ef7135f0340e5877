"""What Emma's documents recommend, and which calls do otherwise.

The quotes are word for word those of the document that is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from emulator.core.journal import Entry
from emulator.core.proof.advice import Advice, Listing, Loop, Poll, Sentence, Window
from emulator.emma.windows import MOST_PER_PAGE

_MOST_DIGITS = 18
_MEMBERS = "vendor-docs/emma-members.txt"
_PAGINATION = "Emma API Documentation, Pagination (myemma/emma-api-documentation, pagination.html)"

_BULK = Sentence(
    "we also provide quite a few calls to deal with bulk updates of members. Please try to use these whenever possible "
    "as opposed to looping through a list of members and calling the individual member calls.",
    _MEMBERS,
)
_IMPORT = Sentence(
    "Add new members or update existing members in bulk. If you are doing actions for a single member please see the "
    "/members/add call below.",
    _MEMBERS,
)
_PACE = Sentence(
    "Imports are generally pretty fast, but the time to completion can vary with greater system usage.", _MEMBERS
)
_BLOCKS = Sentence("So, to pull a large number of results, you start with a count:", _PAGINATION)
_COUNT = Sentence(
    "Additionally, for any call you can retrieve a count of the results (instead of the results themselves) by "
    "appending a query parameter of count=true.",
    _PAGINATION,
)


def window(entry: Entry) -> Window | None:
    """What a listing call reads; None for one that only counts."""
    query = dict(parse_qsl(entry.query.decode("latin-1")))
    if query.get("count", "false").lower() in ("true", "1"):
        return None
    start = _number(query, "start", 0)
    end = _number(query, "end", start + MOST_PER_PAGE)
    return Window(start, max(0, min(end - start, MOST_PER_PAGE)), _rows(entry))


def _number(query: Mapping[str, str], name: str, otherwise: int) -> int:
    text = query.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else otherwise


def _rows(entry: Entry) -> int | None:
    if entry.response_cut:
        return None
    try:
        rows: Any = msgspec.json.decode(entry.response)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return len(rows) if isinstance(rows, list) else None


ADVICE = Advice(
    loops=(
        Loop(
            ("emma.members.add",),
            "POST /{account_id}/members (emma.members.import) takes them all in one call",
            _IMPORT,
        ),
        Loop(
            ("emma.members.archive",),
            "PUT /{account_id}/members/delete (emma.members.archive_many) takes them all in one call",
            _BULK,
        ),
        Loop(
            ("emma.members.opt_out_by_email",),
            "PUT /{account_id}/members/status (emma.members.set_status) takes them all in one call",
            _BULK,
        ),
        Loop(
            ("emma.members.join_groups",),
            "PUT /{account_id}/groups/{group_id}/members (emma.groups.enlist) takes them all in one call",
            _BULK,
        ),
        Loop(
            ("emma.members.leave_groups", "emma.members.leave_all_groups"),
            "PUT /{account_id}/members/groups/remove (emma.members.release) takes them all in one call",
            _BULK,
        ),
    ),
    polls=(Poll("emma.members.imports.get", 1.0, _PACE),),
    listings=(
        Listing(
            (
                "emma.members.list",
                "emma.groups.members",
                "emma.members.imports.list",
                "emma.members.imports.members",
                "emma.members.mailings",
            ),
            window,
            "ask for the number first, with count=true",
            _BLOCKS,
            "append count=true",
            _COUNT,
        ),
    ),
    always=frozenset(
        {
            "emma.bad_field_value",
            "emma.duplicate_group_names",
            "emma.email_case",
            "emma.import_filename",
            "emma.job_progress",
            "emma.job_queue_seconds",
            "emma.job_units_per_second",
            "emma.magic_addresses",  # the emulator's own
            "emma.purge_by_id",
            "emma.rate_limit_scope",
            "emma.restored_groups",
            "emma.special_group_enlistment",
        }
    ),
    # reference/emma.md sections 3.1 to 3.3
    documented={
        "emma.members.import": ("automate_contact_imports",),
        "emma.members.add": ("field_triggers", "signup_form_id", "subscriber_consent_tracking"),
        "emma.members.signup": ("field_triggers", "signup_form_id", "subscriber_consent_tracking"),
    },
)
