"""Loading a scenario into a world that runs."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from emulator.core.scenarios.scenario_file import built_in
from tests.conftest import ClientFactory
from tests.emma.support import AUTH
from tests.support import AUTH as ENGAGELAB
from tests.support import LISTS, create

STATE = "/_emulator/state"
ANN = "emma: {accounts: [{account_id: 100, members: [{member_id: 7, email: ann@shop.test}]}]}"


@pytest.fixture(autouse=True)
def _as_emma(client: TestClient) -> None:
    client.headers["Authorization"] = AUTH


def emails(client: TestClient, prefix: str = "") -> list[str]:
    return [member["email"] for member in client.get(f"{prefix}/100/members").json()]


def test_a_scenario_takes_the_place_of_what_was_there(client: TestClient) -> None:
    client.post("/100/members/add", json={"email": "bob@shop.test"})
    answer = client.put(STATE, content=ANN)
    assert answer.json() == {"world": "default", "accounts": {"emma": ["100"], "engagelab": []}}
    assert emails(client) == ["ann@shop.test"]


def test_other_worlds_and_the_reset_know_nothing_of_it(client: TestClient) -> None:
    client.put(f"/_world/a{STATE}", content=ANN)
    assert emails(client, "/_world/a") == ["ann@shop.test"]
    assert emails(client) == []
    client.post("/_world/a/_emulator/reset")
    assert emails(client, "/_world/a") == []


def test_it_may_be_json(client: TestClient) -> None:
    document = {"emma": {"accounts": [{"account_id": 100, "members": [{"email": "ann@shop.test"}]}]}}
    assert client.put(STATE, json=document).status_code == 200
    assert emails(client) == ["ann@shop.test"]


@pytest.mark.parametrize("name", sorted(built_in()))
def test_every_scenario_that_comes_along_can_be_loaded(client: TestClient, name: str) -> None:
    assert client.put(STATE, content=built_in()[name].read_bytes()).status_code == 200


def test_behaviours_that_shape_the_data_can_be_set_by_it(client: TestClient) -> None:
    client.put(STATE, content=f"behaviours: {{emma.email_case: sensitive}}\n{ANN}")
    assert client.get("/100/members/email/ANN@shop.test").status_code == 404


def test_behaviours_that_it_does_not_mention_are_those_of_the_start(client: TestClient) -> None:
    client.put("/_emulator/behaviours", json={"emma.sms_key": "nowhere"})
    client.put(STATE, content=ANN)
    assert "sms" in client.get("/100/members/7").json()


def test_behaviours_of_the_command_line_hold_on(make_client: ClientFactory) -> None:
    client = make_client(behaviour=(("emma.sms_key", "nowhere"),))
    client.put(STATE, content=ANN)
    assert "sms" not in client.get("/100/members/7", headers={"Authorization": AUTH}).json()


def test_the_clock_goes_on_unless_the_scenario_sets_one(client: TestClient) -> None:
    client.post("/_emulator/clock/advance", json={"by": "1d"})
    client.put(STATE, content=ANN)
    assert client.get("/_emulator/clock").json()["now"] == "2024-05-02T12:00:00Z"
    assert client.get("/100/members/7").json()["member_since"] == "@D:2024-05-02T07:00:00"
    client.put(STATE, content="clock: {mode: frozen, at: 2020-01-01T00:00:00Z}")
    assert client.get("/_emulator/clock").json()["now"] == "2020-01-01T00:00:00Z"


def test_imports_under_way_end_with_their_account(client: TestClient) -> None:
    client.post("/100/members", json={"members": [{"email": "bob@shop.test"}]})
    client.put(STATE, content=ANN)
    client.post("/_emulator/clock/advance", json={"by": 60})
    assert emails(client) == ["ann@shop.test"]
    assert client.get("/_emulator/jobs").json() == {"jobs": []}


@pytest.mark.parametrize(
    ("scenario", "error"),
    [
        ("emma:\n  accounts:\n    - account_id: shop", "the scenario, line 3: emma.accounts[0].account_id must be"),
        ("behaviours: {emma.sms_key: sometimes}", "the scenario, line 1: emma.sms_key: 'sometimes' is no choice"),
        ("acme: {}", "the scenario, line 1: unknown key 'acme'"),
        ("a: [", "the scenario, line 2: not readable as YAML or JSON"),
    ],
)
def test_a_bad_one_is_refused_and_nothing_is_changed(client: TestClient, scenario: str, error: str) -> None:
    client.put(STATE, content=ANN)
    answer = client.put(STATE, content=scenario)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(error)
    assert emails(client) == ["ann@shop.test"]


@pytest.mark.parametrize("body", ["", " \n"])
def test_a_body_without_anything_is_no_empty_scenario(client: TestClient, body: str) -> None:
    client.headers["Authorization"] = ENGAGELAB
    create(client)
    answer = client.put("/_emulator/state", content=body)
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "the body must be a scenario; to empty the world send {}",
    )
    assert len(client.post(f"{LISTS}/list_members", json={}).json()["result"]) == 1


def test_a_file_with_half_a_character_is_refused(client: TestClient) -> None:
    body = rb'{"scenario": "a.yaml", "files": {"a.yaml": "{}", "b.csv": "\ud800"}}'
    answer = client.put(STATE, content=body)
    assert (answer.status_code, answer.json()["error"].startswith("files: ")) == (400, True)
