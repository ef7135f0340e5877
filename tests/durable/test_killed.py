"""A process that is killed while many write: what was answered is there."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import httpx2
import tinydb

from tests.durable.load import (
    BAD,
    SEEDS,
    TWICE,
    Client,
    ClockClient,
    EmmaClient,
    EngageLabClient,
    ImportClient,
    SnapshotClient,
    WorldsClient,
    pages,
)
from tests.process import Running, running
from tests.support import AUTH

KILLS = 20
SETTINGS = ("--behaviour", "emma.job_queue_seconds=0.05", "--behaviour", "emma.job_units_per_second=4000")


class Load:
    """All clients of one run."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        ids: dict[int, str] = {}
        self.emma = [EmmaClient(f"emma{number}", seed, ids) for number in range(2)]
        self.snapshots = SnapshotClient("states", seed)
        others = (EngageLabClient("lab", seed), WorldsClient("w", seed), ClockClient("clock", seed))
        self.all: list[Client] = [*self.emma, ImportClient("import", seed), self.snapshots, *others]

    def prepare(self, url: str) -> None:
        with httpx2.Client(base_url=url, headers={"Authorization": AUTH}, trust_env=False) as http:
            names = [{"group_name": "one"}, {"group_name": "two"}]
            groups = [row["member_group_id"] for row in http.post("/100/groups", json={"groups": names}).json()]
            for number in range(SEEDS):
                http.post("/200/members/add", json={"email": f"seed-{number}@shop.test"})
        for client in self.emma:
            client.prepare(groups)

    @contextmanager
    def connected(self, url: str) -> Iterator[None]:
        with ExitStack() as stack:
            for client in self.all:
                client.open(url)
                stack.enter_context(client.http)
            yield

    def settle(self) -> None:
        for client in self.all:
            client.settle()

    def purged(self) -> list[str]:
        return [email for client in self.emma for email in client.purged]


def kill_under_load(load: Load, started: Running, folder: Path, number: int) -> str:
    """What the process had to say until then."""
    stop = Event()
    with load.connected(started.url), ThreadPoolExecutor(len(load.all)) as pool:
        load.settle()
        writing = [pool.submit(client.write_until, stop) for client in load.all]
        wait(load, folder, number)
        _, _, errors = started.stop(signal.SIGKILL)
        stop.set()
        for each in writing:
            each.result()
    return errors


def wait(load: Load, folder: Path, number: int) -> None:
    """Until a moment that differs from kill to kill; each third one falls into the writing of a checkpoint."""
    end = time.monotonic() + (load.random.uniform(0.01, 0.5) if number % 3 else 0.5)
    while time.monotonic() < end:
        if number % 3 == 0 and (folder / "default.json.new").exists():
            return
        time.sleep(0.001)


def check_imports(http: httpx2.Client) -> int:
    """Every import ends, and with right counters; how many there are."""
    end = time.monotonic() + 30
    imports = pages(http, "/200/members/imports")
    while any(row["status"] in "qp" for row in imports):
        assert time.monotonic() < end, imports
        time.sleep(0.05)
        imports = pages(http, "/200/members/imports")
    added = 0
    for row in imports:
        new = row["num_members"] - TWICE - BAD - SEEDS
        counters = {"added": new, "updated": SEEDS}
        assert {key: row[f"num_members_{key}"] for key in counters} == counters, row
        assert (row["status"], row["num_duplicates"], row["num_skipped"]) == ("o", TWICE, BAD), row
        detail: Any = pages(http, f"/200/members/imports/{row['import_id']}/members")
        assert len(detail) == len({each["member_id"] for each in detail}) == new + SEEDS
        added += new
    addresses = [row["email"] for row in pages(http, "/200/members")]
    assert len(addresses) == len(set(addresses)) == added + SEEDS
    return len(imports)


def test_everything_that_was_answered_survives_twenty_kills_under_load(tmp_path: Path) -> None:
    folder = tmp_path / "worlds"
    load = Load(seed=1)
    for number in range(KILLS):
        with running(tmp_path, "--store", f"tinydb:{folder}", *SETTINGS if number == 0 else ()) as started:
            if number == 0:
                load.prepare(started.url)
            assert kill_under_load(load, started, folder, number) == ""
        files = [path.read_bytes() for path in folder.iterdir()]
        assert not [email for email in load.purged() if any(email.encode() in text for text in files)]
        (tmp_path / "ready").unlink()
    with running(tmp_path, "--store", f"tinydb:{folder}") as started:
        with load.connected(started.url):
            load.settle()
            load.snapshots.look_into_snapshots()
            http = load.emma[0].http
            assert check_imports(http) >= KILLS
            members = {str(number): count_all(http, number) for number in (100, 200)}
        assert started.stop()[0::2] == (0, "")
    assert all(client.answered >= KILLS for client in load.all)
    assert not [path.name for path in folder.iterdir() if path.suffix in (".log", ".new")]
    with tinydb.TinyDB(folder / "default.json") as db:
        assert {number: len(db.table(f"emma/{number}/members")) for number in members} == members


def count_all(http: httpx2.Client, account: int) -> int:
    """Members of an account, archived ones included."""
    number: int = http.get(f"/{account}/members", params={"count": "true", "deleted": "true"}).json()
    return number
