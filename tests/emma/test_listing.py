"""GET members: which are listed, pages and counts. Pages are the same on every list."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.emma.support import FIELDS, GROUPS, MEMBERS, add, advance, archive, emails, member, notes, ok, refused


@pytest.fixture
def five(client: TestClient) -> TestClient:
    """Members m0 to m4; m3 and m4 were archived on the two following days."""
    ids = [add(client, f"m{number}@shop.test") for number in range(5)]
    for member_id in ids[3:]:
        advance(client, "1d")
        archive(client, member_id)
    return client


@pytest.fixture
def many(declared: ClientFactory) -> TestClient:
    members = ", ".join(f"{{email: m{number}@shop.test}}" for number in range(2103))
    return declared(f"emma: {{accounts: [{{account_id: 100, members: [{members}]}}]}}")


def numbers(client: TestClient, **query: object) -> str:
    """The members listed, as digits."""
    return "".join(email[1] for email in emails(client, **query))


def test_a_listing_shows_members_as_they_are_shown_alone(client: TestClient) -> None:
    member_id = add(client, fields={"first_name": "Ann"}, phone_number="2025550123")
    assert ok(client.get(MEMBERS)) == [member(client, member_id)]


def test_members_are_listed_in_the_order_of_their_ids(declared: ClientFactory) -> None:
    members = ", ".join(f"{{member_id: {number}, email: m{number}@shop.test}}" for number in (3, 1, 2))
    client = declared(f"emma: {{accounts: [{{account_id: 100, members: [{members}]}}]}}")
    assert numbers(client) == "123"


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ({}, "012"),
        ({"deleted": "true"}, "01234"),
        ({"deleted_only": "true"}, "34"),
        ({"deleted": "true", "deleted_only": "true"}, "34"),
        ({"deleted_range": "2024-05-02"}, "3"),
        ({"deleted_range": "2024-05-02~2024-05-03"}, "34"),
        ({"deleted_range": "~2024-05-02"}, "3"),
        ({"deleted_range": "2024-05-03~"}, "4"),
        ({"deleted_range": "~"}, "34"),
        ({"deleted_range": "2024-05-04~2024-05-09"}, ""),
        ({"deleted_range": "2024-05-03~2024-05-02"}, ""),
        ({"deleted": "true", "deleted_range": "2024-05-02"}, "3"),
    ],
)
def test_archived_members_are_listed_when_asked_for(five: TestClient, query: dict[str, str], listed: str) -> None:
    assert numbers(five, **query) == listed
    assert ok(five.get(MEMBERS, params=query | {"count": "true"})) == len(listed)


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("0001-01-01~9999-12-31", "34"),
        ("~9999-12-31", "34"),
        ("1800-01-01~", "34"),
        ("2024-05-03~9999-12-31", "4"),
        ("9999-12-31~", ""),
        ("9999-12-31", ""),
        ("0001-01-01", ""),
        ("~0001-01-01", ""),
    ],
)
def test_a_range_may_reach_as_far_as_the_calendar(five: TestClient, text: str, listed: str) -> None:
    assert numbers(five, deleted_range=text) == listed


def test_the_days_of_a_range_are_those_of_the_account(client: TestClient) -> None:
    advance(client, "16h59m59s")  # 23:59:59 in US Central time, the next day already in UTC
    archive(client, add(client))
    assert emails(client, deleted_range="2024-05-01") == ["ann@shop.test"]
    assert emails(client, deleted_range="2024-05-02") == []


@pytest.mark.parametrize("text", ["yesterday", "2024-02-30", "2024-05-01~soon", "2024-05-01~2024-05-02~2024-05-03"])
def test_a_range_of_what_are_no_days_is_refused(client: TestClient, text: str) -> None:
    answer = client.get(MEMBERS, params={"deleted_range": text})
    assert refused(answer) == (400, "deleted_range must be dates like 2013-01-01~2013-01-31")


def test_exclude_fields_leaves_out_the_fields_and_nothing_else(client: TestClient) -> None:
    whole = member(client, add(client, fields={"first_name": "Ann"}, phone_number="2025550123"))
    del whole["fields"]
    assert ok(client.get(MEMBERS, params={"exclude_fields": "1"})) == [whole]


@pytest.mark.parametrize(
    ("window", "listed"),
    [
        ({"start": 0, "end": 2}, "01"),
        ({"start": 2, "end": 4}, "2"),
        ({"start": 1}, "12"),
        ({"end": 1}, "0"),
        ({"start": 3, "end": 9}, ""),
        ({"start": 2, "end": 2}, ""),
        ({"start": 2, "end": 1}, ""),
        ({"start": -2, "end": 1}, ""),
        ({"start": 2, "end": 4, "deleted": "true"}, "23"),
        ({"start": 1, "end": 2, "deleted_range": "~"}, "4"),
    ],
)
def test_a_page_is_a_half_open_window_of_records(five: TestClient, window: dict[str, int], listed: str) -> None:
    assert numbers(five, **window) == listed


@pytest.mark.parametrize(
    ("window", "first", "size"),
    [
        ({}, 0, 500),
        ({"start": 500}, 500, 500),
        ({"start": 100, "end": 2100}, 100, 500),
        ({"end": 2103}, 0, 500),
        ({"start": 2100, "end": 2600}, 2100, 3),
    ],
)
def test_a_page_has_500_records_at_most(many: TestClient, window: dict[str, int], first: int, size: int) -> None:
    assert emails(many, **window) == [f"m{number}@shop.test" for number in range(first, first + size)]


def test_the_pages_together_have_every_member_once(many: TestClient) -> None:
    found = [email for start in range(0, 2500, 500) for email in emails(many, start=start, end=start + 500)]
    assert found == [f"m{number}@shop.test" for number in range(2103)]


def test_a_count_is_of_all_records_whatever_the_page(many: TestClient) -> None:
    assert ok(many.get(f"{MEMBERS}?count=true&start=5&end=6")) == 2103


@pytest.mark.parametrize("path", [MEMBERS, GROUPS, FIELDS, f"{MEMBERS}/imports"])
@pytest.mark.parametrize("query", ["start=one", "end=1.5", "count=many"])
def test_what_is_no_number_or_truth_is_refused(client: TestClient, path: str, query: str) -> None:
    name = query.partition("=")[0]
    wanted = "true or false" if name == "count" else "an integer"
    assert refused(client.get(f"{path}?{query}")) == (400, f"{name} must be {wanted}")


@pytest.mark.parametrize(
    ("path", "total"),
    [
        (MEMBERS, 4),
        (GROUPS, 3),
        (FIELDS, 4),
        (f"{GROUPS}/152/members", 4),
        (f"{MEMBERS}/200/groups", 3),
        (f"{MEMBERS}/200/mailings", 1),
        (f"{MEMBERS}/imports", 1),
        (f"{MEMBERS}/imports/200/members", 1),
    ],
)
def test_every_list_has_pages_and_a_count(documentation: TestClient, path: str, total: int) -> None:
    whole = ok(documentation.get(path))
    assert len(whole) == total
    assert ok(documentation.get(f"{path}?count=true")) == total
    assert ok(documentation.get(f"{path}?start=0&end=1")) == whole[:1]
    assert ok(documentation.get(f"{path}?start=1&end=3")) == whole[1:3]


def test_the_undocumented_filter_is_ignored_with_a_remark(five: TestClient) -> None:
    assert numbers(five, filter='["member_status_id","eq","o"]') == "012"
    assert "filter" in notes(five)[0]
