"""The documented member operations, in the document's order. To see what one does, follow its rule."""

from __future__ import annotations

from dataclasses import replace

from emulator.core.operation import Body, Operation
from emulator.engagelab import members, wire
from emulator.engagelab.members import MemberRef

_MEMBERS = "/v1/marketing/lists/members"
_DOCUMENT = "vendor-docs/engagelab-members.txt"
_MEMBER = (
    "{member_id, list_id, email, phone, name, fields, tag_ids, tag_names, create_time, update_time, unsubscribe_time}"
)
_UNAUTHORIZED = "401: 30000 Authentication failed"
_NOT_FOUND = "200: 30036 resource not found"
_INVALID = "400: 309xx, emulator-assigned"

_UPDATE = Operation(
    id="engagelab.members.update",
    method="PUT",
    path=f"{_MEMBERS}/{{member_id}}",
    input="UpdateMember",
    body=Body.REQUIRED,
    rule=members.update_member,
    output=wire.updated,
    success="{count}",
    errors=(_UNAUTHORIZED, _NOT_FOUND, _INVALID),
    source=f"{_DOCUMENT}, Update",
)
_LIST = Operation(
    id="engagelab.members.list",
    method="POST",
    path="/v1/marketing/lists/list_members",
    input="ListMembers",
    query=("limit", "offset", "count"),
    body=Body.OPTIONAL,
    rule=members.list_members,
    reads=True,
    output=wire.member_page,
    success=f"{{result: [{_MEMBER}], total, count}}",
    errors=(_UNAUTHORIZED, _INVALID),
    source=f"{_DOCUMENT}, Member list",
)

OPERATIONS = (
    Operation(
        id="engagelab.members.save",
        method="POST",
        path=_MEMBERS,
        input="BatchSave",
        body=Body.REQUIRED,
        rule=members.save_members,
        output=wire.batch_outcome,
        success="{created_count, created_members: [{email, member_id}], updated_count, updated_members: "
        "[{email, member_id}], error_count, error_members: [{email, message}]}",
        errors=(_UNAUTHORIZED, "400: 30512 members can not be empty", "400: 30515 more than 1000 members", _INVALID),
        source=f"{_DOCUMENT}, Batch add or update",
    ),
    Operation(
        id="engagelab.members.delete",
        method="DELETE",
        path=f"{_MEMBERS}/{{member_id}}",
        input=MemberRef,
        rule=members.delete_member,
        output=wire.count,
        success="{count}",
        errors=(_UNAUTHORIZED, _NOT_FOUND),
        source=f"{_DOCUMENT}, Delete",
    ),
    Operation(
        id="engagelab.members.delete_matching",
        method="DELETE",
        path=f"{_MEMBERS}/delete",
        input="DeleteMembers",
        body=Body.OPTIONAL,
        rule=members.delete_members,
        output=wire.count,
        success="{count}",
        errors=(_UNAUTHORIZED, _INVALID),
        source=f"{_DOCUMENT}, Batch delete",
    ),
    _UPDATE,
    replace(
        _UPDATE,
        id="engagelab.members.patch",
        method="PATCH",
        enabled_by=("engagelab.patch", "update"),
        source="reference/engagelab.md section 10, Q21 (the sister product)",
    ),
    Operation(
        id="engagelab.members.get",
        method="GET",
        path=f"{_MEMBERS}/{{member_id}}",
        input=MemberRef,
        rule=members.get_member,
        output=wire.member_detail,
        success=f"{{result: {_MEMBER}}}",
        errors=(_UNAUTHORIZED, _NOT_FOUND),
        source=f"{_DOCUMENT}, Member details",
    ),
    _LIST,
    # The document's table and its curl spell the path differently.
    replace(_LIST, id="engagelab.members.list_camel_case", path="/v1/marketing/lists/listMembers"),
)
