"""What exports say beside what people write, right and wrong."""

from __future__ import annotations

import pytest

from emulator.core.errors import UserError
from tests.conftest import ClientFactory
from tests.emma.support import FIELDS, MEMBERS, add, group, member, ok


def account(keys: str) -> str:
    return f"emma: {{accounts: [{{account_id: 100, {keys}}}]}}"


def test_the_next_ids_are_those_that_are_given_unless_rows_have_them(declared: ClientFactory) -> None:
    client = declared(
        account("members: [{member_id: 2000, email: a@shop.test}], next_ids: {member: 1500, group: 3000}")
    )
    assert add(client) == 2001
    assert group(client) == 3000


def test_a_value_without_quotes_that_yaml_takes_for_a_date_is_a_text(declared: ClientFactory) -> None:
    client = declared(
        account("members: [{member_id: 7, email: a@shop.test, field_values: [{field_id: 200, value: 2010-11-12}]}]")
    )
    assert member(client, 7)["fields"] == {"first_name": "2010-11-12"}


def test_a_deleted_field_may_have_the_name_of_another(declared: ClientFactory) -> None:
    client = declared(account('fields: [{shortcut_name: a}, {shortcut_name: a, deleted_at: "2024-01-01"}]'))
    assert [each["field_id"] for each in ok(client.get(FIELDS))] == [1024]
    assert [each["field_id"] for each in ok(client.get(f"{FIELDS}?deleted=true"))] == [1024, 1025]


def test_an_opt_out_may_have_come_from_no_mailing(declared: ClientFactory) -> None:
    client = declared(
        "behaviours: {emma.optout_detail_without_mailing: row}\n"
        + account(
            "members: [{member_id: 7, email: a@shop.test, member_status_id: o}], "
            'optouts: [{member_id: 7, timestamp: "2024-01-01T06:00:00Z"}]'
        )
    )
    assert ok(client.get(f"{MEMBERS}/7/optout")) == [{"timestamp": "@D:2024-01-01T00:00:00", "mailing_id": None}]


ANN = "members: [{member_id: 7, email: ann@shop.test, %s}]"
IMPORT = "imports: [{import_started: 2024-01-01, %s}]"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('fields: [{shortcut_name: ""}]', "fields[0].shortcut_name can not be empty"),
        ('fields: [{shortcut_name: a, display_name: ""}]', "fields[0].display_name can not be empty"),
        ('fields: [{shortcut_name: a, options: [b, ""]}]', "fields[0].options[1] can not be empty"),
        ("fields: [{shortcut_name: a, deleted_at: soon}]", "fields[0].deleted_at must be a date"),
        ("groups: [{group_name: a, deleted_at: soon}]", "groups[0].deleted_at must be a date"),
        (ANN % "field_values: [{field_id: 9, value: x}]", "members[0].field_values[0].field_id 9 is no field"),
        (ANN % "field_values: [{field_id: 200, value: {}}]", "field_values[0].value must be a text, a number"),
        (ANN % "field_values: [{field_id: 200, value: [1]}]", "field_values[0].value must be a text, a number"),
        (ANN % "field_values: [{field_id: 200, value: null}]", "field_values[0].value must be a text, a number"),
        (IMPORT % "fields_updated: [9]", "imports[0].fields_updated[0] 9 is no field of this account"),
        (
            IMPORT % "num_added_by_group: [{member_group_id: 9, num_added: 1}]",
            "imports[0].num_added_by_group[0].member_group_id 9 is no group of this account",
        ),
        (
            "next_ids: {person: 9}",
            "next_ids.person must be one of member, group, field, import, mailing, webhook as a key",
        ),
        ("next_ids: {member: 0}", "next_ids.member must be greater than 0"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(declared: ClientFactory, text: str, error: str) -> None:
    with pytest.raises(UserError) as caught:
        declared(account(text))
    assert error in str(caught.value)
    assert "quotes" not in str(caught.value)
