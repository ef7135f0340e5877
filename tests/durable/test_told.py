"""What a kept world tells webhooks after it was read again, and that a lost answer is kept all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from emulator import create_app
from emulator.settings import Settings
from tests.emma.support import AUTH, GROUPS, MEMBERS, emails, ok
from tests.emma.telling import WEBHOOKS, facts, tell, told
from tests.stores import kill

NOW = {"mode": "frozen", "at": "2024-05-01T12:00:00Z"}


def opened(folder: Path, **settings: Any) -> TestClient:
    clock = None if any(folder.iterdir()) else NOW
    return TestClient(create_app(Settings(store=str(folder), clock=clock, **settings)), headers={"Authorization": AUTH})


def again(client: TestClient, folder: Path, **settings: Any) -> TestClient:
    """The same directory after a kill."""
    kill(client.app)  # type: ignore[arg-type]
    return opened(folder, **settings)


def test_a_webhook_is_told_after_a_kill(tmp_path: Path) -> None:
    client = opened(tmp_path)
    (webhook_id,) = tell(client, "member_add")
    client = again(client, tmp_path)
    assert [each["webhook_id"] for each in ok(client.get(WEBHOOKS))] == [webhook_id]
    ok(client.post(f"{MEMBERS}/add", json={"email": "ann@shop.test"}))
    assert [each["event_name"] for each in told(client)] == ["member_add"]
    assert tell(client, "member_add") == [webhook_id + 1]


def test_a_removal_that_was_half_done_tells_of_all_who_left(tmp_path: Path) -> None:
    client = opened(tmp_path, behaviour=(("emma.job_units_per_second", "1"), ("emma.job_queue_seconds", "0")))
    (group_id,) = [each["member_group_id"] for each in ok(client.post(GROUPS, json={"groups": [{"group_name": "g"}]}))]
    members = [
        ok(client.post(f"{MEMBERS}/add", json={"email": f"{name}@shop.test", "group_ids": [group_id]}))["member_id"]
        for name in "abcde"
    ]
    tell(client, "member_remove_from_group")
    ok(client.delete(f"{GROUPS}/{group_id}/members/remove?member_status_id=a"))
    ok(client.put(f"{MEMBERS}/{members[1]}/groups/remove", json={"group_ids": [group_id]}))
    told(client)
    ok(client.post("/_emulator/clock/advance", json={"by": 3}))
    left = {each["member_id"] for each in ok(client.get(f"{GROUPS}/{group_id}/members"))}
    assert 0 < len(left) < 4
    client = again(client, tmp_path)
    ok(client.post("/_emulator/clock/advance", json={"by": 60}))
    assert facts(client, "member_ids") == [
        ("member_remove_from_group", [each for each in members if each != members[1]])
    ]


def test_worlds_that_are_read_again_send_as_the_emulator_was_started(tmp_path: Path) -> None:
    client = opened(tmp_path, webhooks_anywhere=True)
    client.get(MEMBERS)
    client.app.close()  # type: ignore[attr-defined]
    worlds = opened(tmp_path, webhooks_anywhere=True).app.state.worlds  # type: ignore[attr-defined]
    assert [world.outbox.courier for world in worlds] == [worlds.start.outbox.courier]


def test_snapshots_that_are_read_again_tell_nobody(tmp_path: Path) -> None:
    client = opened(tmp_path)
    assert client.put("/_emulator/snapshots/one").status_code == 201
    client.app.close()  # type: ignore[attr-defined]
    worlds = opened(tmp_path).app.state.worlds  # type: ignore[attr-defined]
    assert [each.state.outbox.muted for each in worlds.get("default").snapshots] == [True]


def test_what_is_done_is_kept_although_a_fault_loses_the_answer(tmp_path: Path) -> None:
    client = opened(tmp_path)
    fault = {"operation": "emma.members.add", "answer": "reset", "when": "after"}
    assert client.post("/_emulator/faults", json=fault).status_code == 201
    with pytest.raises(httpx2.ReadError):
        client.post(f"{MEMBERS}/add", json={"email": "ann@shop.test"})
    client = again(client, tmp_path)
    assert emails(client) == ["ann@shop.test"]
