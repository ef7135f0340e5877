"""Emma's block of a scenario, right and wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from emulator import create_app
from emulator.core.errors import UserError
from emulator.settings import Settings
from tests.conftest import ClientFactory
from tests.emma.support import FIELDS, GROUPS, MEMBERS, act, add, counters, group, groups_of, member, ok

EVERYTHING = """
emma:
  accounts:
    - account_id: 100
      keys: {public_key: private_key}
      tokens: [abc]
      fields:
        - {field_id: 7, shortcut_name: size, display_name: Size, field_type: "text[]", widget_type: check_multiple,
           column_order: 3, required: true, options: [S, L]}
        - {shortcut_name: born, field_type: date}
      groups:
        - {member_group_id: 8, group_name: Testers, group_type: t}
        - {group_name: Customers}
      members:
        - member_id: 9
          email: ann@shop.test
          member_status_id: o
          fields: {size: [S], born: "2000-02-29"}
          groups: [1024, 8]
          member_since: "@D:2020-07-01T00:00:00"
          last_modified_at: "2020-07-02T00:00:00"
          confirmed_opt_in: "@D:2020-07-03T00:00:00"
          deleted_at: "@D:2020-07-04T00:00:00"
          email_error: full
          bounce_count: 2
          plaintext_preferred: true
          sms: {phone_number: "2025550123", transactional_status: o, updated_at: "2023-02-14T21:27:20.7"}
        - email: bob@shop
      imports:
        - import_id: 10
          import_started: "@D:2020-07-05T00:00:00"
          import_finished: "@D:2020-07-05T00:00:01"
          status: e
          source_filename: may.csv
          style: add_only
          error_message: broken
          num_members: 6
          num_members_added: 1
          num_members_updated: 2
          num_duplicates: 3
          num_skipped: 4
          num_errors: 5
          members: [{member_id: 9, change_type: n, added_to_groups: true}, {member_id: 1024}]
      mailings:
        - {member_id: 9, mailing_id: 1024, name: May, subject: Hello, delivery_type: s, sent: "@D:2020-07-06T00:00:00"}
      optouts: [{member_id: 9, timestamp: "@D:2020-07-07T00:00:00", mailing_id: 1024}]
    - {account_id: 200}
