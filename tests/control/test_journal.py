"""Reading the journal."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.support import LISTS, MEMBERS, create


def entries(client: TestClient, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/_emulator/journal?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


def test_an_entry_says_what_was_asked_and_answered(client: TestClient) -> None:
    create(client)
    (entry,) = entries(client)
    assert entry["id"] == 1
    assert (entry["method"], entry["path"], entry["status"]) == ("POST", MEMBERS, 200)
    assert (entry["vendor"], entry["operation"]) == ("engagelab", "engagelab.members.save")
    assert entry["account"] == "api_user"
    assert entry["at"] == "2024-05-01T12:00:00Z"
    assert entry["request"]["members"] == [{"email": "ann@shop.test"}]
    assert entry["response"]["created_count"] == 1


def test_a_body_that_is_no_json_is_shown_as_text(client: TestClient) -> None:
    client.post(MEMBERS, content=b"\xffnonsense")
    assert entries(client)[0]["request"] == "\ufffdnonsense"


def test_misses_name_the_nearest_operations(client: TestClient) -> None:
    answer = client.get(f"{LISTS}/member/6565c12a3b4e0d83d3f58ea0")
    assert (answer.status_code, answer.text) == (404, "not found")
    (entry,) = entries(client, "matched=false")
    assert entry["operation"] is None
    assert "engagelab.members.get (GET /v1/marketing/lists/members/{member_id})" in entry["hint"]
    assert answer.headers["X-Emulator-Hint"] == entry["hint"]


def test_a_wrong_method_names_the_operations_of_that_path(client: TestClient) -> None:
    answer = client.get(MEMBERS)
    assert answer.status_code == 404
    assert "engagelab.members.save (POST /v1/marketing/lists/members)" in answer.headers["X-Emulator-Hint"]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [1, 2, 3, 4]),
        ("limit=2", [3, 4]),
        ("after=2", [3, 4]),
        ("method=get", [2]),
        ("status=401", [3]),
        ("operation=engagelab.members.list", [3]),
        ("vendor=engagelab", [1, 2, 3]),
        ("account=api_user", [1, 2]),
        ("path=nowhere", [4]),
        ("matched=true", [1, 2, 3]),
        ("method=GET&status=401", []),
    ],
)
def test_filters(client: TestClient, query: str, ids: list[int]) -> None:
    create(client)
    client.get(f"{MEMBERS}/8")
    client.post(f"{LISTS}/list_members", headers={"Authorization": ""})
    client.put("/nowhere")
    assert [entry["id"] for entry in entries(client, query)] == ids


@pytest.mark.parametrize("query", ["colour=red", "status=ok", "limit=-1", "limit=99999999999999", "matched=maybe"])
def test_a_filter_that_does_not_exist_or_fit_is_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"/_emulator/journal?{query}")
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_control_requests_are_not_journalled(client: TestClient) -> None:
    client.get("/_emulator/clock")
    assert entries(client) == []


def test_clearing_forgets_the_entries_but_never_their_numbers(client: TestClient) -> None:
    create(client)
    assert client.delete("/_emulator/journal").json() == {"cleared": 1}
    client.get(f"{MEMBERS}/8")
    assert [entry["id"] for entry in entries(client)] == [2]


def test_the_journal_keeps_the_newest(make_client: ClientFactory) -> None:
    client = make_client(journal_entries=3)
    for _ in range(5):
        client.get(f"{MEMBERS}/8")
    assert [entry["id"] for entry in entries(client)] == [3, 4, 5]


def test_secret_headers_are_masked(client: TestClient) -> None:
    client.get(
        f"{MEMBERS}/8", headers={"Cookie": "session=s3cret", "X-Api-Key": "s3cret", "Authorization": "Bearer s3cret"}
    )
    assert "s3cret" not in client.get("/_emulator/journal").text
    assert ["authorization", "Bearer ***"] in entries(client)[0]["headers"]
