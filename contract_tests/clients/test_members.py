"""emma-sdk's calls on members."""

from __future__ import annotations

from contract_tests.clients.conftest import Emma

ALL = "emma.member.list({deleted: true}, callback)"


def status(emma: Emma, member_id: int) -> str:
    letter: str = emma.result(f"emma.member.withID({member_id}).details(callback)")["member_status_id"]
    return letter


def groups(emma: Emma, member_id: int) -> list[int]:
    return emma.ids(f"emma.member.withID({member_id}).groups.list(callback)")


def test_list_leaves_out_archived_members(emma: Emma) -> None:
    assert emma.ids("emma.member.list(callback)") == [200, 201, 202, 204]


def test_list_with_a_query_pages(emma: Emma) -> None:
    assert emma.ids("emma.member.list({start: 2, end: 4, deleted: true}, callback)") == [202, 203]


def test_list_with_count_gives_a_number(emma: Emma) -> None:
    assert emma.result("emma.member.list({count: true}, callback)") == 4


def test_details_give_the_fields(emma: Emma) -> None:
    member = emma.result("emma.member.withID(200).details(callback)")
    assert member["fields"] == {"first_name": "Emma", "last_name": "Smith", "favorite_food": "tacos"}


def test_details_of_an_archived_member_need_the_query(emma: Emma) -> None:
    emma.refused("emma.member.withID(203).details(callback)")
    assert emma.result("emma.member.withID(203).details({deleted: true}, callback)")["email"] == "greg@myemma.com"


def test_details_by_email_find_the_member(emma: Emma) -> None:
    assert emma.result("emma.member.withEmail('tony@myemma.com').details(callback)")["member_id"] == 202


def test_details_by_email_of_an_archived_member_need_the_query(emma: Emma) -> None:
    emma.refused("emma.member.withEmail('greg@myemma.com').details(callback)")
    assert (
        emma.result("emma.member.withEmail('greg@myemma.com').details({deleted: true}, callback)")["member_id"] == 203
    )


def test_details_by_email_send_a_plus_as_it_is(emma: Emma) -> None:
    emma.result("emma.member.addOne({email: 'ann+news@shop.test'}, callback)")
    assert emma.result("emma.member.withEmail('ann+news@shop.test').details(callback)")["member_id"] == 1024


def test_add_one_says_that_the_member_is_new(emma: Emma) -> None:
    code = "emma.member.addOne({email: 'ann@shop.test', fields: {first_name: 'Ann'}, group_ids: [150]}, callback)"
    assert emma.result(code) == {"status": "a", "added": True, "member_id": 1024}
    assert groups(emma, 1024) == [150]


def test_add_one_says_that_the_member_was_known(emma: Emma) -> None:
    code = "emma.member.addOne({email: 'emma@myemma.com'}, callback)"
    assert emma.result(code) == {"status": "a", "added": False, "member_id": 200}


def test_signup_makes_an_active_member_in_the_groups(emma: Emma) -> None:
    code = "emma.member.signup({email: 'ann@shop.test', group_ids: ['150', '151']}, callback)"
    assert emma.result(code) == {"status": "a", "member_id": 1024}
    assert groups(emma, 1024) == [150, 151]


def test_update_changes_a_field_and_keeps_the_others(emma: Emma) -> None:
    assert emma.result("emma.member.withID(202).update({fields: {favorite_food: 'figs'}}, callback)") is True
    fields = emma.result("emma.member.withID(202).details(callback)")["fields"]
    assert fields == {"first_name": "Tony", "last_name": "Brown", "favorite_food": "figs"}


def test_get_opt_out_gives_the_mailing(emma: Emma) -> None:
    opt_outs = emma.result("emma.member.withID(201).getOptOut(callback)")
    assert opt_outs == [{"timestamp": "@D:2014-11-18T22:58:15", "mailing_id": 1234567}]


def test_get_mailings_gives_the_history(emma: Emma) -> None:
    assert [row["mailing_id"] for row in emma.result("emma.member.withID(200).getMailings(callback)")] == [200]


