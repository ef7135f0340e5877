"""When an import does its work: on the world's clock, at once, or when a tester says so."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.emma.importing import begin, changes, detail, imported, jobs, numbers, people
from tests.emma.support import (
    MEMBERS,
    NOW,
    account_of,
    add,
    advance,
    archive,
    choose,
    counters,
    emails,
    group,
    ok,
    update,
)
from tests.support import world_of

SLOW = """
behaviours: {emma.job_queue_seconds: 30, emma.job_units_per_second: 2}
emma: {accounts: [{account_id: 100}]}
"""


@pytest.fixture
def slow(client: TestClient) -> TestClient:
    """A client of a busy vendor: ten seconds in the queue, then a row a second."""
    choose(client, "job_queue_seconds", "10")
    choose(client, "job_units_per_second", "1")
    return client


def progress(client: TestClient, import_id: int) -> tuple[str, int]:
    """Status, and how many members there are."""
    status: str = detail(client, import_id)["status"]
    count: int = ok(client.get(f"{MEMBERS}?count=true"))
    return status, count


def test_the_call_returns_before_anything_is_imported(client: TestClient) -> None:
    answer = client.post(MEMBERS, json={"members": people(3)})
    assert ok(answer) == {"import_id": 1024}
    waiting = detail(client, 1024)
    assert (waiting["status"], waiting["import_started"], waiting["import_finished"]) == ("q", NOW, None)
    assert emails(client) == []


def test_an_import_is_queued_then_in_progress_then_done(slow: TestClient) -> None:
    import_id = begin(slow, *people(5))
    seen = []
    for seconds in (9.5, 1, 2, 2):
        advance(slow, seconds)
        seen.append(progress(slow, import_id))
    assert seen == [("q", 0), ("p", 0), ("p", 2), ("p", 4)]
    advance(slow, 1)
    assert progress(slow, import_id) == ("o", 5)


def test_what_is_done_so_far_is_told_while_an_import_is_in_progress(slow: TestClient) -> None:
    import_id = begin(slow, *people(5))
    advance(slow, 12.5)
    answer = detail(slow, import_id)
    assert numbers(answer) == {"members": 5, "members_added": 2}
    assert answer["import_finished"] is None
    assert changes(slow, import_id) == [("m0@shop.test", "a"), ("m1@shop.test", "a")]


def test_an_import_is_finished_when_its_last_row_was_due(slow: TestClient) -> None:
    import_id = begin(slow, *people(5))
    advance(slow, "1h")
    answer = detail(slow, import_id)
    assert (answer["import_started"], answer["import_finished"]) == (NOW, "@D:2024-05-01T07:00:15")


def test_members_are_dated_by_the_import_that_brought_them(slow: TestClient) -> None:
    imported(slow, *people(1))
    assert ok(slow.get(f"{MEMBERS}/1024"))["member_since"] == "@D:2024-05-01T07:00:10"


def test_rows_that_need_no_saving_take_their_time_too(slow: TestClient) -> None:
    import_id = begin(slow, *[{"email": "ann@shop.test"}] * 5)
    advance(slow, 14)
    assert detail(slow, import_id)["status"] == "p"
    advance(slow, 1)
    assert detail(slow, import_id)["status"] == "o"


def test_without_settings_an_import_waits_a_fifth_of_a_second(client: TestClient) -> None:
    import_id = begin(client, *people(2))
    advance(client, 0.15)
    assert progress(client, import_id) == ("q", 0)
    advance(client, 0.1)
    assert progress(client, import_id) == ("o", 2)


def test_without_settings_a_second_imports_100_000_rows(client: TestClient) -> None:
    import_id = begin(client, *people(3000))
    advance(client, 0.21)
    status, count = progress(client, import_id)
    assert status == "p"
    assert 900 <= count <= 1100
    advance(client, 0.03)
    assert progress(client, import_id) == ("o", 3000)


def test_a_scenario_sets_queue_and_rate(declared: ClientFactory) -> None:
    client = declared(SLOW)
    import_id = begin(client, *people(6))
    advance(client, 29)
    assert progress(client, import_id) == ("q", 0)
    advance(client, 3)
    assert progress(client, import_id) == ("p", 4)
    advance(client, 1)
    assert progress(client, import_id) == ("o", 6)


def test_a_start_sets_queue_and_rate(make_emma: ClientFactory) -> None:
    client = make_emma(behaviour=(("emma.job_queue_seconds", "5"), ("emma.job_units_per_second", "0.5")))
    import_id = begin(client, *people(2))
    advance(client, 8)
    assert progress(client, import_id) == ("p", 1)


def test_a_running_import_keeps_the_pace_it_began_with(slow: TestClient) -> None:
    import_id = begin(slow, *people(5))
    choose(slow, "job_queue_seconds", "0")
    advance(slow, 9)
    assert progress(slow, import_id) == ("q", 0)
    assert imported(slow, {"email": "ann@shop.test"})["import_finished"] == "@D:2024-05-01T07:00:10"


def test_an_immediate_import_is_done_when_the_call_returns(client: TestClient) -> None:
    choose(client, "job_progress", "immediate")
    import_id = begin(client, *people(2000))
    assert progress(client, import_id) == ("o", 2000)
    assert detail(client, import_id)["import_finished"] == NOW


def test_a_manual_import_waits_for_a_tester(client: TestClient) -> None:
    choose(client, "job_progress", "manual")
    import_id = begin(client, *people(3))
    advance(client, "1d")
    assert progress(client, import_id) == ("q", 0)
    ok(client.post("/_emulator/jobs/1/finish"))
    assert progress(client, import_id) == ("o", 3)


def test_a_failed_import_says_why_and_keeps_what_was_done(slow: TestClient) -> None:
    import_id = begin(slow, *people(5))
    advance(slow, 12)
    ok(slow.post("/_emulator/jobs/1/fail", json={"message": "the disk is full"}))
    advance(slow, "1h")
    answer = detail(slow, import_id)
    assert (answer["status"], answer["error_message"]) == ("e", "the disk is full")
    assert answer["import_finished"] == "@D:2024-05-01T07:00:12"
    assert (numbers(answer), len(emails(slow))) == ({"members": 5, "members_added": 2}, 2)


def test_a_bug_in_an_import_fails_it_and_not_the_emulator(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import_id = begin(client, *people(1))
    with monkeypatch.context() as broken:
        broken.setattr("emulator.emma.importing.Upserts", lambda *given: 1 / 0)
        advance(client, 1)
    assert detail(client, import_id)["status"] == "e"
    assert "ZeroDivisionError" in caplog.text
    assert imported(client, *people(1))["status"] == "o"


@pytest.mark.parametrize("meanwhile", ["added", "archived", "opted out"])
def test_a_row_finds_its_member_as_it_is_when_its_turn_comes(slow: TestClient, meanwhile: str) -> None:
    member_id = 0 if meanwhile == "added" else add(slow)
    import_id = begin(slow, {"email": "ann@shop.test", "first_name": "New"})
    if meanwhile == "added":
        add(slow)
    elif meanwhile == "archived":
        archive(slow, member_id)
    else:
        update(slow, member_id, status_to="o")
    advance(slow, 60)
    letter = {"added": "u", "archived": "n", "opted out": "u"}[meanwhile]
    assert changes(slow, import_id) == [("ann@shop.test", letter)]


@pytest.mark.parametrize("meanwhile", ["added", "changed"])
def test_a_row_never_makes_a_member_look_older_than_it_is(slow: TestClient, meanwhile: str) -> None:
    if meanwhile == "changed":
        add(slow)
    begin(slow, *people(3), {"email": "ann@shop.test"})
    advance(slow, 12)
    if meanwhile == "changed":
        update(slow, 1024, fields={"first_name": "New"})
    else:
        add(slow)
    advance(slow, 60)
    answer = ok(slow.get(f"{MEMBERS}/email/ann@shop.test"))
    assert answer["last_modified_at"] == "@D:2024-05-01T07:00:12"
    assert answer["member_since"] == (NOW if meanwhile == "changed" else answer["last_modified_at"])


def test_a_job_counts_no_more_than_its_rows(client: TestClient) -> None:
    begin(client, *people(600))
    advance(client, 60)
    (job,) = jobs(client)
    assert (job["done"], job["total"]) == (600, 600)


def test_an_import_goes_on_in_a_copy_of_its_world_by_itself(slow: TestClient) -> None:
    group_id = group(slow)
    import_id = begin(slow, *people(4), {"email": "m0@shop.test"}, group_ids=[group_id])
    advance(slow, 12)
    world = world_of(slow)
    twin = world.copy("twin")
    ok(slow.post("/_emulator/jobs/1/fail"))
    account: Any = twin.accounts["emma"].known("100")
    twin.clock.advance(60)
    for _ in twin.jobs.catch_up(twin.clock.now()):
        pass
    assert (account.imports.get(import_id).status, len(account.members)) == ("o", 4)
    assert account.imports.get(import_id).added_by_group == ((group_id, 4),)
    assert (len(account_of(slow).members), counters(slow, group_id)) == (2, (2, 0, 0))


def test_a_reset_forgets_imports(client: TestClient) -> None:
    begin(client, *people(3))
    ok(client.post("/_emulator/reset", json={"scopes": ["data"]}))
    advance(client, 60)
    assert (emails(client), jobs(client), ok(client.get(f"{MEMBERS}/imports"))) == ([], [], [])
