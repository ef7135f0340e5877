"""What must hold for any import, whatever its pace and whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from emulator.emma.account import FIRST_ID, EmmaAccount
from tests.conftest import ClientFactory
from tests.emma.calls import LAW, Call, begin_anew, calls, import_row
from tests.emma.importing import IMPORTS, LONG_ENOUGH, begin, detail, jobs
from tests.emma.support import MEMBERS, account_of, advance, choose, group, ok, purge
from tests.support import world_of

SUMMANDS = ("num_duplicates", "num_skipped", "num_members_added", "num_members_updated")

rows = st.lists(import_row, max_size=8)
# Enough rows for an import to be read and saved in several pieces; every address returns after `distinct` rows.
counts = st.integers(0, 700)
distinct = st.integers(1, 700)
steps = st.lists(st.sampled_from([0.1, 0.3, 1, 5, 10]), max_size=6)


@pytest.fixture
def client(make_emma: ClientFactory) -> Iterator[TestClient]:
    """A client whose event loop lasts, because these tests make thousands of calls."""
    with make_emma() as client:
        yield client


def many(count: int, distinct: int) -> list[dict[str, str]]:
    return [{"email": f"m{number % distinct}@shop.test", "first_name": str(number)} for number in range(count)]


def begin_slowly(client: TestClient) -> None:
    """An empty account whose imports do 100 rows a second."""
    begin_anew(client, "time")
    choose(client, "job_units_per_second", "100")


def people(client: TestClient) -> dict[str, dict[str, Any]]:
    """Members by address, without their ids."""
    listed = ok(client.get(MEMBERS, params={"deleted": True}))
    return {each["email"].lower(): {**each, "member_id": 0} for each in listed}


@settings(LAW, max_examples=60)
@given(before=calls, rows=rows, add_only=st.booleans(), in_group=st.booleans())
def test_an_import_is_the_last_row_of_each_address_added_by_itself(
    client: TestClient, before: list[Call], rows: list[dict[str, Any]], add_only: bool, in_group: bool
) -> None:
    # Where the documents let them differ: rows of one address are not merged, add_only leaves members alone, and the
    # order of new ids is open. Opt-outs survive both ways.
    group_ids = [FIRST_ID] if in_group else []
    last_rows = {row["email"].lower(): row for row in rows if row.get("email", "").strip()}

    def prepare() -> None:
        begin_anew(client)
        for call in before:
            call.send(client)

    prepare()
    ok(client.post(MEMBERS, json={"members": rows, "add_only": add_only, "group_ids": group_ids}))
    imported = people(client)
    prepare()
    known = people(client)
    for address, row in last_rows.items():
        if add_only and address in known and known[address]["deleted_at"] is None:
            continue
        fields = {"first_name": row["first_name"]} if "first_name" in row else {}
        answer = client.post(
            f"{MEMBERS}/add",
            json={
                "email": row["email"],
                "fields": fields | row.get("fields", {}),
                "group_ids": group_ids,
                "sms": row.get("sms"),
            },
        )
        assert answer.status_code in (200, 400), answer.text
    assert people(client) == imported


@settings(LAW, max_examples=60)
@given(before=calls, rows=rows, add_only=st.booleans())
def test_import_counters_say_what_became_of_the_members(
    client: TestClient, before: list[Call], rows: list[dict[str, Any]], add_only: bool
) -> None:
    begin_anew(client)
    for call in before:
        call.send(client)
    known = people(client)
    import_id = begin(client, *rows, add_only=add_only)
    changed = ok(client.get(f"{IMPORTS}/{import_id}/members"))
    state = detail(client, import_id)
    now = people(client)
    addresses = [row["email"].lower() for row in rows if row.get("email", "").strip()]
    assert state["num_members"] == len(rows)
    assert state["num_duplicates"] == len(addresses) - len(set(addresses))
    assert state["num_members_added"] == len(now) - len(known)
    assert state["num_members_added"] == len([each for each in changed if each["change_type"] == "a"])
    assert state["num_members_updated"] == len([each for each in changed if each["change_type"] in "un"])
    assert sum(state[each] for each in SUMMANDS) == len(rows)
    assert all(now[each["email"].lower()]["deleted_at"] is None for each in changed)


@LAW
@given(count=counts, distinct=distinct, steps=steps)
def test_import_counters_add_up_however_the_clock_is_advanced(
    client: TestClient, count: int, distinct: int, steps: list[float]
) -> None:
    begin_anew(client)
    at_once = detail(client, begin(client, *many(count, distinct)))
    members = ok(client.get(MEMBERS))
    begin_slowly(client)
    import_id = begin(client, *many(count, distinct))
    for step in [*steps, LONG_ENOUGH]:
        advance(client, step)
        state = detail(client, import_id)
        assert sum(state[each] for each in SUMMANDS) <= count
        assert [job["done"] <= job["total"] == count for job in jobs(client)] == [True]
    assert sum(state[each] for each in SUMMANDS) == count
    dates = ("import_started", "import_finished")
    assert without(state, *dates) == without(at_once, *dates)
    dates = ("member_since", "last_modified_at")
    assert [without(each, *dates) for each in ok(client.get(MEMBERS))] == [without(each, *dates) for each in members]


def without(answer: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key not in keys}


@LAW
@given(count=counts, distinct=distinct, step=st.sampled_from([0.1, 1, 5]), calls=calls, gone=st.integers(0, 20))
def test_import_counters_add_up_whatever_happens_meanwhile(
    client: TestClient, count: int, distinct: int, step: float, calls: list[Call], gone: int
) -> None:
    begin_slowly(client)
    for number in range(0, gone, 2):
        ok(client.post(f"{MEMBERS}/add", json={"email": f"m{number}@shop.test"}))
    import_id = begin(client, *many(count, distinct))
    advance(client, step)
    for call in calls:
        call.send(client)
    purge(client, *range(FIRST_ID, FIRST_ID + gone))
    advance(client, 2 * LONG_ENOUGH)
    state = detail(client, import_id)
    assert state["status"] == "o"
    assert state["num_members"] == count
    assert sum(state[each] for each in SUMMANDS) == count
    assert all(job["done"] <= job["total"] for job in jobs(client))


@LAW
@given(count=counts, distinct=distinct, step=st.sampled_from([0.1, 0.3, 1, 3, 5]), also=st.integers(0, 3))
def test_a_world_copied_in_the_middle_of_an_import_finishes_by_itself(
    client: TestClient, count: int, distinct: int, step: float, also: int
) -> None:
    begin_slowly(client)
    group_id = group(client)
    begin(client, *many(count, distinct), group_ids=[group_id])
    advance(client, step)
    world = world_of(client)
    for job in world.jobs.pending()[:also]:
        job.proceed(world.clock.now())
    twin = world.copy("twin")
    at_copying = everything(twin_account(twin))
    advance(client, LONG_ENOUGH)
    assert everything(twin_account(twin)) == at_copying
    finished = everything(account_of(client))
    client.post("/_emulator/reset")
    twin.clock.advance(LONG_ENOUGH)
    for _ in twin.jobs.catch_up(twin.clock.now()):
        pass
    assert everything(twin_account(twin)) == finished
    assert ok(client.get(MEMBERS)) == []


def twin_account(world: Any) -> EmmaAccount:
    account = world.accounts["emma"].known("100")
    assert isinstance(account, EmmaAccount)
    return account


def everything(account: EmmaAccount) -> list[object]:
    """All rows, and what imports did."""
    tables = (account.members, account.groups, account.imports)
    return [*(table.page(0, len(table)) for table in tables), list(account.affected[FIRST_ID])]


@LAW
@given(count=counts, step=st.sampled_from([0.1, 1, 3]))
def test_a_reset_in_the_middle_of_an_import_leaves_nothing_of_it(client: TestClient, count: int, step: float) -> None:
    begin_slowly(client)
    begin(client, *many(count, count + 1))
    advance(client, step)
    begin_slowly(client)
    advance(client, LONG_ENOUGH)
    assert jobs(client) == []
    assert ok(client.get(MEMBERS)) == ok(client.get(IMPORTS)) == []
    assert begin(client, {"email": "ann@shop.test"}) == FIRST_ID
