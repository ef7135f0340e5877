"""How Emma prints what goes wrong, and what is not emulated."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from emulator.core.errors import Problem
from emulator.core.operation import Declined
from emulator.emma.account import EmmaAccount
from emulator.emma.declined import DECLINED
from emulator.emma.errors import print_problem
from tests.conftest import ClientFactory
from tests.emma.support import MEMBERS, add, ok, refused

TEN_MEGABYTES = 10 * 1024 * 1024


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/100"),
        ("GET", "/100/nothing"),
        ("PATCH", MEMBERS),
        ("PUT", f"{MEMBERS}/groups/delete"),  # what some clients call instead of groups/remove
        ("GET", "/%C2%B2/members"),
        ("GET", f"/{'9' * 19}/members"),
    ],
)
def test_what_is_no_operation_is_404_with_a_hint(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path, headers={"Host": "api.e2ma.net"})
    assert refused(answer) == (404, "Not Found")
    assert answer.headers["content-type"] == "application/json"
    assert "X-Emulator-Hint" in answer.headers


@pytest.mark.parametrize("path", ["7", "email/nobody@shop.test", "7/optout", "7/groups", "7/mailings"])
def test_what_does_not_exist_is_404_with_one_message(client: TestClient, path: str) -> None:
    status, message = refused(client.get(f"{MEMBERS}/{path}"))
    assert status == 404
    assert message.endswith("not found")


@pytest.mark.parametrize("body", ["{", "{'email': 1}", '{"email": "a"} x', "\xff", '"text"', "7", "[1]", "[" * 9999])
@pytest.mark.parametrize("path", ["/add", "/signup", ""])
def test_a_body_that_is_no_json_object_is_400(client: TestClient, path: str, body: str) -> None:
    answer = client.post(f"{MEMBERS}{path}", content=body.encode("latin-1"))
    assert refused(answer) == (400, "Unable to parse JSON request")


def test_literal_paths_win_over_member_ids(client: TestClient) -> None:
    assert ok(client.get(f"{MEMBERS}/imports")) == []
    assert refused(client.put(f"{MEMBERS}/delete")) == (400, "member_ids can not be empty")
    assert refused(client.put(f"{MEMBERS}/status")) == (400, "member_ids can not be empty")
    assert ok(client.put(f"{MEMBERS}/purgeall")) is True
    assert refused(client.get(f"{MEMBERS}/add")) == (404, "member add not found")


def test_a_body_over_10_megabytes_is_413_and_says_whose_limit_it_is(client: TestClient) -> None:
    answer = client.post(f"{MEMBERS}/add", content=b" " * (TEN_MEGABYTES + 1))
    assert refused(answer) == (413, f"the request body is larger than {TEN_MEGABYTES} bytes")
    assert "the limit of Emma" in answer.headers["X-Emulator-Hint"]


def test_a_body_of_10_megabytes_is_read(client: TestClient) -> None:
    body = b'{"email": "ann@shop.test"}'
    assert client.post(f"{MEMBERS}/add", content=body.ljust(TEN_MEGABYTES)).status_code == 200


def test_the_limit_does_not_grow_with_the_emulators_own(make_emma: ClientFactory) -> None:
    client = make_emma(max_body=2 * TEN_MEGABYTES)
    assert client.post(f"{MEMBERS}/add", content=b" " * (TEN_MEGABYTES + 1)).status_code == 413


def test_a_smaller_limit_is_the_emulators_own(make_emma: ClientFactory) -> None:
    answer = make_emma(max_body=100).post(f"{MEMBERS}/add", content=b" " * 101)
    assert answer.status_code == 413
    assert "--max-body" in answer.headers["X-Emulator-Hint"]


def test_a_bug_is_500_with_the_journal_id(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(EmmaAccount, "now", lambda account: 1 / 0)
    answer = client.post(f"{MEMBERS}/add", json={"email": "ann@shop.test"})
    assert refused(answer) == (500, "internal error, see journal entry 1")
    assert "ZeroDivisionError" in caplog.text


def test_a_world_that_can_not_be_is_said_in_emmas_form(client: TestClient) -> None:
    status, message = refused(client.get(MEMBERS, headers={"X-Emulator-World": "no good name"}))
    assert status == 400
    assert message.startswith("world names have")


def test_a_problem_without_a_spelling_is_a_bug() -> None:
    with pytest.raises(TypeError, match="no spelling for Problem"):
        print_problem(Problem(), None)


@pytest.mark.parametrize("declined", DECLINED, ids=lambda declined: f"{declined.method} {declined.path}")
def test_a_declined_operation_is_501_and_named(client: TestClient, declined: Declined) -> None:
    method = "GET" if declined.method == "*" else declined.method
    path = declined.path.replace("{account_id}", "100")
    for each in (path, path.replace("/*", ""), path.replace("*", "7/more")):
        answer = client.request(method, each, headers={"Host": "api.e2ma.net"})
        assert refused(answer) == (501, f"{declined.id} is not emulated yet, {declined.reason}")
        assert client.get("/_emulator/journal?limit=1").json()["entries"][0]["operation"] == declined.id


def test_a_declined_operation_asks_for_credentials_first(client: TestClient) -> None:
    assert client.get("/100/searches", headers={"Authorization": ""}).status_code == 401


def test_what_was_read_before_a_change_is_not_shown_after_it(client: TestClient) -> None:
    """The JSON of members is remembered."""
    member_id = add(client, fields={"first_name": "Ann"})
    for name in ("Bob", "Cid"):
        client.put(f"{MEMBERS}/{member_id}", json={"fields": {"first_name": name}})
        assert ok(client.get(f"{MEMBERS}/{member_id}"))["fields"] == {"first_name": name}
    client.post("/_emulator/reset")
    assert add(client) == member_id
    assert ok(client.get(f"{MEMBERS}/{member_id}"))["fields"] == {}
