"""Calls of account 100 that any caller could make, about so few addresses, ids and groups that they collide."""

from __future__ import annotations

from typing import Any, NamedTuple

import httpx2
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from starlette.testclient import TestClient

from emulator.emma.account import FIRST_ID
from tests.emma.support import FIELDS, GROUPS, MEMBERS, choose

ADVANCE = "/_emulator/clock/advance"
LAW = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None, derandomize=True
)


def begin_anew(client: TestClient, progress: str = "immediate") -> None:
    """An empty account, whose jobs proceed so."""
    client.post("/_emulator/reset")
    choose(client, "job_progress", progress)


class Call(NamedTuple):
    """`body` is None where the call has none."""

    method: str
    path: str
    body: Any = None

    def send(self, client: TestClient, world: str = "default") -> httpx2.Response:
        body = {} if self.body is None else {"json": self.body}
        return client.request(self.method, f"/_world/{world}{self.path}", **body)


def call(method: str, path: str, **body: SearchStrategy[Any]) -> SearchStrategy[Call]:
    """A call with these keys in its body; what is called `maybe_...` may be left out. `path` may name strategies."""
    needed = {key: value for key, value in body.items() if not key.startswith("maybe_")}
    others = {key.removeprefix("maybe_"): value for key, value in body.items() if key not in needed}
    bodies = st.fixed_dictionaries(needed, optional=others) if body else st.none()
    names = [name for name in PLACES if f"{{{name}}}" in path]
    places = st.fixed_dictionaries({name: PLACES[name] for name in names})
    return st.builds(lambda places, body: Call(method, path.format(**places), body), places, bodies)


# Of each there are some that exist at the start, and one or two that calls may make.
member_id = st.integers(FIRST_ID, FIRST_ID + 4)
group_id = st.integers(FIRST_ID, FIRST_ID + 3)
field_id = st.sampled_from([200, 203, FIRST_ID, FIRST_ID + 1])
letter = st.sampled_from("aeo")
email = st.sampled_from(["ann@shop.test", "Ann@shop.test", "bob@shop.test", "eve+1@shop.test", "no address"])

PLACES: dict[str, SearchStrategy[Any]] = {
    "member": member_id,
    "group": group_id,
    "other_group": group_id,
    "field": field_id,
    "email": email.map(lambda text: text.replace(" ", "%20")),
    "status": st.sampled_from("aefo"),
    "other_status": st.sampled_from("aefox"),
    "letter": letter,
}

member_ids = st.lists(member_id, max_size=3)
group_ids = st.lists(group_id, max_size=3)
letters = st.lists(letter, max_size=3)
phone = st.sampled_from(["1234567890", "+441234567890", "nonsense"])
field_values = st.fixed_dictionaries(
    {},
    optional={
        "first_name": st.sampled_from(["Ann", "", None, 7]),
        "birthday": st.sampled_from(["2010-11-12", "@D:2010-11-12T11:23:45", "soon", None]),
        "points": st.sampled_from([1, "2.50", "many", "9" * 40]),
        "unknown": st.just("x"),
    },
)
import_row = st.fixed_dictionaries(
    {},
    optional={
        "email": st.sampled_from(
            ["ann@shop.test", "ANN@shop.test", "bob@shop.test", "zoe@shop.test", "no address", "", " "]
        ),
        "fields": field_values,
        "first_name": st.sampled_from(["Flat", None]),
        "sms": st.fixed_dictionaries({"phone_number": phone}),
    },
)

