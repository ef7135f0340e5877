"""What must hold for any account and any calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from emulator.core.operation import Operation
from emulator.core.store.memory import MemoryTable
from emulator.emma.account import FIRST_ID, EmmaAccount
from emulator.emma.behaviours import BEHAVIOURS
from emulator.emma.mobile import e164
from emulator.emma.operations import OPERATIONS
from emulator.emma.times import parse_second, wire_date
from tests.conftest import ClientFactory
from tests.emma.calls import LAW, Call, begin_anew, calls, filled, odd_bodies, odd_queries, odd_texts
from tests.emma.importing import IMPORTS, begin, people
from tests.emma.support import FIELDS, GROUPS, MEMBERS, account_of, archive, group, groups_of, ok, purge

EVERYONE = f"{MEMBERS}?deleted=true"
SERVED = (200, 400, 404)


@pytest.fixture
def client(make_emma: ClientFactory) -> Iterator[TestClient]:
    """A client whose event loop lasts, because these tests make thousands of calls."""
    with make_emma() as client:
        yield client


def listing(client: TestClient, path: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = ok(client.get(path))
    return listed


def ids(members: Iterable[dict[str, Any]]) -> list[int]:
    return [each["member_id"] for each in members]


@LAW
@given(calls=calls)
def test_archived_members_are_hidden_unless_they_are_asked_for(client: TestClient, calls: list[Call]) -> None:
    begin_anew(client)
    for call in calls:
        call.send(client)
        everyone = listing(client, EVERYONE)
        archived = [each for each in everyone if each["deleted_at"] is not None]
        assert listing(client, MEMBERS) == [each for each in everyone if each["deleted_at"] is None]
        assert listing(client, f"{MEMBERS}?deleted_only=true") == archived
        for each in archived:
            for path in (f"{MEMBERS}/{each['member_id']}", f"{MEMBERS}/email/{each['email']}"):
                assert client.get(path).status_code == 404
                assert ok(client.get(path, params={"deleted": True})) == each


@LAW
@given(calls=calls)
def test_groups_have_the_members_that_say_so_and_count_those_not_archived(
    client: TestClient, calls: list[Call]
) -> None:
    begin_anew(client)
    for call in calls:
        call.send(client)
        everyone = listing(client, EVERYONE)
        memberships = {each["member_id"]: groups_of(client, each["member_id"]) for each in everyone}
        for each in listing(client, f"{GROUPS}?group_types=all"):
            group_id = each["member_group_id"]
            inside = [person for person in everyone if group_id in memberships[person["member_id"]]]
            living = [person for person in inside if person["deleted_at"] is None]
            path = f"{GROUPS}/{group_id}/members"
            assert ids(listing(client, f"{path}?deleted=true")) == ids(inside)
            assert ids(listing(client, path)) == ids(living)
            counted = Counter(person["member_status_id"] for person in living)
            assert (each["active_count"], each["error_count"], each["optout_count"]) == tuple(
                counted[letter] for letter in "aeo"
            )


@settings(LAW, max_examples=60)
@given(calls=calls)
def test_indexes_agree_with_rows(client: TestClient, calls: list[Call]) -> None:
    begin_anew(client)
    for call in calls:
        call.send(client)
        account = account_of(client)
        for table in (account.members, account.groups, account.deliveries):
            check_indexes(table)


def check_indexes(table: object) -> None:
    assert isinstance(table, MemoryTable)
    rows = table.page(0, len(table))
    assert len(rows) == len(table)
    for name, (value, slots) in table._unique.items():
        assert table.find_many(name, slots) == {value(row): row for row in rows}
        assert len(slots) == len(rows)
    for name, (values, bitmaps) in table._ordered.items():
        assert bitmaps.keys() == {each for row in rows for each in values(row)}
        for each in bitmaps:
            having = [row for row in rows if each in values(row)]
            assert table.select(((name, each),), 0, len(table)) == having
            assert table.count(((name, each),)) == len(having)


@settings(LAW, max_examples=60)
@given(calls=calls)
def test_ids_ascend_and_are_never_given_twice(client: TestClient, calls: list[Call]) -> None:
    begin_anew(client)
    latest: Counter[str] = Counter()
    before: dict[str, set[int]] = {}
    for call in calls:
        call.send(client)
        for kind, now in all_ids(account_of(client)).items():
            new = now - before.get(kind, set())
            assert all(each > latest[kind] for each in new)
            latest[kind] = max(latest[kind], *now, 0)
            before[kind] = now


def all_ids(account: EmmaAccount) -> dict[str, set[int]]:
    return {
        "member": {row.member_id for row in account.members.page(0, len(account.members))},
        "group": {row.group_id for row in account.groups.page(0, len(account.groups))},
        "import": {row.import_id for row in account.imports.page(0, len(account.imports))},
        "field": set(account.fields),
    }


@LAW
@given(calls=calls)
def test_the_same_calls_at_the_same_time_give_the_same_bytes(client: TestClient, calls: list[Call]) -> None:
    for world in ("one", "other"):
        client.post(f"/_world/{world}/_emulator/reset")
    for call in (*calls, *(Call("GET", path) for path in (EVERYONE, GROUPS, FIELDS, IMPORTS))):
        assert call.send(client, "one").content == call.send(client, "other").content


@settings(LAW, max_examples=150)
@given(calls=calls)
def test_no_sequence_of_calls_is_an_internal_error(client: TestClient, calls: list[Call]) -> None:
    begin_anew(client)
    for call in calls:
        answer = call.send(client)
        assert answer.status_code in SERVED, answer.text


@settings(LAW, max_examples=300)
@given(
    operation=st.sampled_from(OPERATIONS),
    places=st.lists(odd_texts, min_size=2, max_size=2),
    query=odd_queries,
    body=odd_bodies,
)
def test_no_request_is_an_internal_error(
    client: TestClient, operation: Operation, places: list[str], query: dict[str, str], body: Any
) -> None:
    answer = client.request(operation.method, filled(operation.path, places), params=query, json=body)
    assert answer.status_code in SERVED, answer.text


# What identifies the rows of a listing, and how many `filled_client` has.
LISTINGS = {
    f"{MEMBERS}?": ("member_id", 514),
    f"{EVERYONE}&": ("member_id", 1028),
    f"{MEMBERS}?deleted_only=true&": ("member_id", 514),
    f"{GROUPS}?": ("member_group_id", 19),
    f"{GROUPS}/{FIRST_ID}/members?": ("member_id", 514),
    f"{IMPORTS}?": ("import_id", 21),
    f"{IMPORTS}/{FIRST_ID}/members?": ("member_id", 1028),
    f"{FIELDS}?": ("field_id", 23),
}


@pytest.fixture
def filled_client(client: TestClient) -> TestClient:
    """A client of an account whose members, groups and fields have gaps between them."""
    begin_anew(client)
    begin(client, *people(1200), group_ids=[group(client, f"Group {number}") for number in range(20)])
    purge(client, *range(FIRST_ID, FIRST_ID + 1200, 7))
    archive(client, *(number for number in range(FIRST_ID, FIRST_ID + 1200, 2) if (number - FIRST_ID) % 7))
    for number in range(20):
        begin(client)
        ok(client.post(FIELDS, json={"shortcut_name": f"field_{number}"}))
    for path in (f"{GROUPS}/{FIRST_ID + 3}", f"{FIELDS}/{FIRST_ID + 5}"):
        ok(client.delete(path))
    return client


@pytest.mark.parametrize("path", LISTINGS)
@settings(LAW, max_examples=15)
@given(data=st.data())
def test_any_pages_in_a_row_make_the_whole_list_in_the_order_of_ids(
    filled_client: TestClient, path: str, data: st.DataObject
) -> None:
    key, total = LISTINGS[path]
    assert ok(filled_client.get(f"{path}count=true")) == total
    cuts = data.draw(st.lists(st.integers(0, total), max_size=4))
    found = []
    for start, end in windows([0, *sorted(cuts), total]):
        page = listing(filled_client, f"{path}start={start}&end={end}")
        assert len(page) == end - start
        found += [each[key] for each in page]
    assert found == sorted(set(found))
    assert listing(filled_client, f"{path}start={total}") == []


def windows(bounds: list[int]) -> Iterator[tuple[int, int]]:
    """The spaces between these, in pieces that one page may have."""
    for start, end in pairwise(bounds):
        for first in range(start, end, 500):
            yield first, min(first + 500, end)


ZONES = next(each.choices for each in BEHAVIOURS if each.id == "emma.time_zone")
# The hours around the changes of 2024 in the United States, and any other second that a world can have.
seconds = st.one_of(st.integers(1710054000, 1710082800), st.integers(1730606400, 1730638800), st.integers(0, 2**32 - 1))


@settings(LAW, max_examples=1000)
@given(second=seconds, zone=st.sampled_from(ZONES))
def test_a_date_is_read_as_the_second_it_was_written_for(second: int, zone: str) -> None:
    date = wire_date(second, zone)
    # The hour that a clock shows twice in autumn is read as the first.
    first = second - 3600 if wire_date(second - 3600, zone) == date else second
    assert parse_second(date, zone) == first
    assert parse_second(date.removeprefix("@D:"), zone) == first


# \d has the digits of all scripts.
numbers = st.one_of(st.text("0123456789 ().-+", max_size=18), st.from_regex(r"[+1]?\d{10}", fullmatch=True))


@settings(LAW, max_examples=1000)
@given(text=numbers)
def test_a_normal_mobile_number_is_ascii_and_stays_as_it_is(text: str) -> None:
    number = e164(text)
    if number is not None:
        assert number.isascii()
        assert e164(number) == number
