"""EngageLab's block of a scenario, right and wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator import create_app
from emulator.core.errors import UserError
from emulator.settings import Settings
from tests.conftest import ClientFactory
from tests.support import LISTS, MEMBERS, account_of, create

MEMBER = "{member_id: 6565c12a3b4e0d83d3f58ea0, email: ann@shop.test%s}"
TAG = "{tag_id: 6565c12a3b4e0d83d3f5000%s, tag_name: a}"


def account(extra: str) -> str:
    return f"engagelab: {{accounts: [{{api_user: api_user, {extra}}}]}}"


def load(tmp_path: Path, text: str) -> str:
    file = tmp_path / "scenario.yaml"
    file.write_text(text)
    return str(file)


def test_a_declared_member_is_there_with_its_id_and_times(make_client: ClientFactory, tmp_path: Path) -> None:
    extra = ', update_time: "2024-01-02T03:04:05+0800", unsubscribe_time: "2024-02-03T04:05:06+0800"'
    client = make_client(scenario=(load(tmp_path, account(f"list_id: 7, members: [{MEMBER % extra}]")),))
    member = client.get(f"{MEMBERS}/6565c12a3b4e0d83d3f58ea0").json()["result"]
    assert member["list_id"] == 7
    assert member["create_time"] == "2023-11-28T18:30:02+0800"
    assert member["update_time"] == "2024-01-02T03:04:05+0800"
    assert member["unsubscribe_time"] == "2024-02-03T04:05:06+0800"


def test_declared_members_are_listed_in_the_order_of_their_ids(make_client: ClientFactory, tmp_path: Path) -> None:
    members = ", ".join(f"{{member_id: 6565c12a3b4e0d83d3f58e{n}0, email: m{n}@shop.test}}" for n in (3, 1, 2))
    client = make_client(scenario=(load(tmp_path, account(f"members: [{members}]")),))
    answer = client.post(f"{LISTS}/list_members").json()
    assert [member["email"] for member in answer["result"]] == ["m1@shop.test", "m2@shop.test", "m3@shop.test"]


def test_new_ids_never_repeat_declared_ones(make_client: ClientFactory, tmp_path: Path) -> None:
    clock = {"mode": "frozen", "at": "2024-05-01T12:00:00Z"}
    first = create(make_client(clock=clock))
    member = f"{{member_id: {first}, email: bob@shop.test}}"
    assert create(make_client(clock=clock, scenario=(load(tmp_path, account(f"members: [{member}]")),))) != first


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("engagelab: 7", "engagelab"),
        ("engagelab: {accounts: [{}]}", "engagelab.accounts[0].api_user is required"),
        ('engagelab: {accounts: [{api_user: "a:b"}]}', "engagelab.accounts[0].api_user must match"),
        (account("colour: red"), "engagelab.accounts[0].colour is not a known key"),
        (account("list_id: many"), "engagelab.accounts[0].list_id must be an integer"),
        (
            "engagelab: {accounts: [{api_user: a}, {api_user: a}]}",
            "engagelab.accounts[1].api_user 'a' is declared twice",
        ),
        (account("members: [{member_id: 8, email: a@shop.test}]"), "members[0].member_id must be a string"),
        (account('members: [{member_id: "8", email: a@shop.test}]'), "members[0].member_id must match"),
        (account(f"members: [{MEMBER % ', phone: 123'}]"), "members[0].phone must be a string"),
        (account("members: [{member_id: 6565c12a3b4e0d83d3f58ea0, email: x}]"), "members[0].email 'x' is not a valid"),
        (account(f"members: [{MEMBER % ''}, {MEMBER % ''}]"), "members[1].email 'ann@shop.test' is given twice"),
        (
            account(f"members: [{MEMBER % ''}, {(MEMBER % '').replace('ann', 'bob')}]"),
            "members must have different member_ids",
        ),
        (account(f"members: [{MEMBER % ', fields: {Plan: x}'}]"), "members[0].fields.Plan is no field of this list"),
        (account(f"members: [{MEMBER % ', fields: {Age: old}'}]"), "members[0].fields.Age must be a number"),
        (account(f"members: [{MEMBER % ', tags: [vip]'}]"), "members[0].tags 'vip' is no tag of this list"),
        (account(f"members: [{MEMBER % ', update_time: noon'}]"), "members[0].update_time must be a time like"),
        (account("fields: [{field_name: Email, field_type: text}]"), "fields[0].field_name is a system attribute"),
        (
            account("fields: [{field_name: Plan, field_type: colour}]"),
            "fields[0].field_type must be one of text, number",
        ),
        (account("fields: [{field_name: Plan, field_type: dropdown}]"), "fields[0].options belong to a dropdown"),
        (
            account("fields: [{field_name: Plan, field_type: text, options: [a]}]"),
            "fields[0].options belong to a dropdown",
        ),
        (account("fields: [{field_name: D, field_type: date, format: YYYY}]"), "fields[0].format must be one of MM/DD"),
        (account("fields: [{field_name: D, field_type: text, format: YYYY}]"), "fields[0].format does not belong here"),
        (
            account(f"tags: [{TAG % 1}, {TAG % 2}]"),
            "tags[1] has the id or the name of another tag",
        ),
        (
            account("fields: [" + ", ".join(f"{{field_name: f{n}, field_type: text}}" for n in range(45)) + "]"),
            "fields[44] is one too many",
        ),
    ],
)
def test_what_is_wrong_with_a_block_is_said_with_file_and_place(tmp_path: Path, text: str, message: str) -> None:
    file = load(tmp_path, text)
    with pytest.raises(UserError) as caught:
        create_app(Settings(scenario=(file,)))
    assert str(caught.value).startswith(file)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_has_no_id_and_no_time_gets_an_id_of_the_worlds_time(make_client: ClientFactory, tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(account("tags: [{tag_name: vip}], members: [{email: ann@shop.test, tags: [vip]}]"))
    made = [
        account_of(make_client(scenario=(str(file),), clock={"mode": "frozen", "at": "2024-05-01T12:00:00Z"}))
        for _ in range(2)
    ]
    (first,), (second,) = ([*each.members.page(0, 10)] for each in made)
    assert (first.member_id, first.tag_ids) == (second.member_id, second.tag_ids)
    assert int(first.member_id[:8], 16) == int(first.tag_ids[0][:8], 16) == 1714564800
