"""What must hold for any account that goes out as a scenario and comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from emulator.emma.account import FIRST_ID
from emulator.emma.behaviours import BEHAVIOURS
from tests.conftest import ClientFactory
from tests.emma.calls import LAW, START, Call, begin_anew, calls, email, member_id
from tests.emma.importing import IMPORTS
from tests.emma.support import (
    FIELDS,
    GROUPS,
    MEMBERS,
    ok,
)
from tests.emma.telling import NOWHERE, WEBHOOKS
from tests.emma.traces import shown
from tests.round_trip import check_round_trip

_OF_JOBS = ("job_progress", "job_queue_seconds", "job_units_per_second")

switches = st.builds(
    lambda behaviour, number: Call(
        "PUT", "/_emulator/behaviours", {behaviour.id: behaviour.choices[number % len(behaviour.choices)]}
    ),
    st.sampled_from([each for each in BEHAVIOURS if each.choices and not each.fixed_at_start]).filter(
        lambda behaviour: not behaviour.id.endswith(_OF_JOBS)
    ),
    st.integers(0, 4),
)
_ACTIONS = "/_emulator/actions/emma"
actions = st.one_of(
    st.builds(lambda who: Call("POST", f"{_ACTIONS}/confirm", {"account": 100, "member_id": who}), member_id),
    st.builds(
        lambda who, mailing: Call(
            "POST", f"{_ACTIONS}/unsubscribe", {"account": 100, "member_id": who, "mailing_id": mailing}
        ),
        member_id,
        st.integers(1, 2000),
    ),
    st.builds(
        lambda who, hard, error: Call(
            "POST", f"{_ACTIONS}/bounce", {"account": 100, "member_id": who, "hard": hard, "error": error}
        ),
        member_id,
        st.booleans(),
        st.sampled_from(["", "full"]),
    ),
    st.builds(
        lambda who, sent: Call("POST", f"{_ACTIONS}/deliver", {"account": 100, "member_id": who, "sent": sent}),
        member_id,
        st.sampled_from(["@D:1900-01-01T00:00:00", "@D:2024-11-03T01:30:00", "@D:9998-12-31T23:59:59"]),
    ),
)
_ODD_TEXTS = ["", "x", "\x7f\u2028\ufeff", "\U0001f642", "null", "1e3", "x" * 1100, "a: b # c", "2010-11-12"]
odd = st.one_of(
    st.builds(
        lambda who, name, value: Call("POST", f"{MEMBERS}/add", {"email": who, "fields": {name: value}}),
        email,
        st.sampled_from(_ODD_TEXTS),
        st.sampled_from([*_ODD_TEXTS, 1e16, -0.0, 2**70, True, ["a", ""], {"a": 1}]),
    ),
    st.builds(
        lambda number, kind, name: Call(
            "PUT", f"{FIELDS}/{number}", {"field_type": kind, "display_name": name, "options": [name, "b"]}
        ),
        st.sampled_from([200, 203, FIRST_ID]),
        st.sampled_from(["text", "numeric", "text[]", "date", "boolean"]),
        st.sampled_from(_ODD_TEXTS),
    ),
    st.builds(
        lambda event, method, key: Call(
            "POST", WEBHOOKS, {"event": event, "url": NOWHERE, "method": method, "public_key": key}
        ),
        st.sampled_from(["member_add", "import_finish"]),
        st.sampled_from(["get", "POST"]),
        st.sampled_from(_ODD_TEXTS),
    ),
    st.builds(lambda number: Call("DELETE", f"{WEBHOOKS}/{number}"), st.integers(FIRST_ID, FIRST_ID + 1)),
)
histories = st.tuples(calls, st.lists(st.one_of(switches, actions, odd), max_size=8)).flatmap(
    lambda both: st.permutations([*both[0][len(START) :], *both[1]]).map(lambda mixed: [*START, *mixed])
)

# What makes a row of each kind.
NEXT = (
    Call("POST", f"{MEMBERS}/add", {"email": "next@shop.test", "fields": {"of its own": 1}}),
    Call("POST", GROUPS, {"groups": [{"group_name": "Next"}]}),
    Call("POST", FIELDS, {"shortcut_name": "next"}),
    Call("POST", WEBHOOKS, {"event": "field_create", "url": NOWHERE}),
    Call("POST", MEMBERS, {"members": [{"email": "later@shop.test"}]}),
    Call("POST", f"{MEMBERS}/signup", {"email": "next@shop.test", "group_ids": list(range(FIRST_ID, FIRST_ID + 9))}),
)
READS = (
    f"{MEMBERS}?deleted_only=true",
    f"{MEMBERS}?deleted=true&exclude_fields=true",
    f"{MEMBERS}?count=true",
    f"{MEMBERS}?deleted=true&count=true",
    f"{MEMBERS}?deleted_range=2024-01-01~",
    f"{GROUPS}?group_types=all&count=true",
    f"{FIELDS}?count=true",
    WEBHOOKS,
    f"{IMPORTS}?count=true",
    f"{MEMBERS}/email/ann@shop.test?deleted=true",
    f"{MEMBERS}/email/ANN@shop.test",
    "/_emulator/clock",
    "/_emulator/behaviours",
    "/_emulator/mail",
)


@pytest.fixture
def client(make_emma: ClientFactory) -> Iterator[TestClient]:
    """A client whose event loop lasts, because these tests make thousands of calls."""
    with make_emma() as client:
        yield client


@pytest.fixture
def fresh(make_emma: ClientFactory) -> Iterator[TestClient]:
    """Another emulator, in which everything is otherwise."""
    with make_emma(clock=None, behaviour=(("emma.paging_end", "inclusive"),)) as client:
        yield client


def everything(client: TestClient) -> list[str]:
    """All answers but those about what no scenario has."""
    return [
        *[text for text in shown(client) if not text.startswith(('{"jobs":', '{"entries":', '{"worlds":'))],
        *[client.get(path).text for path in READS],
        *[
            client.get(f"{IMPORTS}/{each['import_id']}/members?{query}").text
            for each in ok(client.get(IMPORTS))
            for query in ("added_only=true", "added_to_groups=true", "count=true&all=true")
        ],
    ]


@settings(LAW, max_examples=25)
@given(before=histories, after=calls)
def test_a_world_that_was_loaded_answers_and_goes_on_as_the_one_that_was_exported(
    client: TestClient, fresh: TestClient, before: list[Call], after: list[Call]
) -> None:
    begin_anew(client)
    for call in before:
        call.send(client)
    check_round_trip(client, fresh)
    assert everything(fresh) == everything(client)
    for call in (*NEXT, *after):
        answer = call.send(client)
        assert (answer.status_code, answer.content) == ((other := call.send(fresh)).status_code, other.content)
    assert everything(fresh) == everything(client)
