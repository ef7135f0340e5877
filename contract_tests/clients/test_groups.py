"""emma-sdk's calls on groups."""

from __future__ import annotations

from contract_tests.clients.conftest import Emma


def members(emma: Emma, group_id: int) -> list[int]:
    return emma.ids(f"emma.group.withID({group_id}).members({{}}, callback)")


def test_list_gives_the_groups(emma: Emma) -> None:
    names = [group["group_name"] for group in emma.result("emma.group.list(callback)")]
    assert names == ["Monthly Newsletter", "Widget Buyers", "Special Events"]


def test_list_with_a_query_pages(emma: Emma) -> None:
    assert emma.ids("emma.group.list({group_types: 'g,t', start: 1, end: 3}, callback)") == [151, 152]


def test_create_gives_the_new_ids_in_order(emma: Emma) -> None:
    created = emma.result("emma.group.create({groups: [{group_name: 'One'}, {group_name: 'Two'}]}, callback)")
    assert created == [
        {"member_group_id": 1024, "group_name": "One"},
        {"member_group_id": 1025, "group_name": "Two"},
    ]


def test_details_count_the_members_by_status(emma: Emma) -> None:
    group = emma.result("emma.group.withID(150).details(callback)")
    assert (group["active_count"], group["error_count"], group["optout_count"]) == (1, 0, 1)


def test_update_renames_the_group(emma: Emma) -> None:
    assert emma.result("emma.group.withID(150).update({group_name: 'Weekly'}, callback)") is True
    assert emma.result("emma.group.withID(150).details(callback)")["group_name"] == "Weekly"


def test_delete_removes_the_group(emma: Emma) -> None:
    assert emma.result("emma.group.withID(150).delete(callback)") is True
    assert emma.ids("emma.group.list(callback)") == [151, 152]


def test_members_gives_those_of_the_group(emma: Emma) -> None:
    assert members(emma, 152) == [200, 201, 202, 204]


def test_members_with_a_query_pages(emma: Emma) -> None:
    assert emma.ids("emma.group.withID(152).members({start: 1, end: 3}, callback)") == [201, 202]


def test_add_members_gives_those_that_are_new_to_the_group(emma: Emma) -> None:
    assert emma.result("emma.group.withID(150).addMembers({member_ids: [200, 202]}, callback)") == [202]
    assert members(emma, 150) == [200, 201, 202]


def test_remove_members_gives_those_that_were_in_the_group(emma: Emma) -> None:
    assert emma.result("emma.group.withID(150).removeMembers({member_ids: [200, 202]}, callback)") == [200]
    assert members(emma, 150) == [201]


def test_add_members_by_status_takes_them_from_the_whole_account(emma: Emma) -> None:
    assert emma.result("emma.group.withID(150).addMembersByStatus({member_status_id: ['a']}, callback)") is True
    assert members(emma, 150) == [200, 201, 202, 204]


def test_bug_copy_all_members_to_sends_no_body_and_copies_every_status(emma: Emma) -> None:
    assert emma.result("emma.group.withID(150).copyAllMembersTo(151, callback)") is True
    assert emma.sent() == [("PUT", "/100/groups/150/151/members/copy", "", None)]
    assert members(emma, 151) == [200, 201, 202]


def test_empty_sync_gives_the_number_that_left(emma: Emma) -> None:
    assert emma.result("emma.group.withID(152).emptySync({}, callback)") == 4
    assert members(emma, 152) == []


def test_bug_empty_sync_drops_its_status_and_empties_the_group(emma: Emma) -> None:
    assert emma.result("emma.group.withID(150).emptySync({member_status_id: 'a'}, callback)") == 2
    assert members(emma, 150) == []


def test_bug_empty_drops_its_status_without_which_the_call_is_refused(emma: Emma) -> None:
    text = emma.refused("emma.group.withID(150).empty({member_status_id: 'a'}, callback)")
    assert "member_status_id" in text
    assert members(emma, 150) == [200, 201]