_MEMBER_CALLS = (
    call("POST", f"{MEMBERS}/add", email=email, maybe_fields=field_values, maybe_group_ids=group_ids),
    call("POST", f"{MEMBERS}/add", email=email, maybe_phone_number=phone),
    call("POST", f"{MEMBERS}/signup", email=email, group_ids=group_ids),
    call("POST", MEMBERS, members=st.lists(import_row, max_size=5), group_ids=group_ids, maybe_add_only=st.booleans()),
    call("PUT", f"{MEMBERS}/{{member}}", email=email),
    call("PUT", f"{MEMBERS}/{{member}}", maybe_status_to=letter, maybe_fields=field_values),
    call("PUT", f"{MEMBERS}/delete", member_ids=member_ids),
    call("DELETE", f"{MEMBERS}/{{member}}"),
    call("DELETE", f"{MEMBERS}?member_status_id={{letter}}"),
    call("PUT", f"{MEMBERS}/status", member_ids=member_ids, status_to=letter),
    call("PUT", f"{MEMBERS}/status/{{status}}/to/{{other_status}}", maybe_group_id=group_id),
    call("PUT", f"{MEMBERS}/email/optout/{{email}}"),
    call("POST", f"{MEMBERS}/purge", member_ids=member_ids),
    call("PUT", f"{MEMBERS}/purgeall", maybe_member_status_id=letter, maybe_member_group_id=group_id),
)
_GROUP_CALLS = (
    call("POST", GROUPS, groups=st.just([{"group_name": "One"}, {"group_name": "Two"}])),
    call("DELETE", f"{GROUPS}/{{group}}"),
    call("PUT", f"{MEMBERS}/{{member}}/groups", group_ids=group_ids),
    call("PUT", f"{MEMBERS}/{{member}}/groups/remove", group_ids=group_ids),
    call("DELETE", f"{MEMBERS}/{{member}}/groups"),
    call("PUT", f"{MEMBERS}/groups/remove", member_ids=member_ids, group_ids=group_ids),
    call("PUT", f"{MEMBERS}/{{group}}/copy", member_status_id=letters),
    call("PUT", f"{GROUPS}/{{group}}/members", member_ids=member_ids),
    call("PUT", f"{GROUPS}/{{group}}/members/remove", member_ids=member_ids),
    call("DELETE", f"{GROUPS}/{{group}}/members"),
    call("DELETE", f"{GROUPS}/{{group}}/members/remove?member_status_id={{letter}}"),
    call("DELETE", f"{GROUPS}/{{group}}/members/remove?member_status_id={{letter}}&delete_members=true"),
    call("PUT", f"{GROUPS}/{{group}}/{{other_group}}/members/copy", maybe_member_status_id=letters),
)
_OTHER_CALLS = (
    call("POST", FIELDS, shortcut_name=st.just("points"), field_type=st.sampled_from(["numeric", "text", "text[]"])),
    call("DELETE", f"{FIELDS}/{{field}}"),
    call("POST", f"{FIELDS}/{{field}}/clear"),
    call("POST", ADVANCE, by=st.integers(1, 3)),
)

# A start with groups and members makes calls about them find something.
START = (
    Call("POST", GROUPS, {"groups": [{"group_name": "First"}, {"group_name": "Second"}]}),
    Call("POST", f"{MEMBERS}/add", {"email": "ann@shop.test", "group_ids": [FIRST_ID]}),
    Call("POST", f"{MEMBERS}/add", {"email": "bob@shop.test", "group_ids": [FIRST_ID + 1]}),
    Call("POST", f"{MEMBERS}/add", {"email": "no address", "group_ids": [FIRST_ID, FIRST_ID + 1]}),
)
calls = st.lists(st.one_of(*_MEMBER_CALLS, *_GROUP_CALLS, *_OTHER_CALLS), min_size=3, max_size=10).map(
    lambda made: [*START, *made]
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
_KEYS = (
    "email fields group_ids member_ids status_to member_status_id group_id members groups group_name sms phone_number "
    "source_filename add_only criteria shortcut_name field_type column_order options"
)
_QUERY = "start end count deleted deleted_range group_types member_status_id"
odd_texts = st.sampled_from(["a", "x", "200", "1024", "@", "%00", "\u0663", "-1", "9" * 30, "9" * 5000])
odd_queries = st.dictionaries(st.sampled_from(_QUERY.split()), odd_texts, max_size=3)
odd_bodies = json_values | st.dictionaries(st.sampled_from(_KEYS.split()), json_values, max_size=5)


def filled(path: str, places: list[str]) -> str:
    """The path of an operation, with these in the places of its parameters."""
    left = iter(places)
    parts = path.replace("{account_id}", "100").split("/")
    return "/".join(next(left) if part.startswith("{") else part for part in parts)
