"""Real operations of Emma that are not emulated; each is answered 501 with its name, never silently.

Source: reference/emma.md sections 3 (M27) and 6.
"""

from __future__ import annotations

from emulator.core.operation import Declined

_REASON = "only members, groups, fields, imports and webhooks of this vendor are"
_GONE = "the vendor removed it from its documents because the live call answered 500"

# id, method, path, source
_ROWS = (
    ("searches", "*", "searches/*", "6.2"),
    ("mailings", "*", "mailings/*", "6.3"),
    ("forwards", "*", "forwards/*", "6.3"),
    ("response", "*", "response/*", "6.4"),
    ("subscriptions", "*", "subscriptions/*", "6.5"),
    ("signup_forms", "*", "signup_forms/*", "6.6"),
    ("automation", "*", "automation/*", "6.6"),
    ("triggers", "*", "triggers/*", "6.6"),
    ("exports", "*", "exports/*", "6.6"),
    ("sms", "*", "sms/*", "6.6"),
    ("invitation", "*", "invitation/*", "6.6"),
    ("accounts", "*", "accounts/*", "6.6"),
    ("account", "*", "account/*", "6.6"),
    ("enterprise", "*", "enterprise/*", "6.6"),
)

DECLINED = (
    Declined(
        "emma.members.imports.delete",
        "DELETE",
        "/{account_id}/members/imports/delete",
        _GONE,
        "reference/emma.md section 3, M27",
    ),
    *(
        Declined(f"emma.{name}", method, f"/{{account_id}}/{path}", _REASON, f"reference/emma.md section {source}")
        for name, method, path, source in _ROWS
    ),
    Declined("emma.events", "POST", "/v1/{account_id}/events", _REASON, "reference/emma.md section 6.6"),
)
