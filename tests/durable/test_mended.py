"""What went wrong with the store once, and must not again."""

from __future__ import annotations

import asyncio
import errno
import json
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from emulator.app import create_app
from emulator.core.durable import disk
from emulator.core.errors import UserError
from emulator.settings import Settings
from tests.durable.directories import NOON, content, failing, killed, mentioning, opened
from tests.emma.support import add, advance, emails, group, ok, purge, update
from tests.support import AUTH

FULL = OSError(errno.ENOSPC, "No space left on device")
ANN = "ann@shop.test"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "worlds"


def purge_in_vain(client: TestClient, member_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log can be written, a checkpoint can not."""
    monkeypatch.setattr(disk, "replace", failing(FULL))
    assert client.post("/100/members/purge", json={"member_ids": [member_id]}).status_code == 500


def test_failed_checkpoints_leave_no_gap_in_the_logs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(folder, clock=NOON) as client:
        purge_in_vain(client, add(client, ANN), monkeypatch)
        client.get("/100/members")
        client.post("/100/members/add", json={"email": "bob@shop.test"})
        twin = killed(folder)
        monkeypatch.undo()
    with opened(twin):
        pass


def test_a_purge_that_a_kill_cut_short_can_be_repeated(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(folder, clock=NOON) as client:
        member_id = add(client, ANN)
        client.put("/_emulator/snapshots/s")
        purge_in_vain(client, member_id, monkeypatch)
        twin = killed(folder)
        monkeypatch.undo()
    with opened(twin) as client:
        purge(client, member_id)
        assert mentioning(twin, ANN) == []


def test_an_import_exists_once_after_a_kill_during_a_purge(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(folder, clock=NOON) as client:
        member_id = add(client, ANN)
        ok(client.post("/100/members", json={"members": [{"email": ANN}, {"email": "bob@shop.test"}]}))
        purge_in_vain(client, member_id, monkeypatch)
        twin = killed(folder)
        monkeypatch.undo()
    with opened(twin) as client:
        advance(client, "1h")
        assert emails(client) == ["bob@shop.test"]


def test_a_waiting_import_in_a_snapshot_forgets_whom_it_has_not_added_yet(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        ok(client.post("/100/members", json={"members": [{"email": ANN}, {"email": "bob@shop.test"}]}))
        client.put("/_emulator/snapshots/s")
        advance(client, "1h")
        purge(client, ok(client.get(f"/100/members/email/{ANN}"))["member_id"])
        assert mentioning(folder, ANN) == []


def test_a_former_address_goes_from_a_snapshot_taken_later(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        member_id = add(client, "old@shop.test")
        client.put("/_emulator/snapshots/s1")
        update(client, member_id, email="new@shop.test")
        client.put("/_emulator/snapshots/s2")
        ok(client.post("/_emulator/snapshots/s1/restore"))
        purge(client, member_id)
        assert mentioning(folder, "old@shop.test") == []


def test_duplicate_addresses_are_refused_in_one_line(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        add(client, ANN)
    tables = json.loads((folder / "default.json").read_bytes())
    tables["emma/100/members"]["2"] = {**tables["emma/100/members"]["1"], "member_id": 99}
    (folder / "default.json").write_text(json.dumps(tables))
    with pytest.raises(UserError):
        create_app(Settings(store=str(folder)))


def test_a_missing_table_is_no_empty_one(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        add(client, ANN)
    tables = json.loads((folder / "default.json").read_bytes())
    del tables["emma/100/members"]
    (folder / "default.json").write_text(json.dumps(tables))
    with pytest.raises(UserError):
        create_app(Settings(store=str(folder)))


def test_the_control_plane_changes_nothing_while_it_can_not_be_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(folder, clock=NOON) as client:
        add(client, ANN)
        monkeypatch.setattr(disk, "append", failing(FULL))
        assert client.post("/100/members/add", json={"email": "bob@shop.test"}).status_code == 500
        assert client.post("/_emulator/clock/advance", json={"by": "1h"}).status_code == 500
        now = client.get("/_emulator/clock").json()["now"]
        assert client.post("/_emulator/reset").status_code == 500
        left = emails(client)
        monkeypatch.undo()
        assert (now, left) == ("2024-05-01T12:00:00Z", [ANN, "bob@shop.test"])


def test_writes_are_refused_before_they_are_done_while_a_purge_has_no_checkpoint(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(folder, clock=NOON) as client:
        purge_in_vain(client, add(client, ANN), monkeypatch)
        answers = [client.post("/100/members/add", json={"email": f"{each}@shop.test"}) for each in range(3)]
        assert [each.status_code for each in answers] == [500] * 3
        there = emails(client)
        monkeypatch.undo()
        assert there == []


def test_a_write_says_of_the_account_only_what_changed(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        member_id = add(client, ANN)
        before = sum(map(len, content(folder).values()))
        update(client, member_id, fields={"first_name": "Ann"})

        assert sum(map(len, content(folder).values())) - before < 400


def test_a_read_writes_nothing_while_a_job_waits(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        ok(client.post("/100/members", json={"members": [{"email": ANN}]}))
        before = content(folder)
        emails(client)
        assert content(folder) == before


def test_accounts_are_in_the_same_order_after_a_kill(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        accounts = [{"account_id": number} for number in (500, 100, 300, 200, 900, 700, 400, 600)]
        ok(client.put("/_emulator/state", json={"emma": {"accounts": accounts}}))
        wanted, twin = client.get("/_emulator/worlds").json()["worlds"][0]["accounts"], killed(folder)
    with opened(twin) as client:
        assert client.get("/_emulator/worlds").json()["worlds"][0]["accounts"] == wanted


def test_an_erasure_in_the_background_tries_its_checkpoint_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(folder, behaviour=(("emma.job_queue_seconds", "0"), ("emma.deletion", "erase"))) as client:
        group_id = group(client)
        add(client, ANN, group_ids=[group_id])
        query = {"member_status_id": "a", "delete_members": "true"}
        monkeypatch.setattr(disk, "replace", failing(FULL))
        ok(client.delete(f"/100/groups/{group_id}/members/remove", params=query))
        for _ in range(50):
            client.get("/_emulator/jobs")
        assert client.get("/_emulator/jobs").json()["jobs"][0]["state"] == "finished"
        monkeypatch.undo()
        ok(client.get("/100/members"))
        add(client, "bob@shop.test")
        assert mentioning(folder, ANN) == []


def test_a_format_before_the_first_is_refused(folder: Path) -> None:
    with opened(folder, clock=NOON):
        pass
    tables = json.loads((folder / "default.json").read_bytes())
    tables["emulator"]["1"]["format"] = 0
    (folder / "default.json").write_text(json.dumps(tables))
    with pytest.raises(UserError):
        create_app(Settings(store=str(folder)))


def test_a_large_purge_that_was_killed_is_complete_after_a_second_one(folder: Path) -> None:
    """No failing disk: another client's answer in the middle of the purge, then a kill, then the same purge again."""
    with opened(folder, clock=NOON, behaviour=(("emma.job_progress", "immediate"),)) as client:
        rows = [{"email": f"{number}@gone.test"} for number in range(20_000)]
        ok(client.post("/100/members", json={"members": rows}))
        client.put("/_emulator/snapshots/s")
        body = {"member_ids": list(range(1024, 1024 + len(rows)))}
        twins: list[Path] = []

        async def race() -> None:
            transport = httpx2.ASGITransport(app=client.app)
            async with httpx2.AsyncClient(
                transport=transport, base_url="http://x", headers={"Authorization": AUTH}
            ) as http:
                purging = asyncio.create_task(http.post("/100/members/purge", json=body))
                await asyncio.sleep(0.02)
                while not purging.done() and len(twins) < 3:
                    await http.post("/100/members/add", json={"email": f"bob{len(twins)}@shop.test"})
                    if not purging.done():
                        twins.append(killed(folder))
                await purging

        asyncio.run(race())
    assert twins
    for twin in twins:
        with opened(twin) as client:
            assert client.post("/100/members/purge", json=body).json() is True
            assert mentioning(twin, "@gone.test") == []


def test_a_purge_leaves_nothing_of_a_dropped_snapshot_either(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        member_id = add(client, ANN)
        client.put("/_emulator/snapshots/s")
        client.delete("/_emulator/snapshots/s")
        ok(client.post("/_emulator/reset"))

        purge(client, member_id)
        assert mentioning(folder, ANN) == []
