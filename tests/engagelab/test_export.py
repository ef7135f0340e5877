"""Lists of EngageLab as a scenario, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from emulator.engagelab.behaviours import BEHAVIOURS
from tests.conftest import ClientFactory
from tests.emma.calls import Call
from tests.engagelab.test_laws import LAW, members
from tests.round_trip import check_round_trip, exported, load
from tests.support import LISTS, MEMBERS, choose, create, get

_ODD = ["", "x y", "\x7f\u2028", "\U0001f642", "x" * 1100, "null", "1e3"]
odd_members = st.lists(
    st.fixed_dictionaries(
        {"email": st.sampled_from(["a@aa.test", "A@aa.test", "b b@aa.test", "no address"])},
        optional={
            "fields": st.dictionaries(st.sampled_from(["Age", "Birthday", "name", *_ODD]), st.sampled_from(_ODD)),
            "tags": st.lists(st.sampled_from(["vip", *_ODD]), max_size=3),
            "name": st.sampled_from(_ODD),
        },
    ),
    max_size=3,
)
batches = st.builds(
    lambda people, flag, update: Call(
        "POST", MEMBERS, {"members": people, "tag_flag": flag, "update_existing": update}
    ),
    st.one_of(members, odd_members),
    st.integers(0, 2),
    st.booleans(),
)
switches = st.builds(
    lambda behaviour, number: Call(
        "PUT", "/_emulator/behaviours", {behaviour.id: behaviour.choices[number % len(behaviour.choices)]}
    ),
    st.sampled_from([each for each in BEHAVIOURS if not each.fixed_at_start]),
    st.integers(0, 4),
)
WIDE_OPEN = {
    "engagelab.new_field_names": "any",
    "engagelab.new_tag_names": "any",
    "engagelab.bad_field_value": "keep",
    "engagelab.address_blanks": "accept",
}
DEFAULTS = {each.id: each.default for each in BEHAVIOURS}
deletions = st.builds(
    lambda text: Call(
        "DELETE",
        f"{MEMBERS}/delete",
        {"condition": {"relation": "and", "items": [{"field_name": "Email", "op": "contain", "value": text}]}},
    ),
    st.sampled_from("ab"),
)
advances = st.builds(lambda by: Call("POST", "/_emulator/clock/advance", {"by": by}), st.sampled_from([1, 0.25, 86400]))
histories = st.lists(
    st.one_of(
        batches, batches, switches, deletions, advances, st.just(Call("PUT", "/_emulator/behaviours", WIDE_OPEN))
    ),
    max_size=8,
)
NEXT = Call("POST", MEMBERS, {"members": [{"email": "next@aa.test", "tags": ["next"]}], "update_existing": True})
READS = (f"{LISTS}/list_members?limit=100", f"{LISTS}/list_members?limit=1&offset=1")


@pytest.fixture
def fresh(make_client: ClientFactory) -> Iterator[TestClient]:
    """Another emulator, in which everything is otherwise."""
    with make_client(behaviour=(("engagelab.list_order", "newest_first"),)) as client:
        yield client


def member_ids(client: TestClient) -> list[str]:
    rows = next(iter(client.post(READS[0]).json().values()))  # its key is a behaviour
    return [each["member_id"] for each in rows]


def everything(client: TestClient) -> list[str]:
    answers = [client.post(path) for path in READS]
    answers += [client.get(f"{MEMBERS}/{member_id}") for member_id in member_ids(client)]
    answers += [client.get(f"/_emulator/{path}") for path in ("clock", "behaviours")]
    return [answer.text for answer in answers]


@settings(LAW, max_examples=60, derandomize=True)
@given(before=histories, after=histories)
def test_a_world_that_was_loaded_answers_and_goes_on_as_the_one_that_was_exported(
    client: TestClient, fresh: TestClient, before: list[Call], after: list[Call]
) -> None:
    client.post("/_emulator/reset")
    for call in before:
        call.send(client)
    for member_id in member_ids(client)[:1]:
        client.post("/_emulator/actions/engagelab/unsubscribe", json={"account": "api_user", "member_id": member_id})
    check_round_trip(client, fresh)
    assert everything(fresh) == everything(client)
    for call in (NEXT, *after):
        answer, other = call.send(client), call.send(fresh)
        assert (answer.status_code, answer.content) == (other.status_code, other.content)
    assert everything(fresh) == everything(client)


def rows(client: TestClient, kind: str) -> list[dict[str, Any]]:
    """The rows of a kind in the export of the account that tests use."""
    found: list[dict[str, Any]] = json.loads(exported(client))["engagelab"]["accounts"][0][kind]
    return found


def test_a_row_says_only_what_would_else_be_otherwise(client: TestClient) -> None:
    member_id = create(client, "Ann@shop.test", fields={"Age": "31"}, tags=["vip"])
    assert rows(client, "members") == [
        {"member_id": member_id, "email": "Ann@shop.test", "fields": {"Age": "31"}, "tags": ["vip"]}
    ]
    assert "fields" not in json.loads(exported(client))["engagelab"]["accounts"][0]


def test_what_todays_choices_would_refuse_comes_back_as_it_is(client: TestClient, fresh: TestClient) -> None:
    for behaviour, choice in WIDE_OPEN.items():
        choose(client, behaviour.removeprefix("engagelab."), choice)
    member_id = create(client, "a b@shop.test", fields={"a field": "x", "Age": "old"}, tags=["a tag"])
    for behaviour in WIDE_OPEN:
        choose(client, behaviour.removeprefix("engagelab."), DEFAULTS[behaviour])
    check_round_trip(client, fresh)
    assert get(fresh, member_id) == get(client, member_id)


def test_other_rows_are_still_looked_at(client: TestClient) -> None:
    create(client, "ann@shop.test", fields={"Age": "31"})
    scenario = exported(client).replace(b'"Age":"31"', b'"Age":"old"')
    answer = client.put("/_emulator/state", content=scenario)
    assert (answer.status_code, "members[0].fields.Age must be a number" in answer.json()["error"]) == (400, True)


def test_the_key_is_in_it_only_if_that_is_asked_for(make_client: ClientFactory) -> None:
    client = make_client()
    load(client, b"engagelab: {accounts: [{api_user: api_user, api_key: s3cret}]}")
    assert b"s3cret" not in exported(client, "")
    load(client, exported(client))
    assert b"s3cret" in exported(client)
