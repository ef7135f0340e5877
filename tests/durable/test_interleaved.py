"""What other requests do between the slices of a long one, and a kill after that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from emulator.core.durable import file
from emulator.core.durable.names import WorldNames
from tests.durable.directories import NOON, killed, mentioning, opened
from tests.emma.support import AUTH, MEMBERS, add, archive, member, ok, purge
from tests.support import world_of

PEOPLE = 5000
Script = Callable[[httpx2.AsyncClient], Awaitable[None]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "worlds"


def act(client: TestClient, script: Script) -> None:
    """Run it in one event loop, so that its requests meet."""

    async def run() -> None:
        transport = httpx2.ASGITransport(app=client.app)
        headers = {"Authorization": AUTH}
        async with httpx2.AsyncClient(transport=transport, base_url="http://emulator", headers=headers) as http:
            await script(http)

    asyncio.run(run())


def crowded(client: TestClient) -> None:
    """Many members; their ids count from 1024."""
    ok(client.put("/_emulator/behaviours", json={"emma.job_progress": "immediate"}))
    ok(client.post(MEMBERS, json={"members": [{"email": f"{number}@gone.test"} for number in range(PEOPLE)]}))


def living(client: TestClient) -> int:
    count: int = ok(client.get(MEMBERS, params={"count": "true"}))
    return count


async def until(client: TestClient, condition: Callable[[int], bool]) -> None:
    """Wait until so many members are not archived, as the table has it."""
    account: Any = world_of(client).accounts["emma"].known("100")
    while not condition(account.members.count((("archived", False),))):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "reset", {"scopes": ["clock"]}), ("PUT", "snapshots/kept", None)],
)
def test_a_change_of_the_whole_between_slices_loses_no_row(folder: Path, method: str, path: str, body: Any) -> None:
    with opened(folder) as client:
        crowded(client)

        async def script(http: httpx2.AsyncClient) -> None:
            archiving = asyncio.create_task(http.delete(f"{MEMBERS}?member_status_id=a"))
            await until(client, lambda left: left < PEOPLE)
            await http.get(MEMBERS)
            await until(client, lambda left: left < PEOPLE - 2000)
            assert not archiving.done()
            answer = await http.request(method, f"/_emulator/{path}", json=body)
            assert answer.status_code < 300
            assert (await archiving).status_code == 200

        act(client, script)
        assert living(client) == 0
        twin = killed(folder)
        if path != "reset":
            ok(client.post(f"/_emulator/{path}/restore"))
        wanted = living(client)
    with opened(twin) as client:
        if path != "reset":
            ok(client.post(f"/_emulator/{path}/restore"))
        assert living(client) == wanted


def test_an_import_that_begins_during_a_purge_goes_on_after_a_kill(folder: Path) -> None:
    with opened(folder) as client:
        crowded(client)
        ok(client.put("/_emulator/behaviours", json={"emma.job_progress": "manual"}))
        ids = list(range(1024, 1024 + PEOPLE))

        async def script(http: httpx2.AsyncClient) -> None:
            purging = asyncio.create_task(http.post(f"{MEMBERS}/purge", json={"member_ids": ids}))
            await until(client, lambda left: left < PEOPLE)
            assert not purging.done()
            rows = [{"email": f"{number}@new.test"} for number in range(600)]
            assert (await http.post(MEMBERS, json={"members": rows})).status_code == 200
            twins.append(killed(folder))
            await purging

        twins: list[Path] = []
        act(client, script)
    with opened(twins[0]) as client:
        ok(client.post("/_emulator/jobs/2/finish"))
        assert ok(client.get(f"{MEMBERS}/email/599@new.test"))["member_status_id"] == "a"
        assert ok(client.get(f"{MEMBERS}/imports/1025"))["num_members_added"] == 600


def test_a_purge_that_is_cut_short_after_a_checkpoint_is_completed(folder: Path) -> None:
    with opened(folder) as client:
        crowded(client)
        assert client.put("/_emulator/snapshots/kept").status_code == 201
        ids = list(range(1024, 1024 + PEOPLE))
        twins: list[Path] = []

        async def script(http: httpx2.AsyncClient) -> None:
            purging = asyncio.create_task(http.post(f"{MEMBERS}/purge", json={"member_ids": ids}))
            await until(client, lambda left: left < PEOPLE - 2000)
            assert not purging.done()
            world = world_of(client).file
            assert world is not None
            world.switch().result()
            twins.append(killed(folder))
            await purging

        act(client, script)
    with opened(twins[0]) as client:
        left = living(client)
        ok(client.post("/_emulator/snapshots/kept/restore"))
        assert (left < PEOPLE, living(client)) == (True, left)


def test_what_the_data_depends_on_is_not_reset_without_it(folder: Path) -> None:
    with opened(folder) as client:
        behaviours = {"emma.email_case": "sensitive", "emma.job_queue_seconds": 0, "emma.job_units_per_second": 0.001}
        ok(client.put("/_emulator/state", json={"behaviours": behaviours, "emma": {"accounts": [{"account_id": 100}]}}))
        ok(client.post(MEMBERS, json={"members": [{"email": "A@shop.test"}, {"email": "a@shop.test"}]}))
        ok(client.get("/_emulator/jobs"))
        ok(client.post("/_emulator/reset", json={"scopes": ["behaviours"]}))
    with opened(folder) as client:
        assert ok(client.post("/_emulator/jobs/1/finish"))["state"] == "finished"


def test_an_old_log_does_not_outlive_the_next_start(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    twins: list[Path] = []
    remove = WorldNames.remove_logs

    def killed_before(names: WorldNames, before: int) -> None:
        if not twins:
            twins.append(killed(folder))
        remove(names, before)

    with opened(folder, clock=NOON) as client:
        monkeypatch.setattr(WorldNames, "remove_logs", killed_before)
        purge(client, add(client, "ann@shop.test"))
        monkeypatch.undo()
    assert mentioning(twins[0], "ann@shop.test") != []
    with opened(twins[0], clock=NOON):
        assert mentioning(twins[0], "ann@shop.test") == []


def test_a_world_that_is_dropped_while_it_is_written_stays_dropped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(folder, clock=NOON) as client:
        add(client)
        ok(client.post("/_world/other/100/members/add", json={"email": "ann@shop.test"}))
        monkeypatch.setattr(file, "_LEAST_LOG", 1)

        async def script(http: httpx2.AsyncClient) -> None:
            body = {"members": [{"email": f"{number}@shop.test"} for number in range(500)]}
            writing = asyncio.create_task(http.post("/_world/other/100/members", json=body))
            await asyncio.sleep(0)
            assert (await http.delete("/_emulator/worlds/other")).status_code == 200
            assert (await writing).status_code == 200

        act(client, script)
        assert [path.name for path in folder.iterdir() if path.name.startswith("other")] == []


def test_the_file_of_another_world_that_can_not_be_written_is_no_matter(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        (folder / "bad.0.log").mkdir()
        assert client.get("/_world/bad/_emulator/clock").status_code == 200
        assert client.put("/_emulator/snapshots/kept").status_code == 201
        world_of(client, "bad").file = None  # nothing of it can be kept


def test_members_archived_just_before_a_kill_are_archived_after_it(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        member_id = add(client)
        archive(client, member_id)
        wanted = member(client, member_id, deleted=True)
        with opened(killed(folder)) as again:
            assert member(again, member_id, deleted=True) == wanted
