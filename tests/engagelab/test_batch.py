"""POST members."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.support import MEMBERS, account_of, choose, create, get, save

KEYS = ["created_count", "created_members", "updated_count", "updated_members", "error_count", "error_members"]


def error(client: TestClient, member: Any, **more: Any) -> str:
    """The message for the one member of a batch that is refused."""
    answer = client.post(MEMBERS, json={"members": [member], "update_existing": True, **more}).json()
    assert answer["error_count"] == len(answer["error_members"]) == 1, answer
    message: str = answer["error_members"][0]["message"]
    return message


def test_all_six_keys_are_there_even_when_nothing_happened(client: TestClient) -> None:
    assert list(save(client, {"email": "no address"})) == KEYS


def test_a_new_member_has_what_was_sent(client: TestClient) -> None:
    member_id = create(
        client, "Ann@Shop.test", phone="123", name="Ann", fields={"Age": "31", "Plan": "x"}, tags=["vip"]
    )
    member = get(client, member_id)
    assert (member["email"], member["phone"], member["name"]) == ("Ann@Shop.test", "123", "Ann")
    assert member["fields"] == {"Age": "31", "Plan": "x"}
    assert member["tag_names"] == ["vip"]


def test_creation_time_update_time_and_id_agree(client: TestClient) -> None:
    member = get(client, create(client))
    assert member["create_time"] == member["update_time"] == "2024-05-01T20:00:00+0800"
    assert int(member["member_id"][:8], 16) == 1714564800


def test_ids_of_one_batch_share_nine_bytes_and_count_on(client: TestClient) -> None:
    created = save(client, {"email": "a@shop.test"}, {"email": "b@shop.test"})["created_members"]
    first, second = (member["member_id"] for member in created)
    assert first[:18] == second[:18]
    assert int(second[18:], 16) == int(first[18:], 16) + 1


def test_one_bad_member_leaves_the_others_alone(client: TestClient) -> None:
    answer = save(client, {"email": "a@shop.test"}, {"email": "nonsense"}, {"email": "b@shop.test"})
    assert [member["email"] for member in answer["created_members"]] == ["a@shop.test", "b@shop.test"]
    assert answer["error_members"] == [{"email": "nonsense", "message": "email is not a valid email address"}]


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ({}, "email can not be empty"),
        ({"email": None}, "email can not be empty"),
        ({"email": ""}, "email can not be empty"),
        ({"email": 5}, "email must be a string"),
        ({"email": "a@shop.test", "phone": 5}, "phone must be a string"),
        ({"email": "a@shop.test", "name": []}, "name must be a string"),
        ({"email": "a@shop.test", "fields": []}, "fields must be an object"),
        ({"email": "a@shop.test", "tags": "vip"}, "tags must be a list"),
        ({"email": "a@shop.test", "tags": [1]}, "tags[0] must be a string"),
        ({"email": "a@shop.test", "tags": ["ok", "two words"]}, "tags[1] must have 1 to 64 letters"),
        ({"email": "a@shop.test", "fields": {"Age": "old"}}, "fields.Age must be a number"),
        ({"email": "a@shop.test", "fields": {"Birthday": "13/40"}}, "fields.Birthday must be a birthday"),
        ({"email": "a@shop.test", "fields": {"Plan": {}}}, "fields.Plan must be a string, a number or a boolean"),
        ({"email": "a@shop.test", "fields": {"Plan": []}}, "fields.Plan must be a string, a number or a boolean"),
        ({"email": "a@shop.test", "fields": {"two words": "x"}}, "fields.two words is no field name"),
        ({"email": "a@shop.test", "fields": {"Email": "x"}}, "fields.Email is a system attribute"),
        ("a@shop.test", "member must be an object"),
        (None, "member must be an object"),
    ],
)
def test_what_is_wrong_with_a_member_is_said(client: TestClient, member: Any, message: str) -> None:
    assert error(client, member).startswith(message)


def test_a_refused_member_leaves_no_tags_and_no_fields_behind(client: TestClient) -> None:
    error(client, {"email": "a@shop.test", "tags": ["new"], "fields": {"Plan": "x", "Age": "old"}})
    assert len(account_of(client).tags) == 0
    assert "Plan" not in account_of(client).fields


@pytest.mark.parametrize(
    ("behaviour", "member"),
    [
        ("new_tag_names", {"email": "a@shop.test", "tags": ["two words"]}),
        ("new_field_names", {"email": "a@shop.test", "fields": {"two words": "x"}}),
    ],
)
def test_the_rule_for_new_names_can_be_lifted(client: TestClient, behaviour: str, member: dict[str, Any]) -> None:
    error(client, member)
    choose(client, behaviour, "any")
    assert save(client, member)["created_count"] == 1


def test_two_spellings_of_a_new_field_are_one_field(client: TestClient) -> None:
    assert get(client, create(client, fields={"Plan": "x", "plan": "y"}))["fields"] == {"Plan": "y"}


def test_clearing_a_field_that_does_not_exist_makes_none(client: TestClient) -> None:
    create(client, fields={"Ghost": ""})
    assert "Ghost" not in account_of(client).fields


def test_remarks_on_one_request_do_not_grow_without_end(client: TestClient) -> None:
    choose(client, "unknown_fields", "drop")
    create(client, fields={f"field{number}": "x" for number in range(5000)})
    notes = client.get("/_emulator/journal?method=POST").json()["entries"][0]["notes"]
    assert len(notes) < 30
    assert notes[-1] == "and more"


def test_a_field_of_the_callers_is_not_mistaken_for_a_parameter(client: TestClient) -> None:
    answer = client.put(f"{MEMBERS}/{create(client)}", json={"fields": {"limit": {}}})
    assert answer.json()["code"] == 30915


def test_the_fiftieth_field_is_the_last(client: TestClient) -> None:
    # Email, Name and Phone count, and Gender, Birthday and Age exist.
    create(client, fields={f"field{number}": "x" for number in range(44)})
    assert "as many fields as it may" in error(client, {"email": "b@shop.test", "fields": {"one_more": "x"}})


def test_the_second_appearance_in_a_batch_is_an_error_in_any_letter_case(client: TestClient) -> None:
    answer = save(client, {"email": "a@shop.test", "name": "first"}, {"email": "A@shop.test", "name": "second"})
    assert answer["created_count"] == 1
    assert answer["error_members"] == [
        {"email": "A@shop.test", "message": "email appears more than once in this batch"}
    ]
    assert get(client, answer["created_members"][0]["member_id"])["name"] == "first"


def test_the_last_appearance_can_win(client: TestClient) -> None:
    choose(client, "repeated_member", "last")
    answer = save(client, {"email": "a@shop.test", "name": "first"}, {"email": "a@shop.test", "name": "second"})
    assert (answer["created_count"], answer["updated_count"], answer["error_count"]) == (1, 1, 0)
    assert get(client, answer["created_members"][0]["member_id"])["name"] == "second"


def test_a_member_is_known_by_its_address_in_any_letter_case(client: TestClient) -> None:
    member_id = create(client, "ann@shop.test")
    answer = save(client, {"email": "ANN@shop.test", "name": "Ann"})
    assert answer["updated_members"] == [{"email": "ANN@shop.test", "member_id": member_id}]
    assert get(client, member_id)["email"] == "ann@shop.test"


def test_letter_case_can_tell_members_apart(make_client: ClientFactory) -> None:
    client = make_client(behaviour=(("engagelab.email_case", "sensitive"),))
    assert save(client, {"email": "ann@shop.test"}, {"email": "ANN@shop.test"})["created_count"] == 2


def test_absent_and_null_stay_and_empty_clears(client: TestClient) -> None:
    full: dict[str, Any] = {"phone": "1", "name": "Ann", "fields": {"Age": "31", "Plan": "x"}, "tags": ["vip"]}
    member_id = create(client, **full)
    save(client, {"email": "ann@shop.test"})
    save(client, {"email": "ann@shop.test", "phone": None, "name": None, "fields": {"Age": None}, "tags": None})
    member = get(client, member_id)
    assert (member["phone"], member["name"], member["fields"], member["tag_names"]) == (
        "1",
        "Ann",
        {"Age": "31", "Plan": "x"},
        ["vip"],
    )
    save(client, {"email": "ann@shop.test", "phone": "", "name": "", "fields": {"Age": ""}})
    member = get(client, member_id)
    assert (member["phone"], member["name"], member["fields"]) == (None, None, {"Plan": "x"})


def test_fields_are_merged_key_by_key(client: TestClient) -> None:
    member_id = create(client, fields={"Age": "31", "Plan": "x"})
    save(client, {"email": "ann@shop.test", "fields": {"Plan": "y", "City": "z"}})
    assert get(client, member_id)["fields"] == {"Age": "31", "Plan": "y", "City": "z"}


def test_a_field_is_found_in_any_letter_case(client: TestClient) -> None:
    assert get(client, create(client, fields={"age": "31"}))["fields"] == {"Age": "31"}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(23, "23"), (12.5, "12.5"), (1e22, "10000000000000000000000"), (True, "true"), (False, "false"), ("x", "x")],
)
def test_numbers_and_booleans_are_kept_as_text(client: TestClient, sent: object, kept: str) -> None:
    assert get(client, create(client, fields={"Plan": sent}))["fields"] == {"Plan": kept}


def test_an_update_moves_the_update_time_only(client: TestClient) -> None:
    member_id = create(client)
    client.post("/_emulator/clock/advance", json={"by": "1h"})
    save(client, {"email": "ann@shop.test", "name": "Ann"})
    member = get(client, member_id)
    assert (member["create_time"], member["update_time"]) == ("2024-05-01T20:00:00+0800", "2024-05-01T21:00:00+0800")


def test_without_update_existing_an_existing_member_is_an_error_and_stays(client: TestClient) -> None:
    member_id = create(client, name="Ann", tags=["a"])
    message = error(client, {"email": "ann@shop.test", "name": "Bob", "tags": ["b"]}, update_existing=False)
    assert message == "email already exists and update_existing is false"
    member = get(client, member_id)
    assert (member["name"], member["tag_names"]) == ("Ann", ["a"])


def test_an_existing_member_can_be_passed_over_silently(client: TestClient) -> None:
    choose(client, "existing_member", "skip")
    create(client)
    answer = save(client, {"email": "ann@shop.test"}, update_existing=False)
    assert [answer[key] for key in KEYS] == [0, [], 0, [], 0, []]


def test_tags_can_be_applied_to_a_member_that_is_not_updated(client: TestClient) -> None:
    choose(client, "existing_member_tags", "apply")
    member_id = create(client, name="Ann", tags=["a"])
    save(client, {"email": "ann@shop.test", "name": "Bob", "tags": ["b"]}, update_existing=False)
    member = get(client, member_id)
    assert (member["name"], member["tag_names"]) == ("Ann", ["a", "b"])


def test_a_new_member_gets_its_tags_whatever_the_flag(client: TestClient) -> None:
    assert get(client, create(client, tags=["a"]))["tag_names"] == ["a"]
    answer = save(client, {"email": "b@shop.test", "tags": ["a"]}, tag_flag=2)
    assert get(client, answer["created_members"][0]["member_id"])["tag_names"] == ["a"]


def test_flag_2_can_hold_for_new_members_too(client: TestClient) -> None:
    choose(client, "new_member_tags", "obey_flag")
    answer = save(client, {"email": "b@shop.test", "tags": ["a"]}, tag_flag=2)
    assert get(client, answer["created_members"][0]["member_id"])["tag_names"] == []


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ("", 30900, "body can not be empty"),
        ("{", 30900, "body must be valid JSON"),
        ("[" * 100_000, 30900, "body must be valid JSON"),
        ('{"members": [{"email": "\\ud800"}]}', 30900, "body must be valid JSON"),
        ("null", 30900, "body must be a JSON object"),
        ("[]", 30900, "body must be a JSON object"),
        ('{"update_existing": true}', 30512, "members can not be empty"),
        ('{"members": null, "update_existing": true}', 30512, "members can not be empty"),
        ('{"members": [], "update_existing": true}', 30512, "members can not be empty"),
        ('{"members": {}, "update_existing": true}', 30512, "members must be a list"),
        ('{"members": [{}]}', 30901, "update_existing can not be empty"),
        ('{"members": [{}], "update_existing": null}', 30901, "update_existing can not be empty"),
        ('{"members": [{}], "update_existing": 1}', 30901, "update_existing must be true or false"),
        ('{"members": [{}], "update_existing": "true"}', 30901, "update_existing must be true or false"),
        ('{"members": [{}], "update_existing": true, "tag_flag": 3}', 30902, "tag_flag must be one of 0, 1, 2"),
        ('{"members": [{}], "update_existing": true, "tag_flag": "1"}', 30902, "tag_flag must be an integer"),
        ('{"members": [{}], "update_existing": true, "tag_flag": true}', 30902, "tag_flag must be an integer"),
    ],
)
def test_what_is_wrong_with_a_batch_is_said(client: TestClient, body: str, code: int, message: str) -> None:
    answer = client.post(MEMBERS, content=body)
    assert (answer.status_code, answer.json()) == (400, {"code": code, "message": message})


def test_more_than_a_thousand_members_are_refused_whole(client: TestClient) -> None:
    members = [{"email": f"a{number}@shop.test"} for number in range(1001)]
    answer = client.post(MEMBERS, json={"members": members, "update_existing": True})
    assert answer.status_code == 400
    assert answer.json() == {"code": 30515, "message": "members can not have more than 1000 entries"}
    assert client.post("/v1/marketing/lists/list_members").json()["total"] == 0


@pytest.mark.parametrize(("choice", "created", "updated"), [("true", 1, 1), ("false", 1, 0)])
def test_a_missing_update_existing_can_be_assumed(client: TestClient, choice: str, created: int, updated: int) -> None:
    choose(client, "missing_update_existing", choice)
    create(client)
    members = [{"email": "ann@shop.test"}, {"email": "b@shop.test"}]
    answer = client.post(MEMBERS, json={"members": members}).json()
    assert (answer["created_count"], answer["updated_count"]) == (created, updated)


def test_a_batch_without_members_can_be_accepted(client: TestClient) -> None:
    choose(client, "missing_members", "accept")
    assert client.post(MEMBERS, json={"update_existing": True}).json()["created_count"] == 0


def test_json_is_read_under_any_content_type(client: TestClient) -> None:
    body = '{"members": [{"email": "a@shop.test"}], "update_existing": true}'
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post(MEMBERS, content=body, headers=headers).json()["created_count"] == 1


def test_keys_that_nothing_reads_are_ignored(client: TestClient) -> None:
    assert save(client, {"email": "a@shop.test", "colour": 1}, trace="x")["created_count"] == 1


@pytest.mark.parametrize(("choice", "kept"), [("keep", {"Plan": "x"}), ("drop", {})])
def test_an_unknown_field_is_kept_or_dropped(client: TestClient, choice: str, kept: dict[str, str]) -> None:
    choose(client, "unknown_fields", choice)
    assert get(client, create(client, fields={"Plan": "x"}))["fields"] == kept


def test_an_unknown_field_can_be_refused(client: TestClient) -> None:
    choose(client, "unknown_fields", "reject")
    assert error(client, {"email": "a@shop.test", "fields": {"Plan": "x"}}) == "fields.Plan is no field of this list"


def test_what_is_dropped_stands_in_the_journal(client: TestClient) -> None:
    choose(client, "unknown_fields", "drop")
    choose(client, "unknown_tags", "drop")
    choose(client, "system_names_in_fields", "drop")
    assert get(client, create(client, fields={"Plan": "x", "email": "y"}, tags=["new"]))["tag_names"] == []
    notes = " ".join(client.get("/_emulator/journal?method=POST").json()["entries"][0]["notes"])
    assert all(word in notes for word in ("fields.Plan", "fields.email", "'new'"))


def test_an_unknown_tag_can_be_refused(client: TestClient) -> None:
    choose(client, "unknown_tags", "reject")
    assert error(client, {"email": "a@shop.test", "tags": ["new"]}) == "tags[0] is no tag of this list"


def test_a_bad_field_value_can_be_kept(client: TestClient) -> None:
    choose(client, "bad_field_value", "keep")
    assert get(client, create(client, fields={"Age": "old"}))["fields"] == {"Age": "old"}


def test_an_address_with_blanks_can_be_accepted(client: TestClient) -> None:
    assert "not a valid" in error(client, {"email": "a b@shop.test"})
    choose(client, "address_blanks", "accept")
    assert save(client, {"email": "a b@shop.test"})["created_count"] == 1
