"""What must hold for any members and any requests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from emulator.engagelab.tags import APPEND, OVERWRITE, SKIP, updated_tags
from tests.support import MEMBERS, found, save

LAW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)

tag_names = st.lists(st.sampled_from("abcde"), unique=True, max_size=5)
texts = st.one_of(st.none(), st.text("abA.", min_size=1, max_size=3))
member = st.fixed_dictionaries(
    {
        "email": st.from_regex(r"[abA]{1,3}@[ab]{2}\.test", fullmatch=True),
        "phone": texts,
        "name": texts,
        "fields": st.fixed_dictionaries(
            {
                "Gender": texts,
                "Age": st.one_of(st.none(), st.integers(-3, 12).map(str), st.just("2.50")),
                "Birthday": st.one_of(st.none(), st.dates().map(lambda day: f"{day.month:02}/{day.day:02}")),
            }
        ),
        "tags": st.lists(st.sampled_from(["vip", "old", "new"]), unique=True),
    }
)
members = st.lists(member, max_size=8, unique_by=lambda each: str(each["email"]).lower())

TEXT_OPERATORS = ["==", "!=", "exist", "contain", "does not contain"]
ORDER_OPERATORS = ["==", "!=", ">", ">=", "<", "<=", "exist"]
text_value = st.text("abA.", min_size=1, max_size=2)
item = st.one_of(
    st.tuples(st.sampled_from(["Email", "Name", "Phone", "Gender"]), st.sampled_from(TEXT_OPERATORS), text_value),
    st.tuples(st.just("Age"), st.sampled_from(ORDER_OPERATORS), st.sampled_from(["-3", "0", "2.5", "7", "12"])),
    st.tuples(st.just("Birthday"), st.sampled_from(ORDER_OPERATORS), st.sampled_from(["01/01", "02/29", "12/31"])),
    st.tuples(st.just("tag"), st.sampled_from(TEXT_OPERATORS), st.sampled_from(["vip", "old", "unknown"])),
).map(lambda each: (each[0], each[1], "true") if each[1] == "exist" else each)


def holds(person: dict[str, Any], name: str, op: str, value: str) -> bool:
    """A comparison as reference/engagelab.md sections 4.2 and 4.3 describe it, word by word."""
    if name == "tag":
        has = bool(person["tags"]) if op == "exist" else value in person["tags"]
        return not has if op in ("!=", "does not contain") else has
    actual = person["fields"][name] if name in person["fields"] else person[name.lower()]
    if op == "exist":
        return actual is not None
    if actual is None:
        return op in ("!=", "does not contain")
    left, right = comparable(name, actual), comparable(name, value)
    if op in ("contain", "does not contain"):
        return (right in left) == (op == "contain")
    comparisons: dict[str, bool] = {"==": left == right, "!=": left != right, ">": left > right, "<": left < right}
    return comparisons[op] if op in comparisons else comparisons[op[0]] or comparisons["=="]


def comparable(name: str, text: str) -> Any:
    if name == "Age":
        return Decimal(text)
    if name == "Birthday":
        return tuple(map(int, text.split("/")))
    return text.lower() if name == "Email" else text


@LAW
@given(people=members, items=st.lists(item, min_size=1, max_size=10), relation=st.sampled_from(["and", "or"]))
def test_a_condition_finds_what_a_plain_reading_of_it_finds(
    client: TestClient, people: list[dict[str, Any]], items: list[tuple[str, str, str]], relation: str
) -> None:
    client.post("/_emulator/reset")
    if people:
        assert save(client, *people)["error_count"] == 0
    every_or_some = all if relation == "and" else any
    expected = [each["email"] for each in people if every_or_some(holds(each, *item) for item in items)]
    assert found(client, *items, relation=relation) == expected


@LAW
@given(old=tag_names, given_names=st.one_of(st.none(), tag_names), flag=st.sampled_from([OVERWRITE, APPEND, SKIP]))
def test_tags_after_a_batch_follow_the_documented_table(
    old: list[str], given_names: list[str] | None, flag: int
) -> None:
    new = updated_tags(flag, tuple(old), None if given_names is None else tuple(given_names))
    assert len(new) == len(set(new))
    if given_names is None or flag == SKIP:
        assert new == tuple(old)
    elif flag == OVERWRITE:
        assert new == tuple(given_names)
    else:
        assert set(new) == {*old, *given_names}
        assert new[: len(old)] == tuple(old)
    assert updated_tags(flag, new, None if given_names is None else tuple(given_names)) == new


@LAW
@given(here=members, there=members)
def test_two_worlds_never_see_each_other(
    client: TestClient, here: list[dict[str, Any]], there: list[dict[str, Any]]
) -> None:
    for world in ("default", "other"):
        client.post(f"/_world/{world}/_emulator/reset")
    for world, people in (("default", here), ("other", there)):
        if people:
            body = {"members": people, "update_existing": True}
            client.post(f"/_world/{world}{MEMBERS}", json=body)
    for world, people in (("default", here), ("other", there)):
        answer = client.post(f"/_world/{world}/v1/marketing/lists/list_members?limit=100").json()
        assert [each["email"] for each in answer["result"]] == [each["email"] for each in people]


@LAW
@given(batches=st.lists(members.filter(bool), max_size=4))
def test_the_same_calls_at_the_same_time_give_the_same_bytes(
    client: TestClient, batches: list[list[dict[str, Any]]]
) -> None:
    def replay() -> list[bytes]:
        client.post("/_emulator/reset")
        answers = [client.post(MEMBERS, json={"members": batch, "update_existing": True}) for batch in batches]
        answers.append(client.post("/v1/marketing/lists/list_members?limit=100"))
        answers.append(client.get(f"{MEMBERS}/8"))
        return [answer.content for answer in answers]

    assert replay() == replay()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
any_member = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(["email", "phone", "name", "fields", "tags"], json_values)
)
any_item = st.fixed_dictionaries(
    {},
    optional={
        "field_name": json_values | st.sampled_from(["Email", "Age", "tag", "CreateTime"]),
        "op": json_values | st.sampled_from(ORDER_OPERATORS + TEXT_OPERATORS),
        "value": json_values,
    },
)
any_condition = st.fixed_dictionaries(
    {},
    optional={"relation": json_values | st.just("and"), "items": json_values | st.lists(any_item, max_size=3)},
)
any_request = st.fixed_dictionaries(
    {},
    optional={
        "members": json_values | st.lists(any_member, max_size=3),
        "update_existing": json_values,
        "tag_flag": json_values,
        "condition": json_values | any_condition,
        "fields": json_values,
        "tags": json_values,
    },
)


@settings(LAW, max_examples=400)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    path=st.sampled_from(["members", "members/8", "members/delete", "list_members", "listMembers"]),
    body=any_request | json_values,
)
def test_no_request_is_an_internal_error(client: TestClient, method: str, path: str, body: Any) -> None:
    answer = client.request(method, f"/v1/marketing/lists/{path}", json=body)
    assert answer.status_code in (200, 400, 404), answer.text
