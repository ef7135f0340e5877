"""Conditions: which operators fit, what they mean, and what is said when they do not."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from emulator.engagelab.attributes import OPERATORS, Kind
from tests.conftest import ClientFactory
from tests.support import LISTS, choose, condition, create, found, save

ALL_OPERATORS = ["==", "!=", ">", ">=", "<", "<=", "exist", "contain", "does not contain"]
TEXT_LIKE = {"==", "!=", "exist", "contain", "does not contain"}
ORDERED = {"==", "!=", ">", ">=", "<", "<=", "exist"}

# Field name, a value that fits it, the operators of reference/engagelab.md section 4.2.
MATRIX = [
    ("Email", "ann", TEXT_LIKE),
    ("Domain", "shop.test", TEXT_LIKE),
    ("Name", "Ann", TEXT_LIKE),
    ("Phone", "188", TEXT_LIKE),
    ("Gender", "Female", TEXT_LIKE),
    ("Note", "x", TEXT_LIKE),
    ("tag", "vip", TEXT_LIKE),
    ("Age", "25", ORDERED),
    ("Score", "2.50", ORDERED),
    ("Joined", "12/31/2023", ORDERED),
    ("Birthday", "03/30", ORDERED),
    ("Plan", "free", {"==", "!=", "exist"}),
    ("CreateTime", "2023-11-28", ORDERED),
    ("UpdateTime", "2023-11-28 18:30:02", ORDERED),
    ("UnsubscribeTime", "11/28/2023", ORDERED),
]

SCENARIO = """
engagelab:
  accounts:
    - api_user: api_user
      fields:
        - {field_name: Score, field_type: number}
        - {field_name: Joined, field_type: date}
        - {field_name: Left, field_type: date, format: DD/MM/YYYY}
        - {field_name: Plan, field_type: dropdown, options: [free, paid]}
        - {field_name: Note, field_type: text}
      tags: [{tag_id: 6565c12a3b4e0d83d3f50001, tag_name: vip}, {tag_id: 6565c12a3b4e0d83d3f50002, tag_name: old}]
      members:
        - member_id: 6565c12a3b4e0d83d3f58ea0
          email: Ann@Shop.test
          name: Ann
          phone: "18812345678"
          fields: {Age: "9", Score: "2.5", Joined: "01/31/2024", Left: "31/01/2024", Birthday: "02/29", Plan: free,
                   Note: "a.c"}
          tags: [vip, old]
        - member_id: 6565c12a3b4e0d83d3f58ea1
          email: bob@shop.test
          name: Bob
          fields: {Age: "12", Score: "10", Joined: "12/31/2023", Left: "01/02/2024", Birthday: "12/01", Plan: paid,
                   Note: "abc"}
          tags: [old]
          unsubscribe_time: "2024-01-02T03:04:05+0800"
        - member_id: 6565c12a3b4e0d83d3f58ea2
          email: cid@else.test
