"""Faults through the control plane, and what a client without a socket sees of them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from emulator import create_app
from emulator.app import make_vendors
from emulator.settings import Settings
from tests.conftest import ClientFactory
from tests.emma.support import AUTH, MEMBERS, add, emails, refused
from tests.support import AUTH as API_KEY
from tests.support import MEMBERS as LIST_MEMBERS

FAULTS = "/_emulator/faults"


@pytest.fixture
def client() -> TestClient:
    """A client of a new emulator, which gets to see what goes wrong."""
    app = create_app(Settings(clock={"mode": "frozen", "at": "2024-05-01T12:00:00Z"}))
    return TestClient(app, headers={"Authorization": AUTH})


def fail(client: TestClient, **fault: Any) -> dict[str, Any]:
    answer = client.post(FAULTS, json=fault)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def ids(client: TestClient) -> list[str]:
    return [each["id"] for each in client.get(FAULTS).json()["faults"]]


def test_a_fault_is_listed_as_it_was_said_with_what_it_hit(client: TestClient) -> None:
    fault = {"operation": "emma.members.*", "account": 100, "match": {"body": {"email": "ann@shop.test"}}, "nth": 2}
    made = fail(client, **fault, status=500)
    add(client)
    client.get(MEMBERS)
    assert client.post(f"{MEMBERS}/add", json={"email": "ann@shop.test"}).status_code == 500
    expected = fault | {"account": "100", "status": 500, "id": "fault-1", "when": "before"}
    assert made == expected | {"calls": 0, "hits": 0}
    assert client.get(FAULTS).json() == {"faults": [expected | {"calls": 2, "hits": 1}]}


def test_post_adds_put_replaces_delete_forgets(client: TestClient) -> None:
    fail(client, status=500, nth=1)
    fail(client, status=500, id="mine")
    assert ids(client) == ["fault-1", "mine"]
    answer = client.put(FAULTS, json=[{"status": 500, "id": "new", "first": 5}, {"delay": [1, 2]}])
    assert [each["id"] for each in answer.json()["faults"]] == ids(client) == ["new", "fault-2"]
    assert client.put(FAULTS, json={"faults": [{"status": 400}]}).status_code == 200
    assert client.delete(f"{FAULTS}/fault-1").json() == {"dropped": "fault-1"}
    fail(client, status=500)
    assert client.delete(FAULTS).json() == {"cleared": 1}
    assert ids(client) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("POST", "", b"{", 400, "the body must be valid JSON"),
        ("PUT", "", b"{", 400, "the body must be valid JSON"),
        ("POST", "", b"[]", 400, "the body must be a JSON object"),
        ("POST", "", b"", 400, "the fault says nothing that goes wrong"),
        ("PUT", "", b"{}", 400, "faults must be a list of faults"),
        ("PUT", "", b'[{"status": 500}, {"status": 418}]', 400, "faults[1].status can not be 418: Emma has no such"),
        ("POST", "", b'{"status": 429}', 400, "status can not be 429: EngageLab Email has no such answer"),
        (
            "POST",
            "",
            b'{"account": "shop", "vendor": "emma", "status": 500}',
            400,
            "can not be an account of Emma here",
        ),
        ("POST", "", b'{"account": "007", "vendor": "emma", "status": 500}', 400, "can not be an account of Emma here"),
        ("POST", "", b'{"operation": "emma.searches", "status": 500}', 400, "is not emulated"),
        ("POST", "", b'{"operation": "emma.*", "vendor": "engagelab", "status": 500}', 400, "is Emma's"),
        ("POST", "", b'{"status": 500, "id": "taken"}', 409, "there is a fault 'taken' already"),
        ("DELETE", "/nothing", b"", 404, "there is no fault 'nothing'"),
    ],
)
def test_a_refusal_is_one_line_and_changes_nothing(
    client: TestClient, method: str, path: str, body: bytes, status: int, words: str
) -> None:
    fail(client, status=500, id="taken")
    answer = client.request(method, FAULTS + path, content=body)
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    assert ids(client) == ["taken"]


def test_an_account_that_only_one_vendor_can_have_is_meant_there(client: TestClient) -> None:
    fail(client, account="shop", status=200)  # no Emma account is called so, and Emma has no such error
    answer = client.post(LIST_MEMBERS, headers={"Authorization": "Basic c2hvcDpzaG9w"})
    assert answer.json() == {"code": 30036, "message": "resource not found"}


@pytest.mark.parametrize(
    ("vendor", "status", "body"),
    [(vendor.id, status, shape) for vendor in make_vendors() for status, shape in vendor.error_shapes.items()],
)
def test_every_status_is_in_the_vendors_dialect(client: TestClient, vendor: str, status: int, body: Any) -> None:
    fail(client, vendor=vendor, status=status)
    answer = client.get(MEMBERS) if vendor == "emma" else client.get(f"{LIST_MEMBERS}/1")
    assert answer.status_code == status
    if vendor == "emma":
        assert answer.text == "" if body.message is None else refused(answer) == (status, body.message)
    elif body.code is None:
        assert answer.text == body.message
    else:
        assert answer.json() == {"code": body.code, "message": body.message}


def test_emmas_401_has_its_challenge(client: TestClient) -> None:
    fail(client, vendor="emma", status=401)
    assert client.get(MEMBERS).headers["WWW-Authenticate"].startswith("Basic")


def test_a_code_and_a_message_of_ones_own(client: TestClient) -> None:
    fail(client, vendor="engagelab", status=400, code=30515, message="too many")
    answer = client.post(LIST_MEMBERS, headers={"Authorization": API_KEY})
    assert answer.json() == {"code": 30515, "message": "too many"}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("answer", "error"), [("reset", httpx2.ReadError), ("empty", httpx2.RemoteProtocolError)])
def test_a_lost_connection_is_the_clients_own_error(
    client: TestClient, answer: str, error: type[Exception], when: str
) -> None:
    fail(client, operation="emma.members.add", answer=answer, when=when)
    with pytest.raises(error) as caught:
        add(client)
    assert isinstance(caught.value, ConnectionResetError)
    assert emails(client) == ([] if when == "before" else ["ann@shop.test"])


def test_a_truncated_body_is_the_clients_own_error(client: TestClient) -> None:
    fail(client, operation="emma.members.add", answer="truncated")
    with pytest.raises(httpx2.RemoteProtocolError):
        add(client)
    assert emails(client) == ["ann@shop.test"]


def test_a_malformed_body_is_no_json(client: TestClient) -> None:
    fail(client, operation="emma.members.add", answer="malformed")
    with pytest.raises(ValueError, match="Expecting"):
        client.post(f"{MEMBERS}/add", json={"email": "ann@shop.test"}).json()


@pytest.mark.parametrize("fault", [{"delay": 0.2}, {"delay": 0.2, "when": "after"}, {"answer": "slow", "seconds": 0.2}])
def test_a_delay_takes_wall_time_although_the_clock_is_frozen(client: TestClient, fault: dict[str, Any]) -> None:
    fail(client, operation="emma.members.add", **fault)
    started = time.monotonic()
    add(client)
    assert 0.2 <= time.monotonic() - started < 5
    assert client.get("/_emulator/clock").json()["now"] == "2024-05-01T12:00:00Z"


def test_a_body_that_is_empty_can_be_slow_too(client: TestClient) -> None:
    fail(client, operation="emma.members.list", status=401, answer="slow", seconds=0.1)
    assert client.get(MEMBERS).status_code == 401


def test_a_delay_and_an_error_go_together(client: TestClient) -> None:
    fail(client, vendor="emma", status=503, delay=0.1)
    started = time.monotonic()
    assert client.get(MEMBERS).status_code == 503
    assert time.monotonic() - started >= 0.1


def test_an_account_that_a_reset_makes_anew_during_a_delay_is_the_one_that_is_served(client: TestClient) -> None:
    add(client, "old@shop.test")
    fail(client, operation="emma.members.add", delay=0.5)
    with client, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(add, client)
        time.sleep(0.2)
        client.post("/_emulator/reset", json={"scopes": ["data"]})
        waiting.result()
    assert emails(client) == ["ann@shop.test"]


def test_an_account_that_is_gone_after_a_delay_is_not_served(tmp_path: Path) -> None:
    scenario = tmp_path / "shop.yaml"
    scenario.write_text(
        "emma: {accounts: [{account_id: 100, keys: {public_key: private_key}}]}\nfaults: [{delay: 0.5}]"
    )
    app = create_app(Settings(scenario=(str(scenario),), accounts="closed"))
    with TestClient(app, headers={"Authorization": AUTH}) as client, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.get, MEMBERS)
        time.sleep(0.2)
        client.put("/_emulator/state", content=b"emma: {}")
        assert waiting.result().status_code == 401


def test_faults_of_a_scenario_survive_a_reset(make_client: ClientFactory, tmp_path: Path) -> None:
    scenario = tmp_path / "flaky.yaml"
    scenario.write_text("faults:\n  - {id: flaky, operation: emma.groups.*, account: 100, status: 503, first: 1}\n")
    client = make_client(scenario=(str(scenario),))
    client.headers["Authorization"] = AUTH
    assert [client.get("/100/groups").status_code for _ in range(2)] == [503, 200]
    client.put(FAULTS, json=[{"status": 500}])
    client.post("/_emulator/reset", json={"scopes": ["faults"]})
    assert client.get(FAULTS).json()["faults"][0] | {"calls": 0, "hits": 0} == client.get(FAULTS).json()["faults"][0]
    assert [client.get("/100/groups").status_code for _ in range(2)] == [503, 200]
    assert client.get("/_world/other/100/groups").status_code == 503


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("clock: {mode: real}\nfaults:\n  - status: 500\n    nth: 0", "line 4: faults[0].nth must be 1 or greater"),
        ("faults:\n  - {status: 500}\n  - {status: 418}", "line 3: faults[1].status can not be 418: Emma has no such"),
        ("faults: {status: 500}", "line 1: faults must be a list of faults"),
        ("faults:\n  - status: 500\n    stats: 1", "line 3: faults[0].stats is not a known key; did you mean status?"),
        ("limits: {engagelab: true}", "line 1: limits.engagelab can not be limited"),
        ("limits:\n  emma:\n    calls: 0", "line 3: limits.emma.calls must be a whole number"),
    ],
)
def test_a_mistake_in_a_scenario_names_the_line(client: TestClient, text: str, words: str) -> None:
    fail(client, status=500, id="kept")
    answer = client.put("/_emulator/state", content=text.encode())
    assert (answer.status_code, ids(client)) == (400, ["kept"])
    assert words in answer.json()["error"]


def test_a_closed_account_of_the_scenario_can_be_named(make_client: ClientFactory, tmp_path: Path) -> None:
    scenario = tmp_path / "shop.yaml"
    text = "faults: [{account: 100, status: 500}]\nemma: {accounts: [{account_id: 100, keys: {a: b}}]}"
    scenario.write_text(text)
    assert ids(make_client(scenario=(str(scenario),), accounts="closed")) == ["fault-1"]


def test_a_state_brings_its_faults_and_leaves_those_that_it_does_not_speak_of(client: TestClient) -> None:
    fail(client, status=500, id="mine")
    client.put("/_emulator/limits", json={"emma": True})
    client.put("/_emulator/state", content=b"emma: {}")
    assert ids(client) == ["mine"]
    client.put("/_emulator/state", content=b"faults: [{delay: 1, id: theirs}]")
    assert ids(client) == ["theirs"]
    assert client.get("/_emulator/limits").json()["limits"][0]["on"]
    client.put("/_emulator/state", content=b"faults: []\nlimits: {emma: off}")
    assert ids(client) == []
    assert not client.get("/_emulator/limits").json()["limits"][0]["on"]


def test_a_snapshot_leaves_faults_and_limits_as_they_are(client: TestClient) -> None:
    client.put("/_emulator/snapshots/before")
    fail(client, status=500, id="mine")
    client.put("/_emulator/limits", json={"emma": True})
    client.post("/_emulator/snapshots/before/restore")
    assert ids(client) == ["mine"]
    assert client.get("/_emulator/limits").json()["limits"][0]["on"]


faults = st.fixed_dictionaries(
    {"operation": st.sampled_from(["emma.*", "emma.members.add", "*"]), "status": st.sampled_from([400, 500])},
    optional={"nth": st.integers(1, 3), "when": st.just("before"), "account": st.sampled_from([100, "7"])},
)
requests = st.lists(
    st.sampled_from(
        [
            ("POST", f"{MEMBERS}/add", {"email": "ann@shop.test"}),
            ("POST", f"{MEMBERS}/add", {"email": 7}),
            ("GET", MEMBERS, None),
            ("GET", "/100/groups", None),
            ("GET", "/7/fields", None),
            ("GET", "/100/nothing", None),
        ]
    ),
    max_size=6,
)


@given(chosen=st.lists(faults, max_size=3), asked=requests)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
def test_faults_that_were_set_and_cleared_leave_every_answer_as_before(
    client: TestClient, chosen: list[dict[str, Any]], asked: list[tuple[str, str, Any]]
) -> None:
    def answers() -> list[tuple[int, bytes, httpx2.Headers]]:
        said = [client.request(method, path, json=body) for method, path, body in asked]
        return [(each.status_code, each.content, each.headers) for each in said]

    client.post("/_emulator/reset")
    before = answers()
    client.post("/_emulator/reset")
    answer = client.put(FAULTS, json=chosen)
    assume("can never fire" not in answer.text)
    assert answer.status_code == 200, answer.text
    answers()
    client.delete(FAULTS)
    client.post("/_emulator/reset", json={"scopes": ["data"]})
    assert answers() == before


@pytest.mark.parametrize("when", ["before", "after"])
def test_explain_says_that_a_fault_refused(client: TestClient, when: str) -> None:
    fail(client, operation="emma.members.list", status=500, message="out of ink", when=when)
    client.get(MEMBERS)
    refused = client.get("/_emulator/journal/last").json()["explain"]["refused"]
    assert (refused["stage"], refused["kind"], refused["why"]) == ("fault", "Injected", "out of ink")


def test_explain_says_that_the_limit_refused(client: TestClient) -> None:
    client.put("/_emulator/limits", json={"emma": {"calls": 1, "seconds": 60}})
    client.get(MEMBERS)
    client.get(MEMBERS)
    refused = client.get("/_emulator/journal/last").json()["explain"]["refused"]
    assert (refused["stage"], refused["kind"]) == ("limits", "RateLimited")


def test_what_is_looked_up_while_a_fault_holds_a_call_up_is_not_in_its_entry(client: TestClient) -> None:
    fail(client, operation="emma.members.list", delay=0.3)
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(client.get, MEMBERS)
        time.sleep(0.1)
        client.get("/_emulator/behaviours")
        assert held.result().status_code == 200
    explain = client.get("/_emulator/journal/1").json()["explain"]
    assert "emma.import_filename" not in {each["id"] for each in explain["behaviours"]}
