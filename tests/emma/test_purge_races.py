"""What happens while members are being erased: nobody comes back, and every sum is right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from starlette.testclient import TestClient

from emulator.core.erasure import Words, erase
from emulator.core.journal import Entry
from emulator.core.slices import Slices
from tests.emma.between import FIVE, IDS, add_five, meanwhile
from tests.emma.importing import begin, detail, imported, jobs, numbers, people
from tests.emma.support import GROUPS, advance, choose, emails, ok, purge
from tests.emma.traces import traces
from tests.support import world_of


@pytest.fixture
def client(client: TestClient) -> TestClient:
    add_five(client)
    return client


@pytest.mark.parametrize("turns", range(1, 6))
def test_an_import_may_come_while_a_purge_is_under_way(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    imported(client, *people(2))
    imported(client, *people(2))
    begin(client, *people(2))
    meanwhile(monkeypatch, lambda: begin(client, {"email": "new@shop.test"}), turns)
    purge(client, *IDS[:2])
    assert traces(client, *FIVE[:2]) == []
    advance(client, 60)
    assert emails(client) == [*FIVE[2:], "new@shop.test"]


@pytest.mark.parametrize("turns", range(1, 5))
def test_an_import_that_ends_during_a_purge_brings_nobody_back(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    choose(client, "job_progress", "manual")
    begin(client, *people(6))
    meanwhile(monkeypatch, lambda: ok(client.post("/_emulator/jobs/1/finish")), turns)
    purge(client, *IDS)
    assert emails(client, deleted=True) == ["m5@shop.test"]
    assert traces(client, *FIVE) == []


@pytest.mark.parametrize("turns", [1, 2, 4, 5])
def test_the_sums_of_imports_that_end_during_a_purge_are_right(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    choose(client, "job_units_per_second", "1")
    begin(client, *people(6, start=20))
    advance(client, 3.3)
    begin(client, *people(6, start=30))

    def happens() -> None:
        for job_id in (1, 2):
            ok(client.post(f"/_emulator/jobs/{job_id}/finish"))

    meanwhile(monkeypatch, happens, turns)
    purge(client, IDS[0])
    assert [numbers(detail(client, each)) for each in (1024, 1025)] == [{"members": 6, "members_added": 6}] * 2


def test_a_removal_that_erases_does_so_once(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    erasures = []

    def counted(entries: Iterable[Entry], words: Words) -> Slices[int]:
        erasures.append(words)
        return erase(entries, words)

    monkeypatch.setattr("emulator.emma.audience.erase_from_journal", counted)
    choose(client, "deletion", "erase")
    imported(client, *people(250, start=10), group_ids=[1024])
    ok(client.delete(f"{GROUPS}/1024/members/remove?member_status_id=a&delete_members=true"))
    advance(client, 60)
    assert (jobs(client)[-1]["state"], jobs(client)[-1]["done"]) == ("finished", 255)
    assert (emails(client, deleted=True), len(erasures)) == ([], 1)
    assert traces(client, "m0@shop.test", "m150@shop.test") == []


def test_a_removal_that_erases_goes_on_in_a_copy_of_its_world(client: TestClient) -> None:
    choose(client, "deletion", "erase")
    ok(client.delete(f"{GROUPS}/1024/members/remove?member_status_id=a&delete_members=true"))
    world = world_of(client)
    world.jobs.get(1).proceed(world.clock.now() + 1)
    twin = world.copy("twin")
    twin.clock.advance(60)
    for _ in twin.jobs.catch_up(twin.clock.now()):
        pass
    account: Any = twin.accounts["emma"].known("100")
    assert (twin.jobs.get(1).state, len(account.members), len(emails(client))) == ("finished", 0, 5)
