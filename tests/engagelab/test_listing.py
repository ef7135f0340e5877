"""POST list_members and listMembers."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.support import LISTS, choose, save

LIST = f"{LISTS}/list_members"


def fill(client: TestClient, count: int) -> list[str]:
    """So many members; their addresses in the order of creation."""
    addresses = [f"member{number:03}@shop.test" for number in range(count)]
    save(client, *({"email": address} for address in addresses))
    return addresses


def page(client: TestClient, query: str = "") -> list[str]:
    answer = client.post(f"{LIST}?{query}")
    assert answer.status_code == 200, answer.text
    return [member["email"] for member in answer.json()["result"]]


def test_the_envelope_has_total_of_all_and_count_of_this_page(client: TestClient) -> None:
    fill(client, 15)
    answer = client.post(f"{LIST}?limit=10&offset=10").json()
    assert list(answer) == ["result", "total", "count"]
    assert (answer["total"], answer["count"], len(answer["result"])) == (15, 5, 5)


def test_ten_come_unless_told(client: TestClient) -> None:
    assert page(client) == []
    assert fill(client, 15)[:10] == page(client)


@pytest.mark.parametrize("body", ["", "  ", "{}", "null", '{"condition": null}'])
def test_no_condition_means_everybody(client: TestClient, body: str) -> None:
    fill(client, 3)
    assert client.post(LIST, content=body).json()["total"] == 3


def test_a_page_past_the_end_is_empty(client: TestClient) -> None:
    fill(client, 3)
    answer = client.post(f"{LIST}?offset=3").json()
    assert answer == {"result": [], "total": 3, "count": 0}


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("limit=0", 30903, "limit must be between 1 and 100"),
        ("limit=101", 30903, "limit must be between 1 and 100"),
        ("limit=ten", 30903, "limit must be an integer"),
        ("limit=", 30903, "limit must be an integer"),
        ("limit=1.0", 30903, "limit must be an integer"),
        ("offset=-1", 30904, "offset must be at least 0"),
        ("offset=99999999999999999999999", 30904, "offset must be an integer"),
    ],
)
def test_paging_out_of_range_is_refused(client: TestClient, query: str, code: int, message: str) -> None:
    answer = client.post(f"{LIST}?{query}")
    assert (answer.status_code, answer.json()) == (400, {"code": code, "message": message})


def test_paging_can_be_clamped(client: TestClient) -> None:
    choose(client, "paging_out_of_range", "clamp")
    everybody = fill(client, 120)
    assert page(client, "limit=101") == everybody[:100]
    assert page(client, "limit=0") == everybody[:1]
    assert page(client, "offset=-1") == everybody[:10]


def test_paging_in_the_body_is_not_read(client: TestClient) -> None:
    fill(client, 5)
    assert client.post(LIST, content=json.dumps({"limit": 1, "offset": 3})).json()["count"] == 5


def test_count_is_ignored_unless_it_is_chosen_to_mean_limit(client: TestClient) -> None:
    fill(client, 5)
    assert len(page(client, "count=2")) == 5
    assert len(page(client, "count=two")) == 5
    choose(client, "count_parameter", "limit")
    assert len(page(client, "count=2")) == 2
    assert len(page(client, "count=2&limit=3")) == 3
    assert client.post(f"{LIST}?count=two").json()["code"] == 30905


def test_the_list_can_be_called_list(client: TestClient) -> None:
    choose(client, "list_key", "list")
    assert list(client.post(LIST).json()) == ["list", "total", "count"]


def test_the_newest_can_come_first(client: TestClient) -> None:
    choose(client, "list_order", "newest_first")
    newest_first = fill(client, 25)[::-1]
    assert page(client, "limit=10") == newest_first[:10]
    assert page(client, "limit=10&offset=20") == newest_first[20:]
    body = {"condition": {"relation": "and", "items": [{"field_name": "Email", "op": "contain", "value": "member01"}]}}
    matching = [member["email"] for member in client.post(f"{LIST}?limit=3&offset=2", json=body).json()["result"]]
    assert matching == [address for address in newest_first if "member01" in address][2:5]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(count=st.integers(0, 60), limit=st.integers(1, 100), order=st.sampled_from(["oldest_first", "newest_first"]))
def test_pages_partition_the_list(client: TestClient, count: int, limit: int, order: str) -> None:
    client.post("/_emulator/reset")
    choose(client, "list_order", order)
    everybody = fill(client, count) if count else []
    pages = [page(client, f"limit={limit}&offset={offset}") for offset in range(0, count + limit, limit)]
    assert [address for each in pages for address in each] == (
        everybody if order == "oldest_first" else everybody[::-1]
    )
    assert all(len(each) == limit for each in pages[: count // limit])
