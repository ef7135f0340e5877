"""Where Emma's documents are silent or contradict each other; reference/emma.md section 10 has the reasoning.

C-numbers are that section's.
"""

from __future__ import annotations

from emulator.core.behaviours import Behaviour, Evidence
from emulator.emma.webhook_behaviours import WEBHOOK_BEHAVIOURS


def _behaviour(
    name: str, choices: str, about: str, source: str, evidence: Evidence = "inferred", *, fixed_at_start: bool = False
) -> Behaviour:
    options = tuple(choices.split())
    return Behaviour(f"emma.{name}", about, options, options[0], evidence, source, fixed_at_start)


def _number(name: str, default: str, least: float, about: str, source: str) -> Behaviour:
    return Behaviour(f"emma.{name}", about, (), default, "inferred", source, least=least)


# The first choice is the default.
BEHAVIOURS = (
    _behaviour(
        "paging_end",
        "exclusive inclusive",
        "Whether the record at `end` belongs to the page.",
        "C1: the documents page 0-500, 500-1000",
        "documented",
    ),
    _behaviour(
        "foreign_account",
        "403 401 404",
        "HTTP status for a known key on an account that is not its own, or that does not exist.",
        "C2: nothing is documented",
    ),
    _behaviour(
        "deletion",
        "archive erase",
        "What deleting a member means: it is archived, or erased for good, as the documents said until 2020.",
        "C4: vendor-docs/emma-members.txt",
        "documented",
    ),
    _behaviour(
        "reactivate_optout",
        "allow forbid",
        "Whether the calls that set a status may make an opted-out member active again.",
        "C5: the documents accept the letters, the application forbids it",
        "documented",
    ),
    _behaviour(
        "group_remove_archives",
        "on_request always",
        "Whether DELETE groups/{id}/members/remove archives the members: only with delete_members=true, or always.",
        "C6: vendor-docs/emma-groups.txt; later documents suggest always",
        "documented",
    ),
    _behaviour(
        "group_purged_at",
        "omit null",
        "Whether groups have the key purged_at, always null.",
        "C7: vendor-docs/emma-groups.txt has eight keys",
        "documented",
    ),
    _behaviour(
        "optout_detail_without_mailing",
        "empty row",
        "The detail of an opt-out that came from no mailing: an empty list, or a row without mailing_id.",
        "C8: seen by a client's user",
        "observed",
    ),
    _behaviour(
        "optout_detail_of_others",
        "empty not_found",
        "The opt-out detail of a member that is not opted out.",
        "C18: 'if a member has been opted out'",
    ),
    _behaviour("hard_bounce_letter", "b h", "delivery_type of a hard bounce.", "C9: EmmaPython has b, EmmaSharp h"),
    _behaviour(
        "nested_import_fields",
        "accept ignore",
        "Whether a member of an import may have its fields under `fields` as well as beside its email.",
        "C10: a client's user got an import id",
        "observed",
    ),
    _behaviour(
        "import_details",
        "objects ids empty",
        "What groups_updated, fields_updated and num_added_by_group of an import hold: groups, fields and invented "
        "{member_group_id, num_added}; ids; or nothing, as in every sample.",
        "C12: EmmaSharp reads objects; the documents say nothing",
    ),
    _behaviour(
        "import_members_default",
        "all added_only",
        "What the members of an import are when no flag asks.",
        "C13: the documents print 'Accepts False or 0'",
    ),
    _behaviour(
        "add_only_archived",
        "restore skip",
        "What an import with add_only does with an archived member.",
        "reference/emma.md section 5.2: nothing is documented",
    ),
    _behaviour(
        "import_filename",
        "alias ignore",
        "Whether `filename` is as good as `source_filename`.",
        "C14: EmmaPython sends filename",
    ),
    _behaviour(
        "archive_without_status",
        "all reject",
        "DELETE members without member_status_id archives every member, or is refused.",
        "C15: 'Archive all members'",
        "documented",
    ),
    _behaviour(
        "unknown_ids_answer",
        "false true",
        "What archiving or shifting several members answers when some do not exist; the others are served.",
        "C16: 'True if all members are successfully deleted, otherwise False'",
        "documented",
    ),
    _behaviour(
        "member_groups_echo",
        "requested changed",
        "Which ids PUT members/{id}/groups answers with: all existing groups asked for, or those newly joined.",
        "C17: the samples of the documents",
        "documented",
    ),
    _behaviour(
        "email_case",
        "insensitive sensitive",
        "Whether addresses that differ in letter case only are the same member.",
        "C21: nothing is documented",
        fixed_at_start=True,
    ),
    _behaviour(
        "sms_key",
        "members everywhere nowhere",
        "Which member objects have the key sms: those of members/..., also those of groups, or none.",
        "C23: the samples of the documents",
        "documented",
    ),
    _behaviour(
        "time_zone",
        "America/Chicago America/New_York America/Denver America/Los_Angeles UTC",
        "The zone of dates.",
        "C26: a captured delivery shows US Central",
        "observed",
    ),
    _behaviour(
        "purge_by_id",
        "any archived_only",
        "Whether POST members/purge erases members that are not archived.",
        "C27: nothing is documented",
    ),
    _behaviour(
        "deleted_range_alone",
        "archived_only ignore",
        "deleted_range without deleted or deleted_only: implies deleted_only, or does nothing.",
        "C29: 'members deleted on that date'",
    ),
    _behaviour(
        "special_group_enlistment",
        "allow ignore",
        "Whether adding, signing up and importing put members into test and hidden groups.",
        "C30: nothing is documented",
    ),
    _behaviour(
        "unknown_fields",
        "ignore create reject",
        "A shortcut name that no field has: ignored, made a text field, or refused (an import skips the row).",
        "reference/emma.md section 5.3: a plug-in always sends names that only some accounts have",
        "observed",
    ),
    _behaviour(
        "bad_field_value",
        "keep ignore reject",
        "A value that its field's type does not allow: kept as given, ignored, or refused (an import skips the row).",
        "reference/emma.md section 2.7: nothing is documented",
    ),
    _behaviour(
        "custom_dates",
        "prefixed as_stored",
        "Whether values of date fields are printed with @D:.",
        "reference/emma.md section 1.2: a consumer strips it",
        "observed",
    ),
    _behaviour(
        "malformed_address",
        "error reject",
        "An address that is none: the member is stored in error, or refused (an import skips the row).",
        "reference/emma.md section 5.1: help centre",
        "observed",
    ),
    _behaviour(
        "corrected_address",
        "activate keep",
        "The status of a member in error for its malformed address, once PUT members/{id} sets a right one.",
        "reference/emma.md section 5.1: nothing is documented",
    ),
    _behaviour(
        "restored_groups",
        "keep leave",
        "Whether an archived member that is added again is still in the groups it was in.",
        "reference/emma.md section 5.2: nothing is documented",
    ),
    _behaviour(
        "restored_is_added",
        "false true",
        "What `added` says when members/add restores an archived member.",
        "reference/emma.md section 5.2: the id is the old one",
    ),
    _behaviour(
        "sms_status",
        "a o",
        "Both sms statuses of a mobile number that comes without.",
        "reference/emma.md section 2.1: nothing is documented",
    ),
    _behaviour(
        "shift_unknown_group",
        "ignore not_found",
        "PUT members/status/{from}/to/{to} with a group that does not exist: true and nothing done, or 404.",
        "reference/emma.md section 3.5: the sample names such a group and gets true",
        "documented",
    ),
    _behaviour(
        "unknown_group_types",
        "ignore reject",
        "A letter in group_types that is no group type.",
        "reference/emma.md section 4: nothing is documented",
    ),
    _behaviour(
        "duplicate_group_names",
        "allow reject",
        "A group with the name of another group.",
        "reference/emma.md section 4: nothing forbids it",
    ),
    _behaviour(
        "bearer_tokens",
        "accept reject",
        "Whether an OAuth token opens an account as a key does.",
        "reference/emma.md section 1: two client libraries send it",
    ),
    _behaviour(
        "rate_limit_status",
        "403 429",
        "HTTP status above the rate limit, once a tester has turned it on; 429 comes with Retry-After.",
        "C3: the documents have 403 Rate Limit Exceeded; a client handles 429, too",
        "documented",
    ),
    _behaviour(
        "rate_limit_refused",
        "ignore count",
        "Whether calls above the rate limit count towards it, so that who does not pause is never served again.",
        "C3: 'until time has passed'",
    ),
    _behaviour(
        "rate_limit_scope",
        "account key",
        "Whose calls the rate limit counts together: all of an account, or those with one key.",
        "C3: nothing is documented",
    ),
    _behaviour(
        "magic_addresses",
        "on off",
        "Whether addresses such as error500+ann@fault.example cause failures.",
        "the emulator's own: the domain can not exist (RFC 6761)",
    ),
    _behaviour(
        "job_progress",
        "time immediate manual",
        "How imports and background removals proceed: with the world's clock, at once, or when a tester says so.",
        "reference/emma.md section 5.4: nothing public gives timing",
    ),
    _number(
        "job_queue_seconds",
        "0.2",
        0,
        "How long a job waits before it starts.",
        "reference/emma.md section 5.4: nothing public gives timing",
    ),
    _number(
        "job_units_per_second",
        "100000",
        0.001,
        "How many rows a second a job does.",
        "reference/emma.md section 5.4: nothing public gives timing",
    ),
    *WEBHOOK_BEHAVIOURS,
)
