"""EngageLab's document, replayed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from contract_tests.comparison import differences
from contract_tests.conftest import Send
from contract_tests.curl import at_target, read_curl

_HERE = Path(__file__).parent
_MEMBERS = "/v1/marketing/lists/members"
EXCHANGES: list[dict[str, Any]] = yaml.safe_load((_HERE / "exchanges.yaml").read_text())
EXCEPTIONS: dict[str, dict[str, Any]] = {
    each["exchange"]: each for each in yaml.safe_load((_HERE / "exceptions.yaml").read_text())
}
TAG_FLAGS: list[dict[str, Any]] = yaml.safe_load((_HERE / "tag_flags.yaml").read_text())

_exchange = pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange["id"])


def expected(exchange: dict[str, Any]) -> dict[str, Any]:
    """What it prints, without what can not be."""
    instead: dict[str, Any] = EXCEPTIONS.get(exchange["id"], {}).get("instead", {})
    return exchange | instead


def _check(expected: dict[str, Any], status: int, body: str) -> None:
    found = differences(json.loads(expected["answer"]), json.loads(body), values=expected["compare"] == "values")
    assert (status, found) == (expected["status"], []), f"{expected['citation']}: {body}"


@_exchange
def test_a_printed_request_gets_the_printed_answer(exchange: dict[str, Any], send: Send) -> None:
    request = read_curl(exchange["curl"])
    answer = send(request.method, request.path, request.body, request.headers)
    _check(expected(exchange), answer.status_code, answer.text)


@_exchange
def test_a_printed_command_works_in_curl_itself(
    exchange: dict[str, Any], target: str, authorization: str, world: str
) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    command = exchange["curl"].replace("Basic YXBpX3VzZXI6YXBpX2tleQ==", authorization)
    words = [*at_target(command, target), "--noproxy", "*", "-H", f"X-Emulator-World: {world}"]
    output = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    body, _, status = output.rpartition("\n")
    _check(expected(exchange), int(status), body)


@pytest.mark.parametrize("name", [name for name in EXCEPTIONS if "also" in EXCEPTIONS[name]])
def test_a_sample_that_contradicts_its_request_is_the_answer_to_a_request_that_fits(name: str, send: Send) -> None:
    also = EXCEPTIONS[name]["also"]
    printed = next(exchange["answer"] for exchange in EXCHANGES if exchange["id"] == name)
    answer = send(also["method"], also["path"], also.get("body"))
    found = differences(json.loads(printed), answer.json(), values=True, anything=also.get("any", ()))
    assert (answer.status_code, found) == (200, []), f"{also['citation']}: {answer.text}"


def test_the_total_of_the_printed_listing_is_as_printed(send: Send) -> None:
    exchange = next(exchange for exchange in EXCHANGES if exchange["id"] == "member_list")
    request = read_curl(exchange["curl"])
    answer = send(request.method, request.path, request.body)
    assert answer.json()["total"] == json.loads(exchange["answer"])["total"]


def test_both_printed_spellings_of_the_listing_answer_alike(send: Send) -> None:
    listing = send("POST", "/v1/marketing/lists/list_members?limit=100")
    assert listing.json()["result"]
    assert send("POST", "/v1/marketing/lists/listMembers?limit=100").json() == listing.json()


@_exchange
def test_without_credentials_authentication_fails(exchange: dict[str, Any], send: Send) -> None:
    """Response-Error of Batch add or update, Delete, Batch delete, Member details and Member list."""
    request = read_curl(exchange["curl"])
    headers = {name: value for name, value in request.headers.items() if name != "Authorization"}
    answer = send(request.method, request.path, request.body, headers, authorized=False)
    assert answer.status_code == 401
    assert differences({"code": 30000, "message": "Authentication failed"}, answer.json(), values=True) == []


def test_updating_an_unknown_member_is_code_30036_under_status_200(send: Send) -> None:
    """Response-Error of Update."""
    answer = send("PUT", f"{_MEMBERS}/6565c12a3b4e0d83d3f50000", '{"name": "nobody"}')
    assert (answer.status_code, answer.json()) == (200, {"code": 30036, "message": "resource not found"})


@pytest.mark.parametrize("row", TAG_FLAGS, ids=lambda row: f"{row['tag_flag']}-{row.get('given', 'absent')}")
def test_tags_change_as_the_table_of_tag_flag_says(row: dict[str, Any], send: Send) -> None:
    def save(tags: dict[str, Any], flag: int) -> dict[str, Any]:
        batch = {"members": [{"email": "tags@qq.com", **tags}], "tag_flag": flag, "update_existing": True}
        answer: dict[str, Any] = send("POST", _MEMBERS, json.dumps(batch)).json()
        return answer

    member_id = save({"tags": row["original"]}, 0)["created_members"][0]["member_id"]
    updated = save({"tags": row["given"]} if "given" in row else {}, row["tag_flag"])
    assert updated["updated_members"] == [{"email": "tags@qq.com", "member_id": member_id}]
    member = send("GET", f"{_MEMBERS}/{member_id}").json()["result"]
    assert member["tag_names"] == row["new"]


def test_the_thousandth_member_is_taken_and_the_next_refused(send: Send) -> None:
    """Batch add or update: "List of members, up to a maximum of 1000"."""

    def size(count: int) -> httpx2.Response:
        members = [{"email": f"member{number}@qq.com"} for number in range(count)]
        return send("POST", _MEMBERS, json.dumps({"members": members, "update_existing": True}))

    assert size(1001).status_code == 400
    assert size(1000).json()["created_count"] == 1000


def test_limit_is_ten_unless_told_and_offset_is_zero(send: Send) -> None:
    """Member list, Query-Parameters."""
    members = [{"email": f"member{number}@qq.com"} for number in range(20)]
    send("POST", _MEMBERS, json.dumps({"members": members, "update_existing": True}))
    everything = send("POST", "/v1/marketing/lists/list_members?limit=100").json()["result"]
    assert send("POST", "/v1/marketing/lists/list_members").json()["result"] == everything[:10]


def test_every_exception_speaks_of_an_exchange() -> None:
    assert EXCEPTIONS.keys() <= {exchange["id"] for exchange in EXCHANGES}
    assert all(each["reason"] for each in EXCEPTIONS.values())
