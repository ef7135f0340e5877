"""What EngageLab's document advises, found in traffic."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.support import LISTS, MEMBERS, choose, create, save

LIST = f"{LISTS}/list_members"


def advice(client: TestClient, kind: str) -> list[dict[str, Any]]:
    answer = client.get("/_emulator/advice")
    assert answer.status_code == 200, answer.text
    return [finding for finding in answer.json()["advice"] if finding["kind"] == kind]


def test_batches_of_one_are_a_loop(client: TestClient) -> None:
    for number in range(5):
        create(client, f"m{number}@shop.test")
    (finding,) = advice(client, "loop")
    assert finding["text"].startswith("5 calls of engagelab.members.save one after the other")
    assert finding["quote"] == "members | array[object] | true | List of members, up to a maximum of 1000 |"
    assert finding["document"] == "vendor-docs/engagelab-members.txt"


def test_larger_batches_are_none(client: TestClient) -> None:
    for number in range(6):
        save(client, {"email": f"a{number}@shop.test"}, {"email": f"b{number}@shop.test"})
        client.post(MEMBERS, content=b"{")
        client.post(MEMBERS, content=b'{"members":[{"email":"' + b"x" * 70_000 + b'"}]}')
    assert advice(client, "loop") == []


def test_updating_one_by_one_is_a_loop(client: TestClient) -> None:
    for _ in range(5):
        client.put(f"{MEMBERS}/8", json={"name": "x"})
    assert "engagelab.members.save" in advice(client, "loop")[0]["text"]


@pytest.mark.parametrize("key", ["result", "list"])
def test_pages_past_the_end_and_pages_read_for_the_number(client: TestClient, key: str) -> None:
    choose(client, "list_key", key)
    save(client, *[{"email": f"m{number}@shop.test"} for number in range(4)])
    for offset in (0, 2, 4):
        client.post(f"{LIST}?limit=2&offset={offset}")
    (past,) = advice(client, "past_the_end")
    assert past["entries"] == [4]
    assert past["quote"] == "total | integer | Total Records |"
    (read,) = advice(client, "reading_to_count")
    assert read["entries"] == [2, 3, 4]
    assert "with limit=1" in read["text"]


def test_lists_with_other_conditions_are_other_lists(client: TestClient) -> None:
    save(client, *[{"email": f"m{number}@shop.test"} for number in range(3)])
    condition = {"condition": {"relation": "and", "items": [{"field_name": "Email", "op": "contain", "value": "shop"}]}}
    client.post(f"{LIST}?limit=2&offset=0")
    client.post(f"{LIST}?limit=2&offset=2", json=condition)
    assert advice(client, "reading_to_count") == []


def test_an_answer_that_rests_on_a_guess(client: TestClient) -> None:
    client.delete(f"{MEMBERS}/8")
    assert any("engagelab.delete_unknown=not_found" in each["text"] for each in advice(client, "inferred"))
