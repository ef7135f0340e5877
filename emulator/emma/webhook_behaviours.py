"""Where Emma's documents are silent on webhooks, or deliveries that people captured differ from them.

Source: reference/emma.md sections 7, 8 and 10 (C11).
"""

from __future__ import annotations

from emulator.core.behaviours import Behaviour

WEBHOOK_BEHAVIOURS = (
    Behaviour(
        "emma.webhook_payload",
        "What webhooks send: the documented keys, with resource_url in data; what was captured from real deliveries, "
        "with resource_url beside data and some keys more; or all of these.",
        ("both", "documented", "captured"),
        "both",
        "observed",
        "C11: two captured bodies differ from the documents",
    ),
    Behaviour(
        "emma.webhook_new_status",
        "new_status of member_status_update: a letter, as in requests, or the word that members have as status.",
        ("letter", "word"),
        "letter",
        "inferred",
        "reference/emma.md section 8: nothing is documented",
    ),
    Behaviour(
        "emma.webhook_optouts",
        "Whether an opt-out is told as member_optout if it came from a mailing or by PUT members/email/optout and else "
        "as member_status_update, or always as both.",
        ("one", "both"),
        "one",
        "inferred",
        "reference/emma.md section 8: nothing is documented",
    ),
    Behaviour(
        "emma.webhook_enlistments",
        "Whether members/add and members/signup that put a member into groups are told as member_add_to_group, too.",
        ("untold", "told"),
        "untold",
        "inferred",
        "reference/emma.md section 8: a captured member_add names the groups itself",
    ),
    Behaviour(
        "emma.webhook_failed_imports",
        "Whether an import that fails is told as import_finish.",
        ("untold", "told"),
        "untold",
        "inferred",
        "reference/emma.md section 8: nothing is documented",
    ),
    Behaviour(
        "emma.webhook_failed_update",
        "PUT webhooks/{id} with an event, URL or method that can not be: false, or 400 as for POST.",
        ("false", "reject"),
        "false",
        "documented",
        "reference/emma.md section 7: 'the id, or false'",
    ),
    Behaviour(
        "emma.webhook_delay_seconds",
        "How long after an event its delivery is sent.",
        (),
        "0",
        "inferred",
        "reference/emma.md section 8: nothing is documented",
        least=0,
    ),
    Behaviour(
        "emma.webhook_attempts",
        "How often a delivery is tried until the receiver answers with success (2xx). Once is the careful guess: "
        "nobody promised retries.",
        (),
        "1",
        "inferred",
        "reference/emma.md section 8: the retry policy is unknown",
        least=1,
    ),
    Behaviour(
        "emma.webhook_retry_seconds",
        "How long after a failed attempt the next one comes; each further wait is twice as long.",
        (),
        "60",
        "inferred",
        "reference/emma.md section 8: the retry policy is unknown",
        least=1,
    ),
)
