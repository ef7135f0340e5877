"""Bulk imports: the rules, in the document's order. What an import does is in `importing.py`.

Source: vendor-docs/emma-members.txt; reference/emma.md sections 2.3, 2.4, 3.1 and 5.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from emulator.core.errors import NotFound
from emulator.core.slices import Slices
from emulator.emma.account import EmmaAccount, Import
from emulator.emma.affected import ADDED, SIGNED_UP, UNDELETED, Change
from emulator.emma.audience import is_id
from emulator.emma.importing import ImportWork
from emulator.emma.upserts import groups_to_join
from emulator.emma.windows import Listing

if TYPE_CHECKING:
    from emulator.emma.schemas import ImportMembers

ADD_ONLY, ADD_AND_UPDATE = "add_only", "add_and_update"
_CAME = (ADDED, UNDELETED, SIGNED_UP)


class ListImportMembers(Listing):
    account_id: str
    import_id: str
    all: bool = False
    added_only: bool = False
    added_to_groups: bool = False


class ImportRef(Struct):
    account_id: str
    import_id: str


class ListImports(Listing):
    account_id: str


class ChangeList(NamedTuple):
    """What an import did to some members."""

    changes: list[Change]


def import_members(account: EmmaAccount, request: ImportMembers) -> Slices[int]:
    """Add new members or update existing members in bulk. The id of the import, which ends later."""
    import_id = account.new_ids["import"].new()
    filename = request.source_filename
    if filename is None and account.choice("import_filename") == "alias":
        filename = request.filename
    style = ADD_ONLY if request.add_only else ADD_AND_UPDATE
    account.imports.put(
        Import(
            import_id,
            account.now(),
            "q",
            filename,
            style,
            received=len(request.members),
            automated=request.automate_field_changes,
        )
    )
    work = ImportWork(
        account,
        import_id,
        request.members,
        add_only=request.add_only,
        group_ids=groups_to_join(account, request.group_ids),
        criteria=request.criteria.sms if request.criteria else None,
    )
    yield from account.start_job(import_id, work)
    return import_id


def list_import_members(account: EmmaAccount, request: ListImportMembers) -> ChangeList | int:
    """Get a list of members affected by this import."""
    affected = account.affected[_find(account, request.import_id).import_id]
    unasked = not (request.all or request.added_only or request.added_to_groups)
    by_default = unasked and account.choice("import_members_default") == "added_only"
    added_only = (request.added_only and not request.all) or by_default
    enlisted = request.added_to_groups and not request.all
    positions = affected.positions(_CAME if added_only else None, enlisted=enlisted)
    start, end = request.window(account)
    return len(positions) if request.count else ChangeList(affected.at(positions[start:end]))


def get_import(account: EmmaAccount, request: ImportRef) -> Import:
    """Get information and statistics about this import."""
    return _find(account, request.import_id)


def list_imports(account: EmmaAccount, request: ListImports) -> list[Import] | int:
    """Get information about all imports for this account."""
    return len(account.imports) if request.count else account.imports.page(*request.window(account))


def _find(account: EmmaAccount, import_id: str) -> Import:
    found = account.imports.get(int(import_id)) if is_id(import_id) else None
    if found is None:
        raise NotFound("import", import_id)
    return found
