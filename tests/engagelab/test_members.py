"""GET, PUT, PATCH and DELETE of one member, and DELETE of many."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from emulator.core.slices import Slices
from emulator.engagelab.members import delete_members
from emulator.engagelab.schemas import Condition, DeleteMembers
from tests.support import LISTS, MEMBERS, account_of, choose, condition, create, found, get, save

UNKNOWN = "6565c12a3b4e0d83d3f58ea0"
NOT_FOUND = {"code": 30036, "message": "resource not found"}


def total(client: TestClient) -> int:
    answer: int = client.post(f"{LISTS}/list_members").json()["total"]
    return answer


def test_a_member_has_its_keys_in_the_documented_order(client: TestClient) -> None:
    assert list(get(client, create(client))) == [
        "member_id",
        "list_id",
        "email",
        "phone",
        "name",
        "fields",
        "tag_ids",
        "tag_names",
        "create_time",
        "update_time",
        "unsubscribe_time",
    ]


def test_list_id_is_one_integer_per_account(client: TestClient) -> None:
    first, second = get(client, create(client, "a@shop.test")), get(client, create(client, "b@shop.test"))
    other = client.post(
        MEMBERS, json={"members": [{"email": "a@shop.test"}], "update_existing": True}, auth=("other", "key")
    ).json()["created_members"][0]["member_id"]
    theirs = client.get(f"{MEMBERS}/{other}", auth=("other", "key")).json()["result"]
    assert first["list_id"] == second["list_id"] != theirs["list_id"]


def test_an_account_does_not_see_another_accounts_members(client: TestClient) -> None:
    member_id = create(client)
    assert client.get(f"{MEMBERS}/{member_id}", auth=("other", "key")).json() == NOT_FOUND


def test_put_sets_what_is_sent_and_leaves_the_rest(client: TestClient) -> None:
    member_id = create(client, phone="1", name="Ann", fields={"Age": "31"}, tags=["a"])
    answer = client.put(f"{MEMBERS}/{member_id}", json={"name": "Bob", "fields": {"Plan": "x"}})
    assert (answer.status_code, answer.json()) == (200, {"count": 1})
    member = get(client, member_id)
    assert (member["phone"], member["name"], member["tag_names"]) == ("1", "Bob", ["a"])
    assert member["fields"] == {"Age": "31", "Plan": "x"}


def test_put_replaces_tags_and_an_empty_list_clears_them(client: TestClient) -> None:
    member_id = create(client, tags=["a", "b"])
    client.put(f"{MEMBERS}/{member_id}", json={"tags": ["b", "c", "b"]})
    assert get(client, member_id)["tag_names"] == ["b", "c"]
    client.put(f"{MEMBERS}/{member_id}", json={"tags": None})
    assert get(client, member_id)["tag_names"] == ["b", "c"]
    client.put(f"{MEMBERS}/{member_id}", json={"tags": []})
    assert get(client, member_id)["tag_names"] == []


def test_put_does_not_change_the_address(client: TestClient) -> None:
    member_id = create(client)
    client.put(f"{MEMBERS}/{member_id}", json={"email": "other@shop.test"})
    assert get(client, member_id)["email"] == "ann@shop.test"


def test_put_refuses_a_bad_value_and_changes_nothing(client: TestClient) -> None:
    member_id = create(client, name="Ann")
    answer = client.put(f"{MEMBERS}/{member_id}", json={"name": "Bob", "fields": {"Age": "old"}})
    assert (answer.status_code, answer.json()) == (400, {"code": 30915, "message": "fields.Age must be a number"})
    assert get(client, member_id)["name"] == "Ann"


@pytest.mark.parametrize(
    ("body", "code"),
    [("", 30900), ("[]", 30900), ('{"phone": 1}', 30913), ('{"name": 1}', 30914), ('{"tags": 1}', 30916)],
)
def test_put_refuses_a_bad_body(client: TestClient, body: str, code: int) -> None:
    answer = client.put(f"{MEMBERS}/{create(client)}", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_put_can_answer_with_the_member(client: TestClient) -> None:
    choose(client, "update_answer", "member")
    member_id = create(client, tags=["a"])
    answer = client.put(f"{MEMBERS}/{member_id}", json={"name": "Bob"}).json()
    assert (answer["member_id"], answer["name"], answer["tag_names"]) == (member_id, "Bob", ["a"])
    assert list(answer)[:3] == ["member_id", "list_id", "user_id"]


def test_delete_takes_the_member_away(client: TestClient) -> None:
    member_id = create(client)
    assert client.delete(f"{MEMBERS}/{member_id}").json() == {"count": 1}
    assert client.get(f"{MEMBERS}/{member_id}").json() == NOT_FOUND


def test_an_address_gets_a_new_id_after_its_member_was_deleted(client: TestClient) -> None:
    member_id = create(client)
    client.delete(f"{MEMBERS}/{member_id}")
    assert create(client) != member_id


@pytest.mark.parametrize("member_id", [UNKNOWN, "8", "delete", "%20", UNKNOWN.upper()])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_unknown_member_is_30036_under_status_200(client: TestClient, method: str, member_id: str) -> None:
    answer = client.request(method, f"{MEMBERS}/{member_id}", content="{}")
    assert (answer.status_code, answer.json()) == (200, NOT_FOUND)


@pytest.mark.parametrize("status", [200, 400, 404])
def test_the_status_of_30036_can_be_chosen(client: TestClient, status: int) -> None:
    choose(client, "not_found_status", str(status))
    for method in ("GET", "PUT", "DELETE"):
        answer = client.request(method, f"{MEMBERS}/{UNKNOWN}", content="{}")
        assert (answer.status_code, answer.json()) == (status, NOT_FOUND)


def test_deleting_nobody_can_count_zero(client: TestClient) -> None:
    assert client.delete(f"{MEMBERS}/{UNKNOWN}").json() == NOT_FOUND
    choose(client, "delete_unknown", "count_zero")
    assert client.delete(f"{MEMBERS}/{UNKNOWN}").json() == {"count": 0}


def test_a_malformed_id_can_be_refused(client: TestClient) -> None:
    choose(client, "malformed_member_id", "reject")
    answer = client.get(f"{MEMBERS}/8")
    assert (answer.status_code, answer.json()["code"]) == (400, 30912)
    assert client.get(f"{MEMBERS}/{UNKNOWN}").json() == NOT_FOUND


def test_patch_does_not_exist_unless_it_is_chosen(client: TestClient) -> None:
    member_id = create(client)
    answer = client.patch(f"{MEMBERS}/{member_id}", json={"name": "Bob"})
    assert (answer.status_code, answer.text) == (404, "not found")
    assert "PATCH" not in answer.headers["X-Emulator-Hint"]
    choose(client, "patch", "update")
    assert client.patch(f"{MEMBERS}/{member_id}", json={"name": "Bob"}).json() == {"count": 1}
    assert get(client, member_id)["name"] == "Bob"


def test_batch_delete_takes_those_that_match_and_counts_them(client: TestClient) -> None:
    save(client, {"email": "a@shop.test"}, {"email": "b@shop.test"}, {"email": "c@else.test"})
    body = {"condition": condition(("Domain", "==", "shop.test"))}
    assert client.request("DELETE", f"{MEMBERS}/delete", json=body).json() == {"count": 2}
    assert client.request("DELETE", f"{MEMBERS}/delete", json=body).json() == {"count": 0}
    assert total(client) == 1


@pytest.mark.parametrize("body", ["", "{}", "null", '{"condition": null}'])
def test_batch_delete_without_a_condition_deletes_all(client: TestClient, body: str) -> None:
    save(client, {"email": "a@shop.test"}, {"email": "b@shop.test"})
    assert client.request("DELETE", f"{MEMBERS}/delete", content=body).json() == {"count": 2}
    assert total(client) == 0


def test_batch_delete_without_a_condition_can_be_refused(client: TestClient) -> None:
    choose(client, "delete_without_condition", "reject")
    create(client)
    answer = client.request("DELETE", f"{MEMBERS}/delete")
    assert (answer.status_code, answer.json()) == (400, {"code": 30906, "message": "condition can not be empty"})
    assert total(client) == 1


def test_a_bad_condition_deletes_nobody(client: TestClient) -> None:
    create(client)
    body = {"condition": condition(("Email", "contain", "ann"), ("Age", "contain", "1"), relation="or")}
    assert client.request("DELETE", f"{MEMBERS}/delete", json=body).status_code == 400
    assert total(client) == 1


def test_a_tester_can_unsubscribe_a_member_who_stays_in_the_list(client: TestClient) -> None:
    member_id = create(client)
    action = {"account": "api_user", "member_id": member_id}
    answer = client.post("/_emulator/actions/engagelab/unsubscribe", json=action)
    assert answer.json() == {"member_id": member_id, "unsubscribe_time": "2024-05-01T20:00:00+0800"}
    assert get(client, member_id)["unsubscribe_time"] == "2024-05-01T20:00:00+0800"
    assert total(client) == 1


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ({"account": "api_user"}, 400),
        ({"account": "api_user", "member_id": UNKNOWN}, 404),
        ({"account": "nobody"}, 404),
    ],
)
def test_unsubscribing_nobody_says_so(client: TestClient, action: dict[str, str], status: int) -> None:
    create(client)
    answer = client.post("/_emulator/actions/engagelab/unsubscribe", json=action)
    assert answer.status_code == status
    assert answer.json()["error"]


def remaining(slices: Slices[int]) -> int:
    """The result when nobody else does anything any more."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            count: int = end.value
            return count


def test_a_batch_delete_of_many_leaves_what_others_changed_meanwhile(client: TestClient) -> None:
    """Deleting many members is done in slices, between which other requests are served."""
    for batch in range(5):
        save(client, *({"email": f"m{batch}-{number}@shop.test", "name": "old"} for number in range(1000)))
    account = account_of(client)
    request = DeleteMembers(condition=Condition(**condition(("Name", "==", "old"))))
    slices = delete_members(account, request)
    for _ in range(3):  # two pieces of the table are found, then the first portion is deleted
        next(slices)
    save(client, {"email": "m4-999@shop.test", "name": "new"}, {"email": "late@shop.test", "name": "old"})
    assert remaining(slices) == 4999
    assert found(client, ("Email", "exist", None)) == ["m4-999@shop.test", "late@shop.test"]
