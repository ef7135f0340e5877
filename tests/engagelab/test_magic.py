"""Magic addresses in EngageLab's words."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.support import LISTS, MEMBERS, choose, save


def test_an_import_error_is_one_of_the_errors_of_a_batch(client: TestClient) -> None:
    answer = save(client, {"email": "importerror+ann@fault.example"}, {"email": "bob@shop.test"})
    assert answer["error_members"] == [
        {"email": "importerror+ann@fault.example", "message": "email could not be imported"}
    ]
    assert answer["created_count"] == 1


def test_an_error_in_a_condition_counts_too(client: TestClient) -> None:
    items = [{"field_name": "Email", "op": "==", "value": "error400+ann@fault.example"}]
    answer = client.post(f"{LISTS}/list_members", json={"condition": {"relation": "and", "items": items}})
    assert (answer.status_code, answer.json()) == (400, {"code": 30900, "message": "bad request"})


@pytest.mark.parametrize(("choice", "status", "created"), [("on", 500, 0), ("off", 200, 1)])
def test_magic_addresses_can_be_switched_off(client: TestClient, choice: str, status: int, created: int) -> None:
    choose(client, "magic_addresses", choice)
    answer = client.post(MEMBERS, json={"members": [{"email": "error500@fault.example"}], "update_existing": True})
    assert answer.status_code == status
    assert save(client, {"email": "importerror@fault.example"})["created_count"] == created
