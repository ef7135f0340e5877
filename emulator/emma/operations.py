"""The documented operations on members, groups and fields, in the documents' order. To see what one does, follow its
rule.

M, G and F numbers are those of reference/emma.md sections 3, 4 and 6.1.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from msgspec.structs import fields as struct_fields

from emulator.core.operation import Body, Operation
from emulator.emma import (
    additions,
    enlistments,
    fields,
    groups,
    imports,
    mailings,
    member_wire,
    members,
    purges,
    statuses,
    wire,
)

_SOURCES = {
    "M": "vendor-docs/emma-members.txt; reference/emma.md section 3, {}",
    "G": "vendor-docs/emma-groups.txt; reference/emma.md section 4, {}",
    "F": "reference/emma.md section 6.1, {}",
}


def _op(
    name: str,
    number: str,
    request: str,
    rule: Callable[[Any, Any], Any],
    errors: str,
    output: Callable[[Any, Any], bytes] = wire.truth,
    success: str = "true",
    **more: Any,
) -> Operation:
    """`request` is method and path after the account, `errors` the statuses beside 401 and 403. The input is the type
    that the rule names for its request; what a struct has beside the path comes from the query.
    """
    method, path = request.split()
    path = "/{account_id}" + path
    wanted = rule.__annotations__["request"]
    struct = getattr(sys.modules[rule.__module__], wanted, None)
    if struct is not None:
        beside = [field for field in struct_fields(struct) if f"{{{field.name}}}" not in path]
        more["query"] = tuple(field.name for field in beside)
        more["lists"] = tuple(field.name for field in beside if field.type == list[str])
    return Operation(
        id=f"emma.{name}",
        method=method,
        path=path,
        input=struct or wanted,
        rule=rule,
        output=output,
        success=success,
        errors=("401: empty", "403: {error}", *[f"{status}: {{error}}" for status in errors.split()]),
        source=_SOURCES[number[0]].format(number),
        # Absent, null and [] are all sent for a call without parameters; what is required, its model says.
        body=Body.NONE if struct else Body.OPTIONAL,
        **more,
    )


_MEMBERS = (
    _op("members.list", "M1", "GET /members", members.list_members, "400", member_wire.members, "[member]"),
    _op("members.get", "M2", "GET /members/{member_id}", members.get_member, "404", member_wire.member, "member"),
    _op(
        "members.get_by_email",
        "M3",
        "GET /members/email/{email}",
        members.get_member_by_email,
        "404",
        member_wire.member,
        "member",
    ),
    _op(
        "members.optout",
        "M4",
        "GET /members/{member_id}/optout",
        mailings.list_optouts,
        "404",
        wire.optouts,
        "[{timestamp, mailing_id}]",
    ),
    _op("members.opt_out_by_email", "M5", "PUT /members/email/optout/{email}", statuses.opt_out_by_email, "404"),
    _op(
        "members.import",
        "M6",
        "POST /members",
        imports.import_members,
        "400",
        wire.import_id,
        "{import_id}",
        deferred="members",
    ),
    _op(
        "members.add",
        "M7",
        "POST /members/add",
        additions.add_member,
        "400",
        wire.addition,
        "{status, added, member_id}",
    ),
    _op("members.signup", "M8", "POST /members/signup", additions.sign_up, "400", wire.sign_up, "{status, member_id}"),
    _op(
        "members.archive_many", "M9", "PUT /members/delete", members.archive_members, "400", wire.truth, "true or false"
    ),
    _op("members.set_status", "M10", "PUT /members/status", statuses.set_status, "400", wire.truth, "true or false"),
    _op("members.update", "M11", "PUT /members/{member_id}", members.update_member, "400 404"),
    _op("members.archive", "M12", "DELETE /members/{member_id}", members.archive_member, "404"),
    _op(
        "members.groups",
        "M13",
        "GET /members/{member_id}/groups",
        enlistments.list_member_groups,
        "404",
        wire.groups,
        "[group]",
    ),
    _op(
        "members.join_groups",
        "M14",
        "PUT /members/{member_id}/groups",
        enlistments.join_groups,
        "400 404",
        wire.ids,
        "[member_group_id]",
    ),
    _op(
        "members.leave_groups",
        "M15",
        "PUT /members/{member_id}/groups/remove",
        enlistments.leave_groups,
        "400 404",
        wire.ids,
        "[member_group_id]",
    ),
    _op("members.archive_all", "M16", "DELETE /members", members.archive_all, "400"),
    _op("members.leave_all_groups", "M17", "DELETE /members/{member_id}/groups", enlistments.leave_all_groups, "404"),
    _op("members.release", "M18", "PUT /members/groups/remove", enlistments.release_members, "400 404"),
    _op(
        "members.mailings",
        "M19",
        "GET /members/{member_id}/mailings",
        mailings.list_mailings,
        "404",
        wire.mailings,
        "[{mailing_id, delivery_type, ...}]",
    ),
    _op(
        "members.imports.members",
        "M20",
        "GET /members/imports/{import_id}/members",
        imports.list_import_members,
        "404",
        wire.import_members,
        "[{member_id, change_type, member_status_id, email}]",
    ),
    _op(
        "members.imports.get",
        "M21",
        "GET /members/imports/{import_id}",
        imports.get_import,
        "404",
        wire.import_detail,
        "import",
    ),
    _op("members.imports.list", "M22", "GET /members/imports", imports.list_imports, "400", wire.imports, "[import]"),
    _op("members.copy_to_group", "M23", "PUT /members/{group_id}/copy", enlistments.copy_members_into_group, "400 404"),
    _op(
        "members.shift_status", "M24", "PUT /members/status/{status_from}/to/{status_to}", statuses.shift_status, "400"
    ),
    _op("members.purge", "M25", "POST /members/purge", purges.purge_members, "400"),
    _op(
        "members.purge_archived",
        "M26",
        "PUT /members/purgeall",
        purges.purge_archived,
        "400",
        query=("member_status_id", "member_group_id"),
        anywhere=("member_status_id", "member_group_id"),
    ),
)

_GROUPS = (
    _op("groups.list", "G1", "GET /groups", groups.list_groups, "400", wire.groups, "[group]"),
    _op(
        "groups.create",
        "G2",
        "POST /groups",
        groups.create_groups,
        "400",
        wire.new_groups,
        "[{member_group_id, group_name}]",
    ),
    _op("groups.get", "G3", "GET /groups/{group_id}", groups.get_group, "404", wire.group, "group"),
    _op("groups.update", "G4", "PUT /groups/{group_id}", groups.update_group, "400 404"),
    _op("groups.delete", "G5", "DELETE /groups/{group_id}", groups.delete_group, "404"),
    _op(
        "groups.members",
        "G6",
        "GET /groups/{group_id}/members",
        enlistments.list_group_members,
        "404",
        member_wire.group_members,
        "[member without sms]",
    ),
    _op(
        "groups.enlist",
        "G7",
        "PUT /groups/{group_id}/members",
        enlistments.enlist_members,
        "400 404",
        wire.ids,
        "[member_id]",
    ),
    _op(
        "groups.release",
        "G8",
        "PUT /groups/{group_id}/members/remove",
        enlistments.release_from_group,
        "400 404",
        wire.ids,
        "[member_id]",
    ),
    _op(
        "groups.empty",
        "G9",
        "DELETE /groups/{group_id}/members",
        enlistments.empty_group,
        "400 404",
        wire.number,
        "number",
    ),
    _op(
        "groups.release_from_all",
        "G10",
        "DELETE /groups/{group_id}/members/remove",
        enlistments.release_from_all_groups,
        "400 404",
    ),
    _op(
        "groups.copy",
        "G11",
        "PUT /groups/{from_group_id}/{to_group_id}/members/copy",
        enlistments.copy_group,
        "400 404",
    ),
)

_FIELDS = (
    _op("fields.list", "F1", "GET /fields", fields.list_fields, "400", wire.fields, "[field]"),
    _op("fields.get", "F2", "GET /fields/{field_id}", fields.get_field, "404", wire.field, "field"),
    _op("fields.create", "F3", "POST /fields", fields.create_field, "400", wire.number, "field_id"),
    _op("fields.update", "F4", "PUT /fields/{field_id}", fields.update_field, "400 404", wire.number, "field_id"),
    _op("fields.delete", "F5", "DELETE /fields/{field_id}", fields.delete_field, "404"),
    _op("fields.clear", "F6", "POST /fields/{field_id}/clear", fields.clear_field, "404"),
)

OPERATIONS = (*_MEMBERS, *_GROUPS, *_FIELDS)
