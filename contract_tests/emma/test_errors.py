"""What Emma's documents list under "Raises", and how errors look."""

from __future__ import annotations

import json

import httpx2
import pytest

from contract_tests.conftest import Send
from contract_tests.emma.conftest import Call

_MEMBERS = {"member_ids": [200]}
_GROUPS = {"group_ids": [150]}

# vendor-docs/emma-groups.txt: Http404 if the group does not exist.
_GROUP_CALLS = [
    ("GET", "/groups/999", None),
    ("PUT", "/groups/999", {"group_name": "New Group Name"}),
    ("DELETE", "/groups/999", None),
    ("GET", "/groups/999/members", None),
    ("PUT", "/groups/999/members", _MEMBERS),
    ("PUT", "/groups/999/members/remove", _MEMBERS),
    ("DELETE", "/groups/999/members", None),
    ("DELETE", "/groups/999/members/remove?member_status_id=a", None),
    ("PUT", "/groups/999/152/members/copy", {"member_status_id": ["a"]}),
    ("PUT", "/groups/151/999/members/copy", {"member_status_id": ["a"]}),
]

# vendor-docs/emma-members.txt: Http404 if no member is found, or if any of the members or groups do not exist.
_MEMBER_CALLS = [
    ("GET", "/members/999", None),
    ("GET", "/members/email/nobody@myemma.com", None),
    ("GET", "/members/999/optout", None),
    ("PUT", "/members/email/optout/nobody@myemma.com", {}),
    ("PUT", "/members/999", {"fields": {"first_name": "Ella"}}),
    ("DELETE", "/members/999", None),
    ("GET", "/members/999/groups", None),
    ("PUT", "/members/999/groups", _GROUPS),
    ("PUT", "/members/999/groups/remove", _GROUPS),
    ("DELETE", "/members/999/groups", None),
    ("PUT", "/members/groups/remove", {"member_ids": [200, 999], "group_ids": [150]}),
    ("PUT", "/members/groups/remove", {"member_ids": [200], "group_ids": [150, 999]}),
    ("PUT", "/members/999/copy", {"member_status_id": ["a"]}),
]

# reference/emma.md section 7: 404 if the webhook can not be found.
_WEBHOOK_CALLS = [
    ("GET", "/webhooks/999", None),
    ("PUT", "/webhooks/999", {"url": "https://myemma.com"}),
    ("DELETE", "/webhooks/999", None),
]

# vendor-docs/emma-members.txt: Http400 if the specified status is invalid.
_STATUS_CALLS = [
    ("PUT", "/members/status/x/to/a", None),
    ("PUT", "/members/status/a/to/x", None),
    ("PUT", "/members/purgeall", {"member_status_id": "x"}),
]


def _check_error(answer: httpx2.Response, status: int) -> None:
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json")
    body = answer.json()
    assert list(body) == ["error"]
    assert isinstance(body["error"], str)
    assert body["error"]


@pytest.mark.parametrize(("method", "path", "body"), _GROUP_CALLS)
def test_a_group_that_does_not_exist_is_404(method: str, path: str, body: object, call: Call) -> None:
    _check_error(call(method, path, body), 404)


@pytest.mark.parametrize(("method", "path", "body"), _MEMBER_CALLS)
def test_a_member_or_group_that_does_not_exist_is_404(method: str, path: str, body: object, call: Call) -> None:
    _check_error(call(method, path, body), 404)


@pytest.mark.parametrize(("method", "path", "body"), _WEBHOOK_CALLS)
def test_a_webhook_that_does_not_exist_is_404(method: str, path: str, body: object, call: Call) -> None:
    _check_error(call(method, path, body), 404)


def test_a_webhook_for_an_event_that_does_not_exist_is_400(call: Call) -> None:
    _check_error(call("POST", "/webhooks", {"url": "https://myemma.com", "event": "member_joined"}), 400)


@pytest.mark.parametrize(("method", "path", "body"), _STATUS_CALLS)
def test_an_invalid_status_is_400(method: str, path: str, body: object, call: Call) -> None:
    _check_error(call(method, path, body), 400)


def test_an_opted_out_status_is_not_spelled_out_in_requests(call: Call) -> None:
    _check_error(call("PUT", "/members/status/opt-out/to/active"), 400)


def test_a_body_that_is_no_json_is_400_in_the_known_words(send: Send, request: pytest.FixtureRequest) -> None:
    """reference/emma.md section 1."""
    answer = send("POST", f"/{request.config.getoption('--account')}/members/add", "{")
    _check_error(answer, 400)
    assert json.loads(answer.text)["error"] == "Unable to parse JSON request"


def test_without_credentials_the_answer_is_an_empty_401_that_asks_for_them(
    send: Send, request: pytest.FixtureRequest
) -> None:
    """reference/emma.md section 1."""
    answer = send("GET", f"/{request.config.getoption('--account')}/members", authorized=False)
    assert (answer.status_code, answer.text) == (401, "")
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
