"""Where EngageLab's documents are silent or contradict each other; reference/engagelab.md section 10 has the reasoning.

Q-numbers are that section's.
"""

from __future__ import annotations

from emulator.core.behaviours import Behaviour, Evidence


def _behaviour(
    name: str, choices: str, about: str, source: str, evidence: Evidence = "inferred", *, fixed_at_start: bool = False
) -> Behaviour:
    options = tuple(choices.split())
    return Behaviour(f"engagelab.{name}", about, options, options[0], evidence, source, fixed_at_start)


# The first choice is the default.
BEHAVIOURS = (
    _behaviour(
        "not_found_status",
        "200 400 404",
        "HTTP status of code 30036, resource not found.",
        "Q1: vendor-docs/engagelab-members.txt, Update, Response-Error",
        "documented",
    ),
    _behaviour(
        "existing_member",
        "error skip",
        "A batch with update_existing=false meets an existing member: list it in error_members, or pass over it.",
        "Q2: Mailchimp's batch call of the same shape",
    ),
    _behaviour(
        "existing_member_tags",
        "keep apply",
        "Whether tag_flag still acts on an existing member when update_existing is false.",
        "Q2b: the console has two independent steps",
    ),
    _behaviour(
        "new_member_tags",
        "assign obey_flag",
        "A new member gets its tags whatever tag_flag says, or none with tag_flag 2.",
        "Q3: the console's choice is about contacts already in the list",
    ),
    _behaviour(
        "repeated_member",
        "first last",
        "The same address twice in one batch: later ones are errors, or each updates the one before.",
        "Q4: the sample lists the same addresses as created and as errors",
    ),
    _behaviour(
        "unknown_tags",
        "create reject drop",
        "A tag name that does not exist yet.",
        "Q5: the API takes names and documents no such error",
    ),
    _behaviour(
        "unknown_fields",
        "keep drop reject",
        "A key of fields that is no contact field yet: keep it as a new text field, ignore it, or refuse the member.",
        "Q6: the document's own request stores customField",
    ),
    _behaviour(
        "new_tag_names",
        "documented any",
        "A tag made by a member call obeys the rule for creating tags, or may have any name.",
        "reference/engagelab.md section 5 (tags): the rule is documented for the call that creates a tag",
    ),
    _behaviour(
        "new_field_names",
        "documented any",
        "A field made by a member call obeys the rule for creating fields, or may have any name.",
        "reference/engagelab.md section 5 (fields): the rule is documented for the call that creates a field",
    ),
    _behaviour(
        "bad_field_value",
        "reject keep",
        "A value that its field's type does not allow: an error, or stored as it is.",
        "Q7: nothing is documented",
    ),
    _behaviour(
        "system_names_in_fields",
        "reject drop",
        "A key of fields that is a system attribute such as Email.",
        "reference/engagelab.md section 4.1: system names are reserved",
    ),
    _behaviour(
        "update_answer",
        "count member",
        "PUT answers with a count, as the sample shows, or with the member, as the table above it says.",
        "Q8: vendor-docs/engagelab-members.txt, Update",
        "documented",
    ),
    _behaviour(
        "list_key",
        "result list",
        "The key of the members in a listing: the sample's, or the table's.",
        "Q9: vendor-docs/engagelab-members.txt, Member list",
        "documented",
    ),
    _behaviour(
        "delete_without_condition",
        "all reject",
        "Batch delete without a condition deletes every member, or is refused.",
        "Q11: condition is documented as optional",
        "documented",
    ),
    _behaviour(
        "delete_unknown",
        "not_found count_zero",
        "DELETE of a member that does not exist.",
        "Q12: the sibling page on tags answers 30036",
    ),
    _behaviour(
        "missing_update_existing",
        "reject true false",
        "A batch without update_existing is refused, or taken as if it had been true or false.",
        "Q13: update_existing is documented as required",
        "documented",
    ),
    _behaviour(
        "missing_members",
        "reject accept",
        "A batch with no members is refused, or answered with zeros.",
        "Q14: members is documented as required",
        "documented",
    ),
    _behaviour(
        "paging_out_of_range",
        "reject clamp",
        "limit outside 1-100 or a negative offset: an error, or the nearest allowed number.",
        "Q15: only the range is documented",
    ),
    _behaviour(
        "malformed_member_id",
        "not_found reject",
        "A member id that is no ObjectId: code 30036 as for an unknown one, or HTTP 400.",
        "Q16: nothing is documented",
    ),
    _behaviour(
        "exist_value",
        "honour ignore",
        "Whether `exist` with value false or 0 asks for members that lack the field; other values mean nothing.",
        "Q18: value is documented as required, its meaning is not",
    ),
    _behaviour(
        "operator_mismatch",
        "reject no_match",
        "An operator that does not fit the field's type: HTTP 400, or a comparison that no member meets.",
        "Q19: the page with the table is not public",
    ),
    _behaviour(
        "list_order",
        "oldest_first newest_first",
        "The order of listings.",
        "Q20: nothing is documented",
    ),
    _behaviour(
        "patch",
        "not_found update",
        "PATCH members/{member_id} does not exist, or is PUT by another name, as in the sister product.",
        "Q21: the documents have PUT only",
        "documented",
    ),
    _behaviour(
        "count_parameter",
        "ignore limit",
        "The query parameter count, sent by clients of the sister product: ignored, or taken for limit.",
        "reference/engagelab.md section 3.6",
    ),
    _behaviour(
        "unknown_condition_field",
        "reject text",
        "A condition on a field that the list does not have: HTTP 400, or a text field that no member has set.",
        "reference/engagelab.md section 4: nothing is documented",
    ),
    _behaviour(
        "missing_value",
        "differs no_match",
        "Whether a member without the field meets != and `does not contain`.",
        "reference/engagelab.md section 4.3: so in MongoDB, the likely store",
    ),
    _behaviour(
        "text_case",
        "sensitive insensitive",
        "Letter case in conditions on texts other than Email and Domain, which never heed it.",
        "reference/engagelab.md section 4.3: so in MongoDB, the likely store",
    ),
    _behaviour(
        "email_case",
        "insensitive sensitive",
        "Whether addresses that differ in letter case only are the same member. Conditions never heed it.",
        "reference/engagelab.md section 3.1",
        fixed_at_start=True,
    ),
    _behaviour(
        "address_blanks",
        "reject accept",
        "An address with blanks or control characters; the documented rule does not speak of them.",
        "reference/engagelab.md section 8, address rule",
    ),
    _behaviour(
        "magic_addresses",
        "on off",
        "Whether addresses such as error500+ann@fault.example cause failures.",
        "the emulator's own: the domain can not exist (RFC 6761)",
    ),
)
