"""emma-sdk's bulk import of members, and its calls that watch one."""

from __future__ import annotations

import pytest

from contract_tests.clients.conftest import Emma


@pytest.fixture
def import_id(emma: Emma) -> int:
    """Of a new import of one new and one known member."""
    members = "[{email: 'ann@shop.test', first_name: 'Ann'}, {email: 'bob@myemma.com', first_name: 'Bob'}]"
    answer = emma.result(f"emma.member.bulkAdd({{members: {members}, group_ids: [150]}}, callback)")
    assert list(answer) == ["import_id"]
    new: int = answer["import_id"]
    return new


def test_bulk_add_answers_before_the_import_starts(emma: Emma, import_id: int) -> None:
    assert emma.result(f"emma.import.withID({import_id}).details(callback)")["status"] == "q"
    assert emma.ids("emma.member.list(callback)") == [200, 201, 202, 204]


def test_bulk_add_has_added_and_updated_members_once_the_import_has_ended(emma: Emma, import_id: int) -> None:
    emma.advance(1)
    details = emma.result(f"emma.import.withID({import_id}).details(callback)")
    assert (details["status"], details["num_members_added"], details["num_members_updated"]) == ("o", 1, 1)
    assert emma.ids("emma.group.withID(150).members({}, callback)") == [200, 201, 204, 1024]


def test_list_members_gives_what_happened_to_each(emma: Emma, import_id: int) -> None:
    emma.advance(1)
    rows = emma.result(f"emma.import.withID({import_id}).listMembers(callback)")
    assert {row["email"]: row["change_type"] for row in rows} == {"ann@shop.test": "a", "bob@myemma.com": "u"}


def test_list_gives_every_import(emma: Emma, import_id: int) -> None:
    assert [row["import_id"] for row in emma.result("emma.import.list(callback)")] == [200, import_id]