"""


@pytest.fixture
def everything(declared: ClientFactory) -> TestClient:
    return declared(EVERYTHING)


def test_a_declared_member_is_as_declared(everything: TestClient) -> None:
    changed = "2023-02-14T21:27:20.700000+00:00"
    assert member(everything, 9, deleted=True) == {
        "status": "opt-out",
        "confirmed_opt_in": "@D:2020-07-03T00:00:00",
        "account_id": 100,
        "fields": {"size": ["S"], "born": "@D:2000-02-29T00:00:00"},
        "member_id": 9,
        "last_modified_at": "@D:2020-07-02T00:00:00",
        "member_status_id": "o",
        "plaintext_preferred": True,
        "email_error": "full",
        "member_since": "@D:2020-07-01T00:00:00",
        "bounce_count": 2,
        "deleted_at": "@D:2020-07-04T00:00:00",
        "email": "ann@shop.test",
        "sms": {
            "phone_number": "+12025550123",
            "region_code": "US",
            "transactional_status": "o",
            "transactional_status_updated_at": changed,
            "promotional_status": "a",
            "promotional_status_updated_at": changed,
        },
    }
    assert [each["group_name"] for each in ok(everything.get(f"{MEMBERS}/9/groups"))] == ["Testers", "Customers"]


def test_a_declared_member_whose_address_is_malformed_is_in_error(everything: TestClient) -> None:
    answer = member(everything, 1024)
    assert (answer["email"], answer["member_status_id"], answer["email_error"]) == ("bob@shop", "e", "format")


def test_declared_fields_take_the_place_of_those_an_account_begins_with(everything: TestClient) -> None:
    size, born = ok(everything.get(FIELDS))
    assert size.items() >= {"field_id": 7, "display_name": "Size", "options": ["S", "L"], "required": True}.items()
    assert (size["field_type"], size["widget_type"], size["column_order"]) == ("text[]", "check_multiple", 3)
    assert (born["field_id"], born["display_name"], born["widget_type"]) == (1024, "born", "date")
    assert len(ok(everything.get("/200/fields"))) == 4


def test_declared_groups_have_their_type(everything: TestClient) -> None:
    groups = ok(everything.get(f"{GROUPS}?group_types=all"))
    assert [(each["member_group_id"], each["group_type"]) for each in groups] == [(8, "t"), (1024, "g")]


def test_a_declared_import_is_as_declared(everything: TestClient) -> None:
    detail = ok(everything.get(f"{MEMBERS}/imports/10"))
    assert (detail["status"], detail["style"], detail["source_filename"]) == ("e", "add_only", "may.csv")
    assert (detail["import_started"], detail["import_finished"]) == ("@D:2020-07-05T00:00:00", "@D:2020-07-05T00:00:01")
    assert detail["error_message"] == "broken"
    counted = ("members_added", "members_updated", "duplicates", "skipped", "errors", "members")
    assert [detail[f"num_{name}"] for name in counted] == [1, 2, 3, 4, 5, 6]
    affected = ok(everything.get(f"{MEMBERS}/imports/10/members"))
    assert [(each["member_id"], each["change_type"]) for each in affected] == [(9, "n"), (1024, "a")]
    enlisted = ok(everything.get(f"{MEMBERS}/imports/10/members?added_to_groups=1"))
    assert [each["member_id"] for each in enlisted] == [9]


def test_declared_mailings_and_opt_outs_are_history(everything: TestClient) -> None:
    (mailed,) = ok(everything.get(f"{MEMBERS}/9/mailings"))
    assert (mailed["mailing_id"], mailed["name"], mailed["subject"], mailed["delivery_type"]) == (
        1024,
        "May",
        "Hello",
        "s",
    )
    assert (mailed["sent"], mailed["delivery_ts"]) == ("@D:2020-07-06T00:00:00", None)
    assert ok(everything.get(f"{MEMBERS}/9/optout")) == [{"timestamp": "@D:2020-07-07T00:00:00", "mailing_id": 1024}]


def test_new_ids_are_greater_than_declared_ones(declared: ClientFactory) -> None:
    client = declared(
        """
        emma:
          accounts:
            - account_id: 100
              fields: [{field_id: 3000, shortcut_name: size}]
              groups: [{member_group_id: 4000, group_name: Customers}]
              members: [{member_id: 5000, email: ann@shop.test}]
              imports: [{import_id: 6000, import_started: "@D:2020-07-05T00:00:00"}]
              mailings: [{member_id: 5000, mailing_id: 7000}]
        """
    )
    assert ok(client.post(FIELDS, json={"shortcut_name": "x"})) == 3001
    assert group(client) == 4001
    assert add(client, "bob@shop.test") == 5001
    assert ok(client.post(MEMBERS, json={"members": []})) == {"import_id": 6001}
    assert act(client, "deliver", member_id=5000)["mailing_id"] == 7001


def test_what_is_declared_comes_back_with_a_reset(documentation: TestClient) -> None:
    ok(documentation.delete(MEMBERS))
    ok(documentation.post("/_emulator/reset"))
    assert counters(documentation, 150) == (1, 0, 1)
    assert groups_of(documentation, 200) == [150, 151, 152]


def account(extra: str) -> str:
    return f"emma: {{accounts: [{{account_id: 100, {extra}}}]}}"


def members(extra: str) -> str:
    return account(f"members: [{{email: ann@shop.test, {extra}}}]")


def imports(extra: str) -> str:
    return account(f'imports: [{{import_started: "@D:2020-07-05T00:00:00", {extra}}}]')


ANN = "members: [{member_id: 1, email: ann@shop.test}]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("emma: 7", "emma "),
        ("emma: {accounts: [{}]}", "emma.accounts[0].account_id is required"),
        ("emma: {accounts: [{account_id: x}]}", "emma.accounts[0].account_id must be an integer"),
        ("emma: {accounts: [{account_id: 0}]}", "emma.accounts[0].account_id "),
        ("emma: {accounts: [{account_id: 1}, {account_id: 1}]}", "emma.accounts[1].account_id 1 is declared twice"),
        (account("colour: red"), "emma.accounts[0].colour is not a known key"),
        (account('keys: {"a:b": c}'), "emma.accounts[0].keys."),
        (account("tokens: [7]"), "emma.accounts[0].tokens[0] must be a string"),
        (account("fields: [{shortcut_name: x, field_type: y}]"), "fields[0].field_type must be one of text, text[]"),
        (
            account("fields: [{shortcut_name: x, widget_type: number}]"),
            "fields[0].widget_type must be one of text, long",
        ),
        (
            account("fields: [{shortcut_name: x}, {shortcut_name: x}]"),
            "fields[1] has the id or the name of another field",
        ),
        (
            account("fields: [{field_id: 1, shortcut_name: x}, {field_id: 1, shortcut_name: y}]"),
            "fields[1] has the id or the name of another field",
        ),
        (account("groups: [{}]"), "groups[0].group_name is required"),
        (account("groups: [{group_name: x, group_type: y}]"), "groups[0].group_type must be one of g, t, h"),
        (
            account("groups: [{group_name: x, member_group_id: 1}, {group_name: y, member_group_id: 1}]"),
            "groups[1].member_group_id 1 is given twice",
        ),
        (account('members: [{email: ""}]'), "members[0].email can not be empty"),
        (
            account("members: [{email: a@b.test}, {email: A@B.test}]"),
            "members[1].email 'a@b.test' is given twice",
        ),
        (
            account("members: [{member_id: 1, email: a@b.test}, {member_id: 1, email: b@b.test}]"),
            "members[1].member_id 1 is given twice",
        ),
        (members("member_status_id: x"), "members[0].member_status_id must be one of "),
        (members("member_since: yesterday"), "members[0].member_since must be a date like @D:2010-11-12T11:23:45"),
        (members("deleted_at: 2010-13-01T00-00"), "members[0].deleted_at must be a date like"),
        (members("fields: {size: S}"), "members[0].fields.size is no field of this account; declare it under fields"),
        (members("fields: {birthday: soon}"), "members[0].fields.birthday must be a date like 2010-11-12"),
        (members("groups: [7]"), "members[0].groups 7 is no group of this account; declare it under groups"),
        (members('sms: {phone_number: "12"}'), "members[0].sms.phone_number is no phone number"),
        (
            members('sms: {phone_number: "2025550123", updated_at: noon}'),
            "members[0].sms.updated_at must be a time like",
        ),
        (members("bounce_count: -1"), "members[0].bounce_count "),
        (account("imports: [{}]"), "imports[0].import_started is required"),
        (
            account(
                'imports: [{import_id: 1, import_started: "@D:2020-07-05T00:00:00"}, '
                '{import_id: 1, import_started: "@D:2020-07-05T00:00:00"}]'
            ),
            "imports[1].import_id 1 is given twice",
        ),
        (imports("import_finished: noon"), "imports[0].import_finished must be a date like"),
        (imports("members: [{member_id: 7}]"), "imports[0].members[0].member_id 7 is no member of this account"),
        (account("mailings: [{member_id: 7, mailing_id: 1}]"), "mailings[0].member_id 7 is no member of this account"),
        (
            account(f"{ANN}, mailings: [{{member_id: 1, mailing_id: 1, opened: noon}}]"),
            "mailings[0].opened must be a date like",
        ),
        (
            account("optouts: [{member_id: 7, mailing_id: 1, timestamp: noon}]"),
            "optouts[0].member_id 7 is no member of this account",
        ),
        (
            account(f"{ANN}, optouts: [{{member_id: 1, mailing_id: 1, timestamp: noon}}]"),
            "optouts[0].timestamp must be a date like",
        ),
    ],
)
def test_what_is_wrong_with_a_block_is_said_with_file_and_place(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(text)
    with pytest.raises(UserError) as caught:
        create_app(Settings(scenario=(str(file),)))
    assert str(caught.value).startswith(f"{file}, line 1: emma")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
