"""A disk that takes no more: callers are told, nothing is lost, and it goes on when there is room again."""

from __future__ import annotations

import errno
import resource
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from emulator.app import create_app
from emulator.core.durable import disk
from emulator.core.errors import UserError
from emulator.settings import Settings
from tests.durable.directories import NOON, close, content, failing, killed, opened
from tests.emma.support import add, emails, ok, purge
from tests.process import COMMAND, SECONDS, environment, wait_for
from tests.support import AUTH, MEMBERS

FULL = OSError(errno.ENOSPC, "No space left on device")
REASON = "the store can not be written: No space left on device; until it can, this world takes no changes"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "worlds"


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    with opened(folder, clock=NOON) as client:
        add(client, "ann@shop.test")
        yield client


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Makes room again with `undo`."""
    monkeypatch.setattr(disk, "append", failing(FULL))
    monkeypatch.setattr(disk, "replace", failing(FULL))
    return monkeypatch


def test_emma_answers_500_in_its_own_shape_with_the_reason(client: TestClient, full: pytest.MonkeyPatch) -> None:
    answer = client.post("/100/members/add", json={"email": "bob@shop.test"})
    assert (answer.status_code, answer.json()) == (500, {"error": REASON})
    assert answer.headers["x-emulator-hint"] == REASON


def test_engagelab_answers_500_in_its_own_shape_with_the_reason(client: TestClient, full: pytest.MonkeyPatch) -> None:
    answer = client.post(MEMBERS, json={"members": [{"email": "bob@shop.test"}], "update_existing": True})
    assert (answer.status_code, answer.json()) == (500, {"code": 30999, "message": REASON})
    assert answer.headers["x-emulator-hint"] == REASON


def test_the_journal_and_the_log_say_why(
    client: TestClient, full: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client.post("/100/members/add", json={"email": "bob@shop.test"})
    entry = client.get("/_emulator/journal").json()["entries"][-1]
    assert (entry["status"], entry["hint"]) == (500, REASON)
    assert {record.getMessage() for record in caplog.records} == {
        "world 'default' can not be written: No space left on device"
    }


def test_later_writes_do_nothing_while_reads_go_on(client: TestClient, full: pytest.MonkeyPatch) -> None:
    client.post("/100/members/add", json={"email": "bob@shop.test"})
    for number in range(3):
        assert client.post("/100/members/add", json={"email": f"{number}@shop.test"}).status_code == 500
        assert client.put("/100/members/1024", json={"fields": {"first_name": "Ann"}}).status_code == 500
        assert client.delete("/100/members/1024").status_code == 500
    # The first one was done before anybody could know; the others were not.
    assert emails(client) == ["ann@shop.test", "bob@shop.test"]
    assert ok(client.get("/100/members/1024"))["fields"] == {}


def test_a_search_is_a_read_although_it_is_a_post(client: TestClient, full: pytest.MonkeyPatch) -> None:
    client.post("/100/members/add", json={"email": "bob@shop.test"})
    assert client.post("/v1/marketing/lists/list_members", json={}).status_code == 200


def test_the_control_plane_says_that_a_change_is_not_kept(client: TestClient, full: pytest.MonkeyPatch) -> None:
    for method, path in [
        ("POST", "/_emulator/reset"),
        ("PUT", "/_emulator/snapshots/s"),
        ("POST", "/_emulator/clock/advance"),
    ]:
        answer = client.request(method, path, json={"by": 1} if "clock" in path else None)
        assert (answer.status_code, answer.json()) == (500, {"error": REASON})
    assert client.get("/_emulator/clock").status_code == 200
    assert client.get("/_emulator/livez").status_code == 200


def test_another_world_is_served_as_long_as_it_can_be_written(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = disk.append

    def append(log: disk.Log, data: bytes) -> None:
        if log.path.name.startswith("default"):
            raise FULL
        real(log, data)

    monkeypatch.setattr(disk, "append", append)
    assert client.post("/100/members/add", json={"email": "bob@shop.test"}).status_code == 500
    assert client.post("/_world/other/100/members/add", json={"email": "bob@shop.test"}).status_code == 200


def test_with_room_again_everything_goes_on_and_what_failed_is_there(
    client: TestClient, folder: Path, full: pytest.MonkeyPatch
) -> None:
    client.post("/100/members/add", json={"email": "bob@shop.test"})
    client.post("/100/members/add", json={"email": "cat@shop.test"})
    full.undo()
    assert add(client, "dan@shop.test") == 1026
    assert emails(client) == ["ann@shop.test", "bob@shop.test", "dan@shop.test"]
    wanted = client.get("/100/members").content
    with opened(killed(folder)) as again:
        assert again.get("/100/members").content == wanted


def test_a_read_is_enough_to_find_room_again(client: TestClient, folder: Path, full: pytest.MonkeyPatch) -> None:
    client.post("/100/members/add", json={"email": "bob@shop.test"})
    full.undo()
    emails(client)
    with opened(killed(folder)) as again:
        assert emails(again) == ["ann@shop.test", "bob@shop.test"]


def test_what_was_answered_before_stays_on_disk(client: TestClient, folder: Path, full: pytest.MonkeyPatch) -> None:
    before = content(folder)
    client.post("/100/members/add", json={"email": "bob@shop.test"})
    client.get("/100/members")
    assert content(folder) == before


def test_half_a_record_that_was_written_does_not_count(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, written = disk._write, []

    def write(handle: int, data: bytes) -> None:
        real(handle, data[: len(data) // 2])
        written.append(data)
        raise FULL

    monkeypatch.setattr(disk, "_write", write)
    assert client.post("/100/members/add", json={"email": "bob@shop.test"}).status_code == 500
    assert written
    twin = killed(folder)
    monkeypatch.undo()
    with opened(twin) as again:
        assert emails(again) == ["ann@shop.test"]
    add(client, "cat@shop.test")
    with opened(killed(folder)) as again:
        assert emails(again) == ["ann@shop.test", "bob@shop.test", "cat@shop.test"]


def test_an_import_goes_on_in_memory_and_is_on_disk_when_there_is_room(
    client: TestClient, folder: Path, full: pytest.MonkeyPatch
) -> None:
    full.undo()
    ok(client.post("/100/members", json={"members": [{"email": f"{number}@shop.test"} for number in range(500)]}))
    full.setattr(disk, "append", failing(FULL))
    assert client.post("/_emulator/clock/advance", json={"by": "1h"}).status_code == 500
    full.undo()
    wanted = ok(client.get("/100/members/imports/1024"))
    assert (wanted["status"], wanted["num_members_added"]) == ("o", 500)
    with opened(killed(folder)) as again:
        assert ok(again.get("/100/members/imports/1024")) == wanted
        assert ok(again.get("/100/members", params={"count": True})) == 501


def test_a_purge_is_no_success_before_its_checkpoint_is_written(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "replace", failing(FULL))
    answer = client.post("/100/members/purge", json={"member_ids": [1024]})
    assert (answer.status_code, answer.json()) == (500, {"error": REASON})
    monkeypatch.undo()
    purge(client, 1024)
    assert not [name for name, text in content(folder).items() if b"ann@shop.test" in text]


def test_a_checkpoint_that_fails_leaves_no_temporary_file(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if self.suffix == ".new":
            raise FULL
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    assert client.post("/100/members/purge", json={"member_ids": []}).status_code == 500
    assert not [name for name in content(folder) if name.endswith(".new")]


def test_an_end_without_room_says_what_is_not_kept(folder: Path, full: pytest.MonkeyPatch) -> None:
    full.undo()
    app = create_app(Settings(store=str(folder)))
    client = TestClient(app, headers={"Authorization": AUTH}, raise_server_exceptions=False)
    add(client, "ann@shop.test")
    full.setattr(disk, "append", failing(FULL))
    client.post("/100/members/add", json={"email": "bob@shop.test"})
    with pytest.raises(UserError) as caught:
        close(client)
    assert str(caught.value) == (f"{folder}: not everything could be written; world 'default': No space left on device")
    full.undo()
    with opened(folder) as again:
        assert emails(again) == ["ann@shop.test"]


def test_a_start_without_room_is_refused(folder: Path, full: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"worlds can not be written: No space left on device$"):
        create_app(Settings(store=str(folder)))
    full.undo()
    with opened(folder) as client:
        assert emails(client) == []


def test_a_real_limit_of_file_sizes_is_met_and_lifted(tmp_path: Path) -> None:
    folder, ready = tmp_path / "worlds", tmp_path / "ready"
    command = [*COMMAND, "start", "--port", "0", "--ready-file", str(ready), "--store", f"tinydb:{folder}"]
    limit = 64 * 1024
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
    try:
        url = wait_for(ready, process)
        _, most = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        with httpx2.Client(base_url=url, headers={"Authorization": AUTH}, trust_env=False, timeout=SECONDS) as http:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, most))
            answered = write_until_refused(http)
            assert 0 < len(answered) < 1000
            assert http.post("/100/members/add", json={"email": "refused@shop.test"}).status_code == 500
            assert http.get("/100/members/1024").status_code == 200
            assert max(path.stat().st_size for path in folder.iterdir()) <= limit
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
            assert http.post("/100/members/add", json={"email": "last@shop.test"}).status_code == 200
            wanted = http.get("/100/members").content
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        _, errors = process.communicate(timeout=SECONDS)
    lines = errors.splitlines()
    assert "Traceback" not in errors
    assert all("can not be written: File too large" in line for line in lines)
    with opened(folder) as client:
        assert client.get("/100/members").content == wanted
        there = emails(client)
    assert set(answered) <= set(there)
    assert "refused@shop.test" not in there
    assert there[-1] == "last@shop.test"


def write_until_refused(http: httpx2.Client) -> list[str]:
    """The addresses that were accepted."""
    accepted: list[str] = []
    for number in range(1000):
        email = f"{number}@shop.test"
        if http.post("/100/members/add", json={"email": email}).status_code != 200:
            break
        accepted.append(email)
    return accepted
