"""Whom a vendor erases is in no file any more when the answer leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.durable.directories import NOON, killed, mentioning, opened
from tests.emma.support import act, add, advance, archive, choose, emails, group, ok, purge, update
from tests.process import running
from tests.support import AUTH

ANN = "ann@shop.test"
Erase = Callable[[TestClient, int], None]


def by_purge(client: TestClient, member_id: int) -> None:
    purge(client, member_id)


def by_purging_the_archived(client: TestClient, member_id: int) -> None:
    archive(client, member_id)
    assert ok(client.put("/100/members/purgeall")) is True


def by_deleting(client: TestClient, member_id: int) -> None:
    choose(client, "deletion", "erase")
    assert ok(client.delete(f"/100/members/{member_id}")) is True


def by_deleting_several(client: TestClient, member_id: int) -> None:
    choose(client, "deletion", "erase")
    archive(client, member_id)


def by_deleting_all(client: TestClient, member_id: int) -> None:
    choose(client, "deletion", "erase")
    assert ok(client.delete("/100/members")) is True


def by_a_job_that_a_tester_finishes(client: TestClient, member_id: int) -> None:
    choose(client, "deletion", "erase")
    group_id = group(client)
    ok(client.put(f"/100/groups/{group_id}/members", json={"member_ids": [member_id]}))
    path = f"/100/groups/{group_id}/members/remove"
    assert ok(client.delete(path, params={"member_status_id": "a", "delete_members": True})) is True
    jobs = ok(client.get("/_emulator/jobs"))["jobs"]
    ok(client.post(f"/_emulator/jobs/{jobs[-1]['id']}/finish"))


WAYS = [
    by_purge,
    by_purging_the_archived,
    by_deleting,
    by_deleting_several,
    by_deleting_all,
    by_a_job_that_a_tester_finishes,
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "worlds"


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    with opened(folder, clock=NOON) as client:
        yield client


@pytest.mark.parametrize("erase", WAYS)
def test_nobody_who_was_erased_is_in_a_log(client: TestClient, folder: Path, erase: Erase) -> None:
    member_id = add(client, ANN)
    add(client, "bob@shop.test")
    assert mentioning(folder, ANN) == ["default.0.log"]
    erase(client, member_id)
    assert mentioning(folder, ANN) == []


@pytest.mark.parametrize("erase", WAYS)
def test_nobody_who_was_erased_is_in_a_checkpoint(folder: Path, erase: Erase) -> None:
    with opened(folder, clock=NOON) as client:
        member_id = add(client, ANN)
    assert mentioning(folder, ANN) == ["default.json"]
    with opened(folder) as client:
        erase(client, member_id)
        assert mentioning(folder, ANN) == []


@pytest.mark.parametrize("erase", WAYS)
def test_nobody_who_was_erased_is_in_a_checkpoint_or_in_the_log_after_it(folder: Path, erase: Erase) -> None:
    with opened(folder, clock=NOON) as client:
        member_id = add(client, ANN)
    with opened(folder) as client:
        update(client, member_id, fields={"first_name": "Ann"})
        assert mentioning(folder, ANN) == ["default.1.log", "default.json"]
        erase(client, member_id)
        assert mentioning(folder, ANN) == []


@pytest.mark.parametrize("erase", WAYS)
def test_nobody_who_was_erased_comes_back_after_a_kill(client: TestClient, folder: Path, erase: Erase) -> None:
    member_id = add(client, ANN)
    add(client, "bob@shop.test", group_ids=[])
    client.put("/_emulator/snapshots/before")
    erase(client, member_id)
    left = emails(client)
    with opened(killed(folder)) as again:
        assert emails(again) == left
        ok(again.post("/_emulator/snapshots/before/restore"))
        assert ANN not in emails(again, deleted=True)


@pytest.mark.parametrize("erase", WAYS)
def test_an_erased_member_is_in_no_snapshot_on_disk(client: TestClient, folder: Path, erase: Erase) -> None:
    member_id = add(client, ANN)
    client.put("/_emulator/snapshots/first")
    update(client, member_id, fields={"first_name": "Ann"})
    client.put("/_emulator/snapshots/second")
    erase(client, member_id)
    assert mentioning(folder, ANN) == []


@pytest.mark.parametrize("erase", WAYS)
def test_a_former_address_is_in_no_file_either(client: TestClient, folder: Path, erase: Erase) -> None:
    member_id = add(client, "former@shop.test")
    client.put("/_emulator/snapshots/before")
    update(client, member_id, email=ANN)
    assert mentioning(folder, "former@shop.test") == ["default.0.log"]
    erase(client, member_id)
    assert mentioning(folder, "former@shop.test", ANN) == []


@pytest.mark.parametrize("erase", WAYS)
def test_no_row_of_a_waiting_import_keeps_an_erased_address(client: TestClient, folder: Path, erase: Erase) -> None:
    member_id = add(client, ANN)
    rows = [{"email": "bob@shop.test"}, {"email": ANN, "first_name": "Ann"}, {"email": ANN.upper()}]
    ok(client.post("/100/members", json={"members": rows}))
    erase(client, member_id)
    assert mentioning(folder, ANN) == []
    with opened(killed(folder)) as again:
        advance(again, "1h")
        assert emails(again, deleted=True) == ["bob@shop.test"]


def test_what_was_mailed_to_an_erased_member_is_in_no_file(client: TestClient, folder: Path) -> None:
    member_id = add(client, ANN)
    act(client, "deliver", member_id=member_id, mailing_id=7, name="news for ann", subject="hello ann@shop.test")
    assert mentioning(folder, "news for ann")
    purge(client, member_id)
    assert mentioning(folder, "news for ann", ANN) == []


def test_a_failed_job_keeps_no_erased_address_in_its_message(client: TestClient, folder: Path) -> None:
    member_id = add(client, ANN)
    ok(client.post("/100/members", json={"members": [{"email": "bob@shop.test"}], "source_filename": f"{ANN}.csv"}))
    ok(client.post("/_emulator/jobs/1/fail", json={"message": f"{ANN} is wrong"}))
    assert mentioning(folder, f"{ANN} is wrong", f"{ANN}.csv")
    purge(client, member_id)
    assert mentioning(folder, ANN) == []


def test_others_are_still_on_disk(client: TestClient, folder: Path) -> None:
    member_id = add(client, ANN)
    add(client, "bob@shop.test")
    purge(client, member_id)
    assert mentioning(folder, "bob@shop.test") == ["default.json"]


def test_an_erased_member_of_one_world_stays_in_another(client: TestClient, folder: Path) -> None:
    member_id = add(client, ANN)
    ok(client.post("/_world/other/100/members/add", json={"email": ANN}))
    purge(client, member_id)
    assert mentioning(folder, ANN) == ["other.0.log"]


def test_nothing_is_left_while_others_write_at_the_same_time(tmp_path: Path) -> None:
    folder = tmp_path / "worlds"
    stop = Event()
    with running(tmp_path, "--store", f"tinydb:{folder}") as started:

        def connect() -> httpx2.Client:
            return httpx2.Client(base_url=started.url, headers={"Authorization": AUTH}, trust_env=False, timeout=60)

        def write(name: str) -> int:
            with connect() as client:
                for number in range(10_000):
                    if stop.is_set():
                        return number
                    body = {"email": f"{name}-{number}@shop.test"}
                    assert client.post("/100/members/add", json=body).status_code == 200
            return 10_000

        def erase(name: str) -> None:
            with connect() as client:
                for number in range(12):
                    email = f"{name}-{number}@gone.test"
                    body = {"email": email}
                    member_id = client.post("/100/members/add", json=body).json()["member_id"]
                    client.put("/_emulator/snapshots/last")
                    assert client.post("/100/members/purge", json={"member_ids": [member_id]}).json() is True
                    assert not _files_with(folder, email.encode())

        with ThreadPoolExecutor(4) as pool:
            writers = [pool.submit(write, name) for name in ("a", "b")]
            erasers = [pool.submit(erase, name) for name in ("c", "d")]
            try:
                for each in erasers:
                    each.result()
            finally:
                stop.set()
            assert all(each.result() > 0 for each in writers)
        assert started.stop()[2] == ""


def _files_with(folder: Path, word: bytes) -> list[str]:
    """Read while files come and go."""
    found = []
    for path in list(folder.iterdir()):
        try:
            if word in path.read_bytes():
                found.append(path.name)
        except FileNotFoundError:
            continue
    return found
