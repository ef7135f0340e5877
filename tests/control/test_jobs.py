"""A tester's hand in jobs. Emma's imports are the jobs here."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.emma.support import AUTH

JOBS = "/_emulator/jobs"
ACTIONS = ("finish", "fail", "hold", "release")


@pytest.fixture
def client(make_client: ClientFactory) -> TestClient:
    """A client of an emulator whose clock stands still, and whose jobs wait ten seconds and then do a row a second."""
    client = make_client(
        clock={"mode": "frozen", "at": "2024-05-01T12:00:00Z"},
        behaviour=(("emma.job_queue_seconds", "10"), ("emma.job_units_per_second", "1")),
    )
    client.headers["Authorization"] = AUTH
    return client


def begin(client: TestClient, count: int = 5, world: str = "") -> None:
    """An import of so many rows."""
    rows = [{"email": f"m{number}@shop.test"} for number in range(count)]
    assert client.post(f"{world}/100/members", json={"members": rows}).status_code == 200


def advance(client: TestClient, seconds: float) -> None:
    assert client.post("/_emulator/clock/advance", json={"by": seconds}).status_code == 200


def job(client: TestClient) -> dict[str, Any]:
    """The one job there is."""
    (only,) = client.get(JOBS).json()["jobs"]
    described: dict[str, Any] = only
    return described


def members(client: TestClient) -> int:
    count: int = client.get("/100/members?count=true").json()
    return count


def test_without_jobs_the_list_is_empty(client: TestClient) -> None:
    assert client.get(JOBS).json() == {"jobs": []}


def test_a_job_tells_all_of_itself(client: TestClient) -> None:
    begin(client)
    assert job(client) == {
        "id": 1,
        "vendor": "emma",
        "account": "100",
        "kind": "import",
        "subject": 1024,
        "state": "queued",
        "held": False,
        "done": 0,
        "total": 5,
        "progress": "time",
        "queue_seconds": 10.0,
        "units_per_second": 1.0,
        "created": "2024-05-01T12:00:00Z",
        "begun": None,
        "ended": None,
        "message": None,
    }


def test_a_job_tells_how_far_it_is(client: TestClient) -> None:
    begin(client)
    seen = []
    for seconds in (12, 2, 2):
        advance(client, seconds)
        described = job(client)
        seen.append((described["state"], described["done"], described["begun"], described["ended"]))
    begun = "2024-05-01T12:00:10Z"
    assert seen == [
        ("running", 2, begun, None),
        ("running", 4, begun, None),
        ("finished", 5, begun, "2024-05-01T12:00:15Z"),
    ]


def test_jobs_are_listed_oldest_first(client: TestClient) -> None:
    begin(client)
    begin(client)
    assert [(each["id"], each["subject"]) for each in client.get(JOBS).json()["jobs"]] == [(1, 1024), (2, 1025)]


def test_each_world_has_its_own_jobs(client: TestClient) -> None:
    begin(client, world="/_world/a")
    assert len(client.get(f"/_world/a{JOBS}").json()["jobs"]) == 1
    assert client.get(f"/_world/b{JOBS}").json()["jobs"] == []
    assert client.post(f"/_world/b{JOBS}/1/finish").status_code == 404


def test_an_advance_answers_when_the_jobs_that_it_made_due_are_done(client: TestClient) -> None:
    client.put("/_emulator/behaviours", json={"emma.job_units_per_second": 1000})
    begin(client, 5000)
    advance(client, 15)
    assert (job(client)["state"], members(client)) == ("finished", 5000)


@pytest.mark.parametrize("mode", ["frozen", "shifted"])
def test_setting_the_clock_does_what_it_made_due(client: TestClient, mode: str) -> None:
    begin(client)
    assert client.put("/_emulator/clock", json={"mode": mode, "at": "2024-05-01T12:01:00Z"}).status_code == 200
    assert members(client) == 5


def test_a_job_is_finished_at_once(client: TestClient) -> None:
    begin(client, 2000)
    answer = client.post(f"{JOBS}/1/finish")
    assert (answer.status_code, answer.json()) == (200, job(client))
    assert (job(client)["state"], job(client)["done"]) == ("finished", 2000)
    assert job(client)["ended"] == "2024-05-01T12:00:00Z"
    assert members(client) == 2000


def test_the_rest_of_a_running_job_is_finished_at_once(client: TestClient) -> None:
    begin(client)
    advance(client, 12)
    client.post(f"{JOBS}/1/finish")
    assert (job(client)["ended"], members(client)) == ("2024-05-01T12:00:12Z", 5)


@pytest.mark.parametrize(("body", "message"), [({"message": "disk full"}, "disk full"), (None, "failed by a tester")])
def test_a_job_is_failed_with_a_message(client: TestClient, body: Any, message: str) -> None:
    begin(client)
    advance(client, 12)
    answer = client.post(f"{JOBS}/1/fail", json=body)
    assert (answer.status_code, answer.json()) == (200, job(client))
    advance(client, 60)
    described = job(client)
    assert (described["state"], described["message"], described["ended"]) == (
        "failed",
        message,
        "2024-05-01T12:00:12Z",
    )
    assert members(client) == 2


def test_a_held_job_stays_as_it_is(client: TestClient) -> None:
    begin(client)
    advance(client, 12)
    assert client.post(f"{JOBS}/1/hold").json()["held"] is True
    advance(client, 3600)
    assert (job(client)["state"], members(client)) == ("running", 2)


def test_a_released_job_catches_up_with_the_time_that_has_passed(client: TestClient) -> None:
    begin(client)
    client.post(f"{JOBS}/1/hold")
    advance(client, 12)
    client.post(f"{JOBS}/1/release")
    assert (job(client)["held"], job(client)["state"], members(client)) == (False, "running", 2)
    advance(client, 60)
    assert job(client)["state"] == "finished"


def test_a_released_job_is_described_as_it_is_then(client: TestClient) -> None:
    begin(client)
    client.post(f"{JOBS}/1/hold")
    advance(client, 60)
    assert client.post(f"{JOBS}/1/release").json()["state"] == "finished"


@pytest.mark.parametrize("action", ["finish", "fail"])
def test_a_held_job_can_be_ended(client: TestClient, action: str) -> None:
    begin(client)
    client.post(f"{JOBS}/1/hold")
    assert client.post(f"{JOBS}/1/{action}").status_code == 200
    assert job(client)["state"] == {"finish": "finished", "fail": "failed"}[action]


@pytest.mark.parametrize("action", ["hold", "release"])
def test_holding_and_releasing_twice_changes_nothing(client: TestClient, action: str) -> None:
    begin(client)
    for _ in range(2):
        assert client.post(f"{JOBS}/1/{action}").json()["held"] is (action == "hold")


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("job_id", ["7", "0", "-1", "one", "9" * 5000])
def test_a_job_that_does_not_exist_is_said(client: TestClient, job_id: str, action: str) -> None:
    begin(client)
    answer = client.post(f"{JOBS}/{job_id}/{action}")
    assert answer.status_code == 404
    assert "GET /_emulator/jobs lists them" in answer.json()["error"]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("end", ["finish", "fail"])
def test_a_job_that_is_over_can_not_be_changed(client: TestClient, end: str, action: str) -> None:
    begin(client)
    before = client.post(f"{JOBS}/1/{end}").json()
    answer = client.post(f"{JOBS}/1/{action}")
    assert (answer.status_code, answer.json()["error"]) == (409, f"job 1 is {before['state']} already")
    assert job(client) == before


@pytest.mark.parametrize("body", [b'{"message": 7}', b'{"message": null}', b'{"text": "x"}', b"[]", b"{"])
def test_a_bad_failure_fails_nothing(client: TestClient, body: bytes) -> None:
    begin(client)
    answer = client.post(f"{JOBS}/1/fail", content=body)
    assert answer.status_code == 400
    assert "\n" not in answer.json()["error"]
    assert job(client)["state"] == "queued"


def test_under_a_running_clock_a_job_finishes_while_others_are_served(make_client: ClientFactory) -> None:
    client = make_client(behaviour=(("emma.job_queue_seconds", "0"),))
    client.headers["Authorization"] = AUTH
    states: list[str] = []
    with client:
        begin(client, 10)
        while "finished" not in states and len(states) < 10_000:
            states.append(job(client)["state"])
        assert members(client) == 10
