"""Putting accounts into a world that goes on."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from emulator import Emulator
from tests.emma.support import AUTH
from tests.support import AUTH as ENGAGELAB
from tests.support import MEMBERS, create

STATE = "/_emulator/state"
BOB = {"emma": {"accounts": [{"account_id": 100, "members": [{"member_id": 7, "email": "bob@shop.test"}]}]}}


@pytest.fixture(autouse=True)
def _as_emma(client: TestClient) -> None:
    client.headers["Authorization"] = AUTH


def emails(client: TestClient, account: int = 100) -> list[str]:
    return [member["email"] for member in client.get(f"/{account}/members").json()]


def test_an_account_takes_the_place_of_the_one_with_its_id_and_others_stay(client: TestClient) -> None:
    for account in (100, 200):
        client.post(f"/{account}/members/add", json={"email": "ann@shop.test"})
    member = create(client.__class__(client.app, headers={"Authorization": ENGAGELAB}))
    answer = client.patch(STATE, json=BOB)
    assert answer.json()["accounts"] == {"emma": ["100", "200"], "engagelab": ["api_user"]}
    assert (emails(client), emails(client, 200)) == (["bob@shop.test"], ["ann@shop.test"])
    assert client.get(f"{MEMBERS}/{member}", headers={"Authorization": ENGAGELAB}).status_code == 200


def test_jobs_of_an_account_that_was_replaced_are_gone_and_others_go_on(client: TestClient) -> None:
    for account in (100, 200):
        client.post(f"/{account}/members", json={"members": [{"email": "ann@shop.test"}]})
    client.patch(STATE, json=BOB)
    jobs = client.get("/_emulator/jobs").json()["jobs"]
    assert [(job["id"], job["account"]) for job in jobs] == [(2, "200")]
    client.post("/_emulator/clock/advance", json={"by": "1h"})
    assert (emails(client), emails(client, 200)) == (["bob@shop.test"], ["ann@shop.test"])


def test_the_number_of_a_job_that_is_there_is_not_given_again(client: TestClient) -> None:
    for account in (100, 200):
        client.post(f"/{account}/members", json={"members": [{"email": "ann@shop.test"}]})
    client.patch(STATE, json=BOB)
    client.post("/100/members", json={"members": [{"email": "cat@shop.test"}]})
    assert [job["id"] for job in client.get("/_emulator/jobs").json()["jobs"]] == [2, 3]


def test_the_behaviours_of_the_world_hold_for_what_is_added(client: TestClient) -> None:
    client.put(STATE, json={"behaviours": {"emma.email_case": "sensitive"}})
    client.patch(STATE, json=BOB)
    assert client.get("/100/members/email/BOB@shop.test").status_code == 404
    assert client.get("/100/members/email/bob@shop.test").status_code == 200


@pytest.mark.parametrize("part", ["clock", "behaviours", "faults", "limits"])
def test_what_is_not_an_account_is_refused_and_nothing_changes(client: TestClient, part: str) -> None:
    client.post("/100/members/add", json={"email": "ann@shop.test"})
    setting = {"clock": {"mode": "real"}, "behaviours": {}, "faults": [], "limits": {}}[part]
    answer = client.patch(STATE, json={**BOB, part: setting})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"{part}: what is added has accounts only")
    assert emails(client) == ["ann@shop.test"]


def test_an_account_that_is_wrong_is_refused_and_nothing_changes(client: TestClient) -> None:
    client.post("/100/members/add", json={"email": "ann@shop.test"})
    wrong = {"emma": {"accounts": [*BOB["emma"]["accounts"], {"account_id": 200, "membres": []}]}}
    answer = client.patch(STATE, json=wrong)
    assert (answer.status_code, "did you mean members?" in answer.text) == (400, True)
    assert emails(client) == ["ann@shop.test"]


def test_a_body_without_anything_is_refused(client: TestClient) -> None:
    assert client.patch(STATE, content=b"").status_code == 400


def test_a_call_under_way_in_another_account_is_not_lost() -> None:
    many = [{"email": f"m{number}@shop.test"} for number in range(20_000)]
    document = {"emma": {"accounts": [{"account_id": 200, "members": many}]}}
    with Emulator() as emulator, httpx2.Client(base_url=emulator.url, auth=("a", "b"), trust_env=False) as emma:
        emulator.client.seed(document)
        answers: list[httpx2.Response] = []
        thread = threading.Thread(target=lambda: answers.append(emma.put("/200/members/status/a/to/o", timeout=60)))
        thread.start()
        while thread.is_alive():
            emulator.client.add(BOB)
        thread.join()
        assert answers[0].json() is True
        assert emma.get("/200/members?count=true").json() == 20_000
        listed = [emma.get(f"/200/members?start={start}&end={start + 500}").json() for start in range(0, 20_000, 500)]
        assert {member["member_status_id"] for page in listed for member in page} == {"o"}


def test_on_disk_it_costs_what_it_adds_and_not_what_is_there(tmp_path: Path) -> None:
    many = [{"email": f"m{number}@shop.test"} for number in range(5_000)]
    folder = tmp_path / "kept"
    with Emulator(store=f"tinydb:{folder}") as emulator:
        emulator.client.seed({"emma": {"accounts": [{"account_id": 200, "members": many}]}})
        before = sum(path.stat().st_size for path in folder.glob("*.log"))
        emulator.client.add(BOB)
        assert sum(path.stat().st_size for path in folder.glob("*.log")) - before < 10_000