"""
ANN, BOB, CID = "Ann@Shop.test", "bob@shop.test", "cid@else.test"


@pytest.fixture
def people(make_client: ClientFactory, tmp_path: Any) -> TestClient:
    """Three members who differ in everything."""
    file = tmp_path / "people.yaml"
    file.write_text(SCENARIO)
    return make_client(scenario=(str(file),))


def refusal(client: TestClient, content: Any) -> tuple[int, str]:
    """Code and message."""
    answer = client.post(f"{LISTS}/list_members", json={"condition": content})
    assert answer.status_code == 400, answer.text
    return answer.json()["code"], answer.json()["message"]


@pytest.mark.parametrize("op", ALL_OPERATORS)
@pytest.mark.parametrize(("name", "value", "allowed"), MATRIX, ids=[row[0] for row in MATRIX])
def test_an_operator_is_accepted_exactly_where_it_fits(
    people: TestClient, name: str, value: str, allowed: set[str], op: str
) -> None:
    item = (name, op, None if op == "exist" else value)
    if op in allowed:
        found(people, item)
    else:
        code, message = refusal(people, condition(item))
        assert code == 30910
        assert message.startswith(f"condition.items[0].op does not fit {name}")
        assert all(each in message for each in allowed)


def test_every_kind_has_a_row_in_the_matrix() -> None:
    assert {frozenset(operators) for operators in OPERATORS.values()} == {frozenset(row[2]) for row in MATRIX}
    assert set(OPERATORS) == set(Kind)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        # texts
        (("Email", "==", "ann@SHOP.test"), [ANN]),
        (("Email", "contain", "SHOP"), [ANN, BOB]),
        (("Email", "does not contain", "shop"), [CID]),
        (("Domain", "==", "shop.test"), [ANN, BOB]),
        (("Domain", "contain", "else"), [CID]),
        (("Name", "==", "Ann"), [ANN]),
        (("Name", "==", "ann"), []),
        (("Name", "!=", "Ann"), [BOB, CID]),
        (("Name", "exist", None), [ANN, BOB]),
        (("Phone", "contain", "188"), [ANN]),
        (("Phone", "does not contain", "188"), [BOB, CID]),
        (("Note", "contain", "a.c"), [ANN]),
        # numbers are compared as numbers
        (("Age", "<", "12"), [ANN]),
        (("Age", ">=", "12"), [BOB]),
        (("Age", "!=", "9"), [BOB, CID]),
        (("Score", "==", "2.50"), [ANN]),
        (("Score", ">", "9.99"), [BOB]),
        (("Score", "<=", "-1"), []),
        # dates and birthdays by calendar
        (("Joined", "<", "01/01/2024"), [BOB]),
        (("Joined", "==", "1/31/2024"), [ANN]),
        (("Left", ">", "31/01/2024"), [BOB]),
        (("Birthday", "<", "12/01"), [ANN]),
        (("Birthday", "==", "2/29"), [ANN]),
        (("Birthday", "exist", ""), [ANN, BOB]),
        # choices and tags
        (("Plan", "==", "paid"), [BOB]),
        (("Plan", "!=", "paid"), [ANN, CID]),
        (("tag", "==", "vip"), [ANN]),
        (("Tag", "contain", "old"), [ANN, BOB]),
        (("TAG", "!=", "vip"), [BOB, CID]),
        (("tag", "does not contain", "old"), [CID]),
        (("tag", "exist", "true"), [ANN, BOB]),
        (("tag", "exist", "anything"), [ANN, BOB]),
        (("tag", "exist", "FALSE"), [CID]),
        (("tag", "==", "unknown"), []),
        (("tag", "!=", "unknown"), [ANN, BOB, CID]),
        # times: a day is one in UTC+8, a second is a second
        (("CreateTime", "==", "2023-11-28"), [ANN, BOB, CID]),
        (("createtime", "==", "2023-11-28T18:30:02+0800"), [ANN, BOB, CID]),
        (("createTime", ">", "2023-11-28"), []),
        (("CreateTime", ">=", "11/28/2023"), [ANN, BOB, CID]),
        (("CreateTime", "<=", "2023-11-28 18:30:01"), []),
        (("CreateTime", "<", "2023-11-28 18:30:03"), [ANN, BOB, CID]),
        (("UnsubscribeTime", "==", "2024-01-02"), [BOB]),
        (("UnsubscribeTime", "!=", "2024-01-02"), [ANN, CID]),
        (("UnsubscribeTime", "exist", None), [BOB]),
        (("UnsubscribeTime", "exist", "0"), [ANN, CID]),
        (("UnsubscribeTime", ">", "2024-01-03"), []),
        (("CreateTime", "<=", "9999-12-31"), [ANN, BOB, CID]),
        # names of custom fields in another case
        (("age", "==", "9"), [ANN]),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_a_condition_finds(people: TestClient, item: tuple[str, str, str | None], expected: list[str]) -> None:
    assert found(people, item) == expected


def test_all_items_must_hold_or_one(people: TestClient) -> None:
    items = [("Name", "==", "Ann"), ("Age", "==", "12")]
    assert found(people, *items) == []
    assert found(people, *items, relation="or") == [ANN, BOB]


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        ({}, 30907, "condition.relation can not be empty"),
        ([], 30906, "condition must be an object"),
        ({"relation": "xor", "items": []}, 30907, "condition.relation must be one of and, or"),
        ({"relation": "and"}, 30908, "condition.items can not be empty"),
        ({"relation": "and", "items": []}, 30908, "condition.items can not be empty"),
        ({"relation": "and", "items": {}}, 30908, "condition.items must be a list"),
        ({"relation": "and", "items": [7]}, 30908, "condition.items[0] must be an object"),
        (condition(*[("Email", "contain", "a")] * 11), 30908, "condition.items can not have more than 10 entries"),
        (condition(("", "==", "x")), 30909, "condition.items[0].field_name can not be empty"),
        (condition(("Email", "like", "x")), 30910, "condition.items[0].op must be one of ==, !=, >, >=, <, <=, exist"),
        (condition(("Email", "==", None)), 30911, "condition.items[0].value can not be empty"),
        (condition(("Email", "==", "")), 30911, "condition.items[0].value can not be empty"),
        (condition(("Email", "==", 5)), 30911, "condition.items[0].value must be a string"),
        (condition(("Age", "==", "old")), 30911, "condition.items[0].value must be a number"),
        (
            condition(("Birthday", "==", "13/40")),
            30911,
            "condition.items[0].value must be a birthday in the form MM/DD",
        ),
        (
            condition(("Joined", "==", "31/01/2024")),
            30911,
            "condition.items[0].value must be a date in the form MM/DD/YYYY",
        ),
        (condition(("Plan", "==", "gold")), 30911, "condition.items[0].value must be one of free, paid"),
        (condition(("CreateTime", "==", "noon")), 30911, "condition.items[0].value must be a time like"),
        (condition(("campaign", "==", "sent")), 30909, "condition.items[0].field_name can not be campaign"),
        (condition(("Email", "contain", "a"), ("Colour", "==", "x")), 30909, "condition.items[1].field_name must be"),
    ],
)
def test_what_is_wrong_with_a_condition_is_said(people: TestClient, content: Any, code: int, message: str) -> None:
    given_code, given_message = refusal(people, content)
    assert given_code == code
    assert given_message.startswith(message)


def test_ten_items_are_allowed(people: TestClient) -> None:
    assert found(people, *[("Email", "contain", "ann")] * 10) == [ANN]


def test_what_a_caller_sends_is_never_run_as_code(people: TestClient) -> None:
    hostile = "') or __import__('os').abort() or ('"
    assert found(people, ("Email", "contain", hostile)) == []
    choose(people, "unknown_condition_field", "text")
    assert found(people, (hostile, "==", hostile)) == []


def test_an_operator_that_does_not_fit_can_match_nobody(people: TestClient) -> None:
    choose(people, "operator_mismatch", "no_match")
    assert found(people, ("Age", "contain", "1")) == []
    assert found(people, ("Age", "contain", "1"), ("Name", "==", "Ann"), relation="or") == [ANN]


def test_an_unknown_field_can_be_a_text_that_nobody_has(people: TestClient) -> None:
    choose(people, "unknown_condition_field", "text")
    assert found(people, ("Colour", "==", "red")) == []
    assert found(people, ("Colour", "!=", "red")) == [ANN, BOB, CID]


def test_members_without_a_value_can_be_left_out_of_negations(people: TestClient) -> None:
    choose(people, "missing_value", "no_match")
    assert found(people, ("Name", "!=", "Ann")) == [BOB]
    assert found(people, ("Phone", "does not contain", "1")) == []
    assert found(people, ("Age", "!=", "9")) == [BOB]
    assert found(people, ("Plan", "!=", "paid")) == [ANN]
    assert found(people, ("tag", "!=", "vip")) == [BOB]
    assert found(people, ("UnsubscribeTime", "!=", "2020-01-01")) == [BOB]


def test_letter_case_of_texts_can_be_ignored(people: TestClient) -> None:
    choose(people, "text_case", "insensitive")
    assert found(people, ("Name", "==", "ANN")) == [ANN]
    assert found(people, ("Note", "contain", "A.C")) == [ANN]
    assert found(people, ("Name", "!=", "ANN")) == [BOB, CID]


def test_conditions_on_addresses_never_heed_letter_case(make_client: ClientFactory) -> None:
    client = make_client(behaviour=(("engagelab.email_case", "sensitive"),))
    create(client, "Ann@Shop.test")
    assert found(client, ("Email", "contain", "aNN")) == ["Ann@Shop.test"]
    assert found(client, ("Domain", "==", "shop.TEST")) == ["Ann@Shop.test"]


def test_the_value_of_exist_can_be_ignored(people: TestClient) -> None:
    choose(people, "exist_value", "ignore")
    assert found(people, ("Name", "exist", "false")) == [ANN, BOB]


def test_a_stored_value_that_can_not_be_read_counts_as_missing(client: TestClient) -> None:
    choose(client, "bad_field_value", "keep")
    save(client, {"email": "a@shop.test", "fields": {"Age": "old"}}, {"email": "b@shop.test", "fields": {"Age": "3"}})
    assert found(client, ("Age", ">", "1")) == ["b@shop.test"]
    assert found(client, ("Age", "!=", "3")) == ["a@shop.test"]
