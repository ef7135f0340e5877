"""When and how a checkpoint takes the place of logs, and kills at each step of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from emulator.core.durable import checkpoint, disk, file
from emulator.core.durable.names import WorldNames
from tests.durable.directories import NOON, content, killed, opened
from tests.durable.views import views
from tests.emma.support import add, purge
from tests.process import running
from tests.receiver import Receiver
from tests.support import AUTH, world_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "worlds"


def test_a_signal_leaves_a_checkpoint_of_each_world_and_nothing_else(tmp_path: Path, folder: Path) -> None:
    with running(tmp_path, "--store", f"tinydb:{folder}", "--behaviour", "emma.job_units_per_second=2000") as started:
        with httpx2.Client(base_url=started.url, headers={"Authorization": AUTH}, trust_env=False) as http:
            for name in ("default", "other"):
                rows = [{"email": f"{number}@shop.test"} for number in range(5000)]
                assert http.post(f"/_world/{name}/100/members", json={"members": rows}).status_code == 200
        assert started.stop()[0::2] == (0, "")
    assert sorted(content(folder)) == ["_start.json", "default.json", "other.json"]


def test_an_import_that_was_half_done_goes_on_before_anybody_asks(
    tmp_path: Path, folder: Path, receiver: Receiver
) -> None:
    start = ("--store", f"tinydb:{folder}", "--behaviour", "emma.job_units_per_second=2000")
    with running(tmp_path, *start) as started:
        with httpx2.Client(base_url=started.url, auth=("a", "b"), trust_env=False) as http:
            http.post("/100/webhooks", json={"event": "import_finish", "url": receiver.url})
            rows = [{"email": f"{number}@shop.test"} for number in range(4000)]
            assert http.post("/100/members", json={"members": rows}).status_code == 200
        started.stop()
    assert receiver.events == []
    with running(tmp_path, "--store", f"tinydb:{folder}"):
        receiver.wait_for(1)
    assert receiver.events == ["import_finish"]


def wait_for_checkpoint(client: TestClient) -> None:
    """Until the one is written that is under way: a quick machine adds more meanwhile than any bound allows."""
    file = world_of(client).file
    assert file is not None
    if file._checkpointing is not None:
        file._checkpointing.result(timeout=20)


@pytest.mark.parametrize("rounds", [1, 3])
def test_a_log_that_grew_is_begun_anew(folder: Path, monkeypatch: pytest.MonkeyPatch, rounds: int) -> None:
    monkeypatch.setattr(file, "_LEAST_LOG", 20_000)
    with opened(folder, clock=NOON) as client:
        for number in range(40 * rounds):
            add(client, f"{number}@shop.test", fields={"first_name": "x" * 1000})
            wait_for_checkpoint(client)
            files = content(folder)
            size = sum(len(text) for name, text in files.items() if name.endswith(".log"))
            assert size < 3 * max(20_000, len(files.get("default.json", b""))) + 20_000
        wanted, twin = views(client), killed(folder)
        assert (twin / "default.json").exists()
    with opened(twin) as client:
        assert views(client) == wanted


STEPS: dict[str, tuple[object, str]] = {
    "before the checkpoint is written": (checkpoint.CheckpointStorage, "write_tables"),
    "before the checkpoint gets its name": (Path, "replace"),
    "before old logs are removed": (WorldNames, "remove_logs"),
    "between old logs": (Path, "unlink"),
    "before names are made last": (disk, "sync_folder"),
}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("act", [purge, lambda client, _: add_much(client, "ann@shop.test")], ids=["purge", "add"])
def test_a_kill_at_any_step_of_a_checkpoint_loads_to_the_same_state(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: str, act: Callable[..., Any], after: bool
) -> None:
    monkeypatch.setattr(file, "_LEAST_LOG", 4000)
    owner, name = STEPS[step]
    twins: list[Path] = []
    done = threading.Event()
    with opened(folder, clock=NOON) as client:
        member_id = add(client, "gone@shop.test")
        client.put("/_emulator/snapshots/before")
        before = client.get("/100/members?deleted=true").content
        with monkeypatch.context() as patch:
            real = getattr(owner, name)

            def watched(*arguments: Any, **more: Any) -> Any:
                if not after:
                    twins.append(killed(folder))
                result = real(*arguments, **more)
                if after:
                    twins.append(killed(folder))
                done.set()
                return result

            patch.setattr(owner, name, watched)
            act(client, member_id)
            assert done.wait(5) or name == "unlink"
            purge(client, 999)  # answers when all checkpoints before are written
        wanted = client.get("/100/members?deleted=true").content
    if name != "unlink":
        assert twins
    for twin in twins:
        with opened(twin) as again:
            # A purge is not answered before, so it may have happened or not.
            allowed = [wanted, before] if act is purge else [wanted]
            assert again.get("/100/members?deleted=true").content in allowed


def add_much(client: TestClient, email: str) -> int:
    return add(client, email, fields={"first_name": "x" * 5000})


def test_traffic_goes_on_while_a_checkpoint_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "_LEAST_LOG", 2000)
    go_on = threading.Event()
    begun = threading.Event()
    real = disk.replace

    def slow(*arguments: Any) -> None:
        begun.set()
        assert go_on.wait(20)
        real(*arguments)

    with opened(folder, clock=NOON) as client:
        monkeypatch.setattr(disk, "replace", slow)
        add_much(client, "ann@shop.test")
        try:
            assert begun.wait(5)
            for number in range(20):
                add_much(client, f"{number}@shop.test")
            wanted, twin = client.get("/100/members").content, killed(folder)
            assert len([name for name in content(twin) if name.endswith(".log")]) == 2
        finally:
            go_on.set()
        monkeypatch.setattr(disk, "replace", real)
        purge(client, 999)
        assert len([name for name in content(folder) if name.endswith(".log")]) <= 1
    with opened(twin) as client:
        assert client.get("/100/members").content == wanted
