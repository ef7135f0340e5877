"""How EngageLab prints what goes wrong."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from emulator.core.errors import Problem
from emulator.engagelab.account import EngageLabAccount
from emulator.engagelab.errors import PARAMETER_CODES, print_problem
from tests.conftest import ClientFactory
from tests.support import MEMBERS, create, get


def test_a_bug_is_the_vendors_500_with_the_journal_id(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(EngageLabAccount, "now", lambda account: 1 / 0)
    answer = client.post(MEMBERS, json={"members": [{"email": "ann@shop.test"}], "update_existing": True})
    assert answer.status_code == 500
    assert answer.json() == {"code": 30999, "message": "internal error, see journal entry 1"}
    assert "ZeroDivisionError" in caplog.text


def test_a_body_over_the_limit_is_413_and_says_whose_limit_it_is(make_client: ClientFactory) -> None:
    answer = make_client(max_body=100).post(MEMBERS, content=b" " * 101)
    assert (answer.status_code, answer.json()["code"]) == (413, 30991)
    assert "--max-body" in answer.headers["X-Emulator-Hint"]


def test_wrong_credentials_are_said_before_a_body_is_too_large(make_client: ClientFactory) -> None:
    answer = make_client(max_body=100).post(MEMBERS, content=b" " * 101, headers={"Authorization": ""})
    assert answer.status_code == 401


def test_assigned_codes_are_in_their_own_range_and_not_given_twice() -> None:
    assert len(set(PARAMETER_CODES.values())) == len(PARAMETER_CODES)
    assert all(30900 <= code < 31000 for name, code in PARAMETER_CODES.items() if name != "members")


def test_a_problem_without_a_spelling_is_a_bug() -> None:
    with pytest.raises(TypeError, match="no spelling for Problem"):
        print_problem(Problem(), None)


def test_a_vendor_is_chosen_by_its_host(client: TestClient) -> None:
    answer = client.get("/nowhere", headers={"Host": "Email.API.engagelab.cc:443"})
    assert (answer.status_code, answer.text) == (404, "not found")
    assert client.get("/nowhere").headers["content-type"] == "application/json"


def test_what_was_read_before_a_change_is_not_shown_after_it(client: TestClient) -> None:
    """The JSON of members is remembered."""
    member_id = create(client, name="Ann")
    get(client, member_id)
    client.put(f"{MEMBERS}/{member_id}", json={"name": "Bob"})
    assert get(client, member_id)["name"] == "Bob"
    client.post("/_emulator/reset")
    assert create(client, name="Cid") == member_id
    assert get(client, member_id)["name"] == "Cid"


def test_more_members_can_be_read_than_are_remembered(client: TestClient) -> None:
    for batch in range(3):
        members = [{"email": f"m{batch}-{number}@shop.test"} for number in range(1000)]
        client.post(MEMBERS, json={"members": members, "update_existing": True})
    seen = set()
    for offset in range(0, 3000, 100):
        page = client.post(f"/v1/marketing/lists/list_members?limit=100&offset={offset}").json()["result"]
        seen |= {member["email"] for member in page}
    assert len(seen) == 3000
