"""The custom fields of an account, and their values."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.emma.support import FIELDS, NOW, add, member, notes, ok, refused, update


def create(client: TestClient, name: str, **more: Any) -> int:
    """The id of a new field."""
    field_id: int = ok(client.post(FIELDS, json={"shortcut_name": name, **more}))
    return field_id


def names(client: TestClient, **query: Any) -> list[str]:
    return [field["shortcut_name"] for field in ok(client.get(FIELDS, params=query))]


def stored(client: TestClient, **fields: object) -> dict[str, object]:
    """What a member shows that was given these values."""
    result: dict[str, object] = member(client, add(client, fields=fields))["fields"]
    return result


def test_an_account_has_four_fields_to_begin_with(client: TestClient) -> None:
    fields = ok(client.get(FIELDS))
    assert [(each["field_id"], each["shortcut_name"], each["field_type"]) for each in fields] == [
        (200, "first_name", "text"),
        (201, "last_name", "text"),
        (202, "favorite_food", "text"),
        (203, "birthday", "date"),
    ]
    assert [each["column_order"] for each in fields] == [1, 2, 3, 4]


def test_a_field_has_every_documented_key(client: TestClient) -> None:
    assert ok(client.get(f"{FIELDS}/200")) == {
        "shortcut_name": "first_name",
        "display_name": "First Name",
        "account_id": 100,
        "field_type": "text",
        "required": False,
        "field_id": 200,
        "widget_type": "text",
        "short_display_name": None,
        "column_order": 1,
        "deleted_at": None,
        "options": None,
    }


def test_creating_answers_the_new_id_alone(client: TestClient) -> None:
    assert client.post(FIELDS, json={"shortcut_name": "size"}).text == "1024"


def test_a_new_field_takes_what_is_sent(client: TestClient) -> None:
    sent = {"display_name": "Size", "field_type": "text[]", "widget_type": "check_multiple", "column_order": 9}
    field_id = create(client, "size", **sent, options=["S", "L"], required=True)
    assert ok(client.get(f"{FIELDS}/{field_id}")).items() >= (sent | {"options": ["S", "L"], "required": True}).items()


def test_a_new_field_is_a_text_at_the_end_unless_something_else_is_sent(client: TestClient) -> None:
    field = ok(client.get(f"{FIELDS}/{create(client, 'size')}"))
    assert (field["display_name"], field["field_type"], field["widget_type"]) == ("size", "text", "text")
    assert field["column_order"] == 5


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "shortcut_name can not be empty"),
        ({"shortcut_name": ""}, "shortcut_name can not be empty"),
        ({"shortcut_name": "last_name"}, "shortcut_name is the name of another field"),
        (
            {"shortcut_name": "x", "field_type": "colour"},
            "field_type must be one of text, text[], numeric, boolean, date, timestamp",
        ),
        (
            {"shortcut_name": "x", "field_type": "numeric", "widget_type": "long"},
            "widget_type must be one of number for the field type numeric",
        ),
        ({"shortcut_name": "x", "options": "S"}, "options must be a list"),
        ({"shortcut_name": "x", "column_order": "last"}, "column_order must be an integer"),
    ],
)
def test_a_field_that_can_not_be_is_refused(client: TestClient, body: dict[str, object], message: str) -> None:
    assert refused(client.post(FIELDS, json=body)) == (400, message)
    assert len(names(client)) == 4


@pytest.mark.parametrize(
    ("kind", "widgets"),
    [
        ("text", ["text", "long", "radio", "select one"]),
        ("text[]", ["select multiple", "check_multiple"]),
        ("numeric", ["number"]),
        ("boolean", ["checkbox"]),
        ("date", ["date"]),
        ("timestamp", ["date"]),
    ],
)
def test_each_type_has_its_widgets_the_first_of_them_by_default(
    client: TestClient, kind: str, widgets: list[str]
) -> None:
    assert ok(client.get(f"{FIELDS}/{create(client, 'x', field_type=kind)}"))["widget_type"] == widgets[0]
    for widget in widgets:
        create(client, f"with {widget}", field_type=kind, widget_type=widget)


def test_an_update_answers_the_id_and_changes_what_is_sent(client: TestClient) -> None:
    before = ok(client.get(f"{FIELDS}/202"))
    answer = client.put(f"{FIELDS}/202", json={"display_name": "Dish", "widget_type": "long"})
    assert (answer.status_code, answer.text) == (200, "202")
    assert ok(client.get(f"{FIELDS}/202")) == before | {"display_name": "Dish", "widget_type": "long"}


def test_a_renamed_field_keeps_its_values(client: TestClient) -> None:
    member_id = add(client, fields={"favorite_food": "tacos"})
    member(client, member_id)
    ok(client.put(f"{FIELDS}/202", json={"shortcut_name": "dish"}))
    assert member(client, member_id)["fields"] == {"dish": "tacos"}


def test_a_field_can_not_take_another_ones_name_but_keep_its_own(client: TestClient) -> None:
    answer = client.put(f"{FIELDS}/202", json={"shortcut_name": "last_name"})
    assert refused(answer) == (400, "shortcut_name is the name of another field")
    assert ok(client.put(f"{FIELDS}/202", json={"shortcut_name": "favorite_food"})) == 202


def test_a_field_can_not_lose_its_name(client: TestClient) -> None:
    answer = client.put(f"{FIELDS}/202", json={"shortcut_name": ""})
    assert refused(answer) == (400, "shortcut_name can not be empty")


def test_a_deleted_field_is_shown_only_with_deleted(client: TestClient) -> None:
    assert ok(client.delete(f"{FIELDS}/202")) is True
    assert "favorite_food" not in names(client)
    assert "favorite_food" in names(client, deleted="true")
    assert client.get(f"{FIELDS}/202").status_code == 404
    assert ok(client.get(f"{FIELDS}/202?deleted=true"))["deleted_at"] == NOW


def test_values_disappear_with_their_field_and_its_name_is_free(client: TestClient) -> None:
    member_id = add(client, fields={"favorite_food": "tacos", "first_name": "Ann"})
    member(client, member_id)
    ok(client.delete(f"{FIELDS}/202"))
    create(client, "favorite_food")
    assert member(client, member_id)["fields"] == {"first_name": "Ann"}


def test_clearing_takes_a_field_from_every_member_archived_ones_included(client: TestClient) -> None:
    members = [add(client, f"m{n}@shop.test", fields={"favorite_food": "pie", "first_name": "M"}) for n in (1, 2)]
    client.delete(f"/100/members/{members[1]}")
    assert ok(client.post(f"{FIELDS}/202/clear", json={})) is True
    assert [member(client, each, deleted=True)["fields"] for each in members] == [{"first_name": "M"}] * 2
    assert "favorite_food" in names(client)


@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/clear")])
@pytest.mark.parametrize("field_id", ["7", "202", "first_name", "9" * 5000])
def test_a_field_that_does_not_exist_is_404(client: TestClient, method: str, rest: str, field_id: str) -> None:
    ok(client.delete(f"{FIELDS}/202"))
    assert client.request(method, f"{FIELDS}/{field_id}{rest}").status_code == 404


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("text", "tacos", "tacos"),
        ("text", 7, "7"),
        ("text", True, "true"),
        ("text[]", ["S", "L"], ["S", "L"]),
        ("text[]", "S", ["S"]),
        ("numeric", 7, 7),
        ("numeric", 7.5, 7.5),
        ("numeric", " -7.5 ", -7.5),
        ("numeric", "12", 12),
        ("boolean", True, True),
        ("boolean", "False", False),
        ("boolean", 1, True),
        ("date", "2000-02-29", "@D:2000-02-29T00:00:00"),
        ("date", "@D:2000-02-29T00:00:00", "@D:2000-02-29T00:00:00"),
        ("date", "0001-01-01", "@D:0001-01-01T00:00:00"),
        ("timestamp", "2000-02-29 10:20:30", "@D:2000-02-29T10:20:30"),
        ("timestamp", "2000-02-29T10:20:30.123", "@D:2000-02-29T10:20:30"),
    ],
)
def test_a_value_is_shown_as_its_fields_type(client: TestClient, kind: str, value: object, shown: object) -> None:
    create(client, "x", field_type=kind)
    assert stored(client, x=value) == {"x": shown}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", ["tacos"]),
        ("text[]", 7),
        ("numeric", "many"),
        ("numeric", True),
        ("boolean", "maybe"),
        ("date", "soon"),
        ("date", "2001-02-29"),
        ("date", 20000101),
    ],
)
def test_a_value_that_the_type_does_not_allow_is_kept_as_given_and_noted(
    client: TestClient, kind: str, value: object
) -> None:
    create(client, "x", field_type=kind)
    member_id = add(client, fields={"x": value})
    assert "kept as given (emma.bad_field_value)" in notes(client)[0]
    assert member(client, member_id)["fields"] == {"x": value}


@pytest.mark.parametrize("nothing", [None, ""])
def test_null_and_the_empty_text_clear_a_value(client: TestClient, nothing: object) -> None:
    member_id = add(client, fields={"first_name": "Ann", "birthday": "2000-02-29"})
    update(client, member_id, fields={"first_name": nothing, "birthday": nothing, "last_name": nothing})
    assert member(client, member_id)["fields"] == {}