def test_bulk_update_status_shifts_the_members(emma: Emma) -> None:
    assert emma.result("emma.member.bulkUpdateStatus({member_ids: [200, 202], status_to: 'e'}, callback)") is True
    assert [status(emma, 200), status(emma, 202), status(emma, 204)] == ["e", "e", "a"]


def test_bulk_update_status_with_an_unknown_member_gives_false_which_is_no_error(emma: Emma) -> None:
    assert emma.result("emma.member.bulkUpdateStatus({member_ids: [200, 999], status_to: 'e'}, callback)") is False


def test_change_status_shifts_everyone_of_a_status(emma: Emma) -> None:
    assert emma.result("emma.member.changeStatusFrom('a').to('e', callback)") is True
    assert [status(emma, member_id) for member_id in (200, 201, 202, 204)] == ["e", "o", "e", "e"]


def test_change_status_with_conditions_shifts_those_of_a_group(emma: Emma) -> None:
    assert emma.result("emma.member.changeStatusFrom('a').to('e').withConditions({group_id: 151}, callback)") is True
    assert [status(emma, member_id) for member_id in (200, 202, 204)] == ["e", "e", "a"]


def test_bulk_delete_archives_the_members(emma: Emma) -> None:
    assert emma.result("emma.member.bulkDelete({member_ids: [200, 202]}, callback)") is True
    assert emma.ids("emma.member.list(callback)") == [201, 204]
    assert emma.ids(ALL) == [200, 201, 202, 203, 204]


def test_delete_all_archives_everyone(emma: Emma) -> None:
    assert emma.result("emma.member.deleteAll(callback)") is True
    assert emma.ids("emma.member.list(callback)") == []


def test_bug_delete_all_drops_its_query_and_archives_everyone(emma: Emma) -> None:
    assert emma.result("emma.member.deleteAll({member_status_id: 'o'}, callback)") is True
    assert emma.sent() == [("DELETE", "/100/members", "", None)]
    assert emma.ids("emma.member.list(callback)") == []


def test_bug_delete_throws_before_it_sends_anything(emma: Emma) -> None:
    outcome = emma.run("emma.member.withID(200).delete(callback)")
    assert outcome == {"thrown": "ReferenceError: details is not defined"}
    assert emma.sent() == []


def test_bug_opt_out_throws_before_it_sends_anything(emma: Emma) -> None:
    outcome = emma.run("emma.member.withEmail('tony@myemma.com').optOut(callback)")
    assert outcome == {"thrown": "ReferenceError: query is not defined"}
    assert emma.sent() == []


def test_groups_list_gives_the_members_groups(emma: Emma) -> None:
    names = [group["group_name"] for group in emma.result("emma.member.withID(202).groups.list(callback)")]
    assert names == ["Widget Buyers", "Special Events"]


def test_groups_add_gives_all_the_groups_asked_for(emma: Emma) -> None:
    assert emma.result("emma.member.withID(202).groups.add({group_ids: [150, 151]}, callback)") == [150, 151]
    assert groups(emma, 202) == [150, 151, 152]


def test_groups_remove_gives_the_groups_it_left(emma: Emma) -> None:
    assert emma.result("emma.member.withID(202).groups.remove({group_ids: [150, 151]}, callback)") == [151]
    assert groups(emma, 202) == [152]


def test_groups_remove_all_leaves_every_group(emma: Emma) -> None:
    assert emma.result("emma.member.withID(200).groups.removeAll(callback)") is True
    assert groups(emma, 200) == []


def test_bug_multi_remove_from_groups_calls_a_path_that_does_not_exist(emma: Emma) -> None:
    emma.refused("emma.member.multiRemoveFromGroups({member_ids: [202], group_ids: [151]}, callback)")
    assert emma.sent() == [("PUT", "/100/members/groups/delete", "", {"member_ids": [202], "group_ids": [151]})]
    assert groups(emma, 202) == [151, 152]
