"""States that a tester keeps and returns to."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from emulator.core import snapshots
from tests.emma.support import AUTH

SNAPSHOTS = "/_emulator/snapshots"
HEADERS = {"Authorization": AUTH}


@pytest.fixture(autouse=True)
def _as_emma(client: TestClient) -> None:
    client.headers.update(HEADERS)


def add(client: TestClient, email: str, prefix: str = "") -> None:
    answer = client.post(f"{prefix}/100/members/add", json={"email": email})
    assert answer.status_code == 200, answer.text


def emails(client: TestClient, prefix: str = "") -> list[str]:
    return [member["email"] for member in client.get(f"{prefix}/100/members").json()]


def save(client: TestClient, name: str = "before", prefix: str = "") -> dict[str, Any]:
    answer = client.put(f"{prefix}{SNAPSHOTS}/{name}")
    assert answer.status_code == 201, answer.text
    result: dict[str, Any] = answer.json()
    return result


def restore(client: TestClient, name: str = "before") -> dict[str, Any]:
    answer = client.post(f"{SNAPSHOTS}/{name}/restore")
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def test_a_restored_world_is_as_it_was(client: TestClient) -> None:
    add(client, "ann@shop.test")
    save(client)
    add(client, "bob@shop.test")
    client.post("/_emulator/clock/advance", json={"by": "1d"})
    client.put("/_emulator/behaviours", json={"emma.paging_end": "inclusive"})
    assert restore(client)["now"] == "2024-05-01T12:00:00Z"
    assert emails(client) == ["ann@shop.test"]
    chosen = {row["id"]: row["choice"] for row in client.get("/_emulator/behaviours").json()["behaviours"]}
    assert chosen["emma.paging_end"] == "exclusive"


def test_the_same_calls_after_a_restore_get_the_same_answers(client: TestClient) -> None:
    save(client)
    first = client.post("/100/members/add", json={"email": "ann@shop.test"}).content
    restore(client)
    assert client.post("/100/members/add", json={"email": "ann@shop.test"}).content == first


def test_a_snapshot_may_be_restored_again_and_again(client: TestClient) -> None:
    add(client, "ann@shop.test")
    save(client)
    for _ in range(2):
        client.delete("/100/members")
        assert emails(client) == []
        restore(client)
        assert emails(client) == ["ann@shop.test"]


def test_a_snapshot_of_the_same_name_takes_the_place_of_the_older_one(client: TestClient) -> None:
    save(client)
    add(client, "ann@shop.test")
    save(client)
    client.delete("/100/members")
    restore(client)
    assert emails(client) == ["ann@shop.test"]
    assert len(client.get(SNAPSHOTS).json()["snapshots"]) == 1


def test_the_journal_goes_on(client: TestClient) -> None:
    save(client)
    add(client, "ann@shop.test")
    restore(client)
    assert [entry["operation"] for entry in client.get("/_emulator/journal").json()["entries"]] == ["emma.members.add"]


def test_a_reset_leaves_the_snapshots(client: TestClient) -> None:
    add(client, "ann@shop.test")
    save(client)
    client.post("/_emulator/reset")
    restore(client)
    assert emails(client) == ["ann@shop.test"]


def test_an_import_that_was_under_way_goes_on_from_where_it_was(client: TestClient) -> None:
    client.put("/_emulator/behaviours", json={"emma.job_queue_seconds": 0, "emma.job_units_per_second": 1})
    client.post("/100/members", json={"members": [{"email": f"m{number}@shop.test"} for number in range(4)]})
    client.post("/_emulator/clock/advance", json={"by": 2})
    save(client)
    client.post("/_emulator/clock/advance", json={"by": 60})
    assert len(emails(client)) == 4
    restore(client)
    assert len(emails(client)) == 2
    client.post("/_emulator/clock/advance", json={"by": 60})
    assert len(emails(client)) == 4


def test_each_world_has_its_own(client: TestClient) -> None:
    save(client, prefix="/_world/a")
    assert client.get(f"/_world/b{SNAPSHOTS}").json() == {"snapshots": []}
    assert client.post(f"/_world/b{SNAPSHOTS}/before/restore").status_code == 404


def test_a_snapshot_is_listed_and_described(client: TestClient) -> None:
    add(client, "ann@shop.test")
    kept = save(client)
    assert kept == {"name": "before", "at": "2024-05-01T12:00:00Z", "accounts": {"emma": ["100"], "engagelab": []}}
    assert client.get(f"{SNAPSHOTS}/before").json() == kept
    assert client.get(SNAPSHOTS).json() == {"snapshots": [kept]}


def test_a_dropped_snapshot_is_gone(client: TestClient) -> None:
    save(client)
    assert client.delete(f"{SNAPSHOTS}/before").json() == {"dropped": "before"}
    for method, path in (("GET", "before"), ("DELETE", "before"), ("POST", "before/restore")):
        answer = client.request(method, f"{SNAPSHOTS}/{path}")
        assert answer.status_code == 404
        assert answer.json() == {"error": "there is no snapshot 'before'; GET /_emulator/snapshots lists them"}


def test_a_name_that_could_be_no_file_is_refused(client: TestClient) -> None:
    answer = client.put(f"{SNAPSHOTS}/.hidden")
    assert answer.status_code == 400
    assert "snapshot names have 1 to 64 letters" in answer.json()["error"]


def test_there_is_a_limit_and_it_says_so(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MOST", 1)
    save(client, "one")
    answer = client.put(f"{SNAPSHOTS}/two")
    assert (answer.status_code, "the limit" in answer.json()["error"]) == (409, True)
    save(client, "one")


@pytest.mark.parametrize("email", ["ann@shop.test", "Ann@Shop.test"])
def test_whom_a_vendor_erases_is_in_no_snapshot_either(client: TestClient, email: str) -> None:
    add(client, email)
    add(client, "bob@shop.test")
    save(client)
    client.put("/100/members/1024", json={"email": "ann.new@shop.test"})
    save(client, "later")
    assert client.post("/100/members/purge", json={"member_ids": [1024]}).text == "true"
    for name in ("before", "later"):
        restore(client, name)
        assert emails(client) == ["bob@shop.test"]
        assert client.get("/100/members/1024?deleted=true").status_code == 404


def test_an_erasure_leaves_others_of_the_same_id_alone(client: TestClient) -> None:
    add(client, "ann@shop.test")
    save(client)
    client.post("/_emulator/reset")
    add(client, "bob@shop.test")
    client.post("/100/members/purge", json={"member_ids": [1024]})
    restore(client)
    assert emails(client) == ["ann@shop.test"]
