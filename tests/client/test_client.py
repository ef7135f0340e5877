"""The typed client: each thing that a tester does, against an emulator that runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from emulator.client import Client, NotVerified, Refused, TimedOut, Unreachable
from emulator.core.errors import UserError
from tests.receiver import Receiver

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
ANN = {"emma": {"accounts": [{"account_id": 100, "members": [{"member_id": 7, "email": "ann@shop.test"}]}]}}


def emails(emma: httpx2.Client) -> list[str]:
    return [member["email"] for member in emma.get("/members").json()]


def test_the_clock_is_set_and_moved(world: Client) -> None:
    assert (world.clock.get().mode, world.clock.get().now) == ("frozen", NOON)
    assert world.clock.advance("1h30m").now == NOON + timedelta(minutes=90)
    assert world.clock.advance(timedelta(minutes=30)).now == NOON + timedelta(hours=2)
    assert world.clock.advance(60).now == NOON + timedelta(hours=2, minutes=1)
    assert world.clock.advance_to(NOON + timedelta(days=1)).now == NOON + timedelta(days=1)
    assert world.clock.advance_to("2024-06-01T00:00:00Z").now.month == 6
    assert world.clock.set("shifted").mode == "shifted"
    assert world.clock.freeze("2024-07-01").now == datetime(2024, 7, 1, tzinfo=UTC)


def test_a_world_is_seeded_with_an_object_a_file_or_a_name(world: Client, emma: httpx2.Client, tmp_path: Path) -> None:
    assert world.seed(ANN).accounts == {"emma": ["100"], "engagelab": []}
    assert emails(emma) == ["ann@shop.test"]
    (tmp_path / "people.csv").write_text("email\nbob@shop.test\n")
    file = tmp_path / "mine.yaml"
    file.write_text("emma: {accounts: [{account_id: 100, members_from: people.csv}]}\n")
    world.seed(file)
    assert emails(emma) == ["bob@shop.test"]
    world.seed(str(file))
    assert world.seed("newsletter").world == world.name


def test_a_scenario_that_is_wrong_is_refused_with_its_line(world: Client, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("emma:\n  acounts: []\n")
    with pytest.raises(Refused, match=r"line 2: emma\.acounts is not a known key; did you mean accounts"):
        world.seed(file)
    with pytest.raises(Refused, match="nothing") as refused:
        world.seed("nothing")
    assert refused.value.status == 404
    with pytest.raises(UserError, match="No such file"):
        world.seed(tmp_path / "none.yaml")


def test_accounts_are_added_beside_others(world: Client, emma: httpx2.Client) -> None:
    world.seed(ANN)
    loaded = world.add({"emma": {"accounts": [{"account_id": 200}]}})
    assert loaded.accounts["emma"] == ["100", "200"]
    assert emails(emma) == ["ann@shop.test"]


def test_a_reset_returns_to_the_start_in_some_respects_or_in_all(world: Client, emma: httpx2.Client) -> None:
    world.seed(ANN)
    world.clock.advance("1d")
    assert world.reset("clock", clock={"mode": "frozen", "at": "2020-01-01T00:00:00Z"}) == ["clock"]
    assert world.clock.get().now.year == 2020
    assert emails(emma) == ["ann@shop.test"]
    assert "data" in world.reset()
    assert emails(emma) == []
    assert world.clock.get().now == NOON


def test_snapshots_are_saved_listed_restored_and_dropped(world: Client, emma: httpx2.Client) -> None:
    kept = world.snapshots.save("empty")
    assert (kept.name, kept.at) == ("empty", NOON)
    world.seed(ANN)
    assert [each.text for each in world.diff("empty").differences]
    assert [each.name for each in world.snapshots.all()] == ["empty"]
    assert world.snapshots.restore("empty") == NOON
    assert emails(emma) == []
    world.snapshots.drop("empty")
    assert world.snapshots.all() == []


def test_a_world_is_exported_and_what_changed_is_said(world: Client) -> None:
    world.seed(ANN)
    assert world.export()["emma"]["accounts"][0]["members"][0]["email"] == "ann@shop.test"
    changes = world.diff()
    assert (changes.total, changes.left_out) == (len(changes.differences), 0)
    assert {each.kind for each in changes.differences} >= {"account"}
    assert world.diff(limit=0).left_out == changes.total


def test_jobs_are_finished_failed_held_and_released(world: Client, emma: httpx2.Client) -> None:
    for _ in range(3):
        emma.post("/members", json={"members": [{"email": "ann@shop.test"}]})
    first, second, third = world.jobs.all()
    assert (first.state, first.created, first.total) == ("queued", NOON, 1)
    assert world.jobs.finish(first.id).state == "finished"
    assert world.jobs.fail(second.id, "no more").message == "no more"
    assert world.jobs.hold(third.id).held
    world.clock.advance("1d")
    assert world.jobs.all()[2].state == "queued"
    assert world.jobs.release(third.id).state == "finished"


def test_faults_are_added_replaced_dropped_and_cleared(world: Client, emma: httpx2.Client) -> None:
    fault = world.faults.add(operation="emma.members.add", status=500, first=1)
    answers = [emma.post("/members/add", json={"email": "ann@shop.test"}).status_code for _ in range(2)]
    assert answers == [500, 200]
    (seen,) = world.faults.all()
    assert (seen.id, seen.calls, seen.hits, seen.status) == (fault.id, 2, 1, 500)
    world.faults.drop(fault.id)
    replaced = world.faults.replace({"operation": "*", "delay": 1, "nth": 9}, {"id": "x", "status": 500})
    assert [each.id for each in replaced] == ["fault-1", "x"]
    assert world.faults.clear() == 2
    with pytest.raises(Refused, match="600"):
        world.faults.add(operation="emma.members.add", status=600)


def test_limits_are_turned_on_and_off(world: Client, emma: httpx2.Client) -> None:
    (limit,) = world.limits.set(emma={"calls": 1, "seconds": 60})
    assert (limit.on, limit.calls, limit.seconds) == (True, 1, 60)
    assert [emma.get("/members").status_code for _ in range(2)] == [200, 403]
    assert world.limits.all()[0].callers[0].refused == 1
    assert not world.limits.set(emma=False)[0].on


def test_behaviours_are_listed_and_set(world: Client) -> None:
    before = {each.id: each for each in world.behaviours.all()}
    assert before["engagelab.patch"].choice == before["engagelab.patch"].default
    after = {each.id: each.choice for each in world.behaviours.set({"engagelab.patch": "update"})}
    assert after["engagelab.patch"] == "update"


def test_the_journal_tells_what_was_asked_and_why_it_was_refused(world: Client, emma: httpx2.Client) -> None:
    emma.post("/members/add", json={"email": 5, "colour": "red"})
    entry = world.journal.last()
    assert (entry.method, entry.path, entry.status, entry.operation) == (
        "POST",
        "/100/members/add",
        400,
        "emma.members.add",
    )
    assert entry.explain is not None
    assert entry.explain.refused is not None
    assert (entry.explain.refused.stage, entry.request["colour"]) == ("input", "red")
    assert world.journal.entry(entry.id) == entry
    emma.get("/membres")
    (unmatched,) = world.journal.unmatched()
    assert (unmatched.path, unmatched.times) == ("/100/membres", 1)
    assert [each.id for each in world.journal.entries(status="4xx", matched=False)] == [2]
    assert world.journal.clear() == 2
    with pytest.raises(Refused, match="no entry last"):
        world.journal.last()


def test_verify_asserts_what_the_traffic_was(world: Client, emma: httpx2.Client) -> None:
    emma.post("/members/add", json={"email": "ann@shop.test"})
    assert world.verify(operation="emma.members.add", body="email=ann@shop.test", count=1).ok
    with pytest.raises(NotVerified, match="expected exactly 2, saw 1"):
        world.verify(operation="emma.members.add", count=2)
    emma.get("/members")
    added, listed = {"operation": "emma.members.add"}, {"operation": "emma.members.list"}
    verdict = world.verify(expect=[added, listed], in_order=True, exactly=True)
    assert [each.entries for each in verdict.expectations] == [[1], [2]]
    with pytest.raises(NotVerified):
        world.verify(expect=[listed, added], in_order=True)
    assert world.verify(expect=[listed], where={"after": 1}, exactly=True).ok
    with pytest.raises(Refused, match="did you mean"):
        world.verify(operation="emma.members.ad")


def test_wait_answers_when_it_happened_or_says_what_was_seen(world: Client, emma: httpx2.Client) -> None:
    emma.get("/members")
    assert world.wait(operation="emma.members.list").entries == [1]
    with pytest.raises(TimedOut, match=r"expected at least 2, saw 1 in 0\.05 s"):
        world.wait(2, timeout=0.05)


def test_the_ledger_of_webhooks_is_read_flushed_and_cleared(
    world: Client, emma: httpx2.Client, receiver: Receiver
) -> None:
    assert emma.post("/webhooks", json={"event": "member_add", "url": receiver.url}).status_code == 200
    emma.post("/members/add", json={"email": "ann@shop.test"})
    assert world.webhooks.flush(timeout=5) == 0
    (delivery,) = world.webhooks.deliveries(event="member_add")
    assert (delivery.state, delivery.at, delivery.attempts[0].status) == ("delivered", NOON, 200)
    assert world.webhooks.redeliver(delivery.id).state in ("waiting", "sending")
    world.webhooks.flush()
    assert receiver.events == ["member_add", "member_add"]
    assert world.webhooks.clear() == 1
    assert world.webhooks.deliveries() == []


def test_what_happens_without_a_call_is_caused(world: Client, emma: httpx2.Client) -> None:
    world.seed(ANN)
    assert world.act("emma", "bounce", 100, member_id=7, mailing_id=1, hard=True)
    assert emma.get("/members/7").json()["status"] == "error"
    assert isinstance(world.mail(), list)


def test_advice_comes_with_the_sentence_behind_it(world: Client, emma: httpx2.Client) -> None:
    for number in range(6):
        emma.post("/members/add", json={"email": f"ann{number}@shop.test"})
    assert any(finding.quote for finding in world.advice())


def test_credentials_are_those_of_a_declared_account(world: Client) -> None:
    world.seed({"emma": {"accounts": [{"account_id": 7, "keys": {"mine": "secret"}}]}})
    found = world.credentials("emma")
    assert (found.account, found.user, found.key) == ("7", "mine", "secret")
    assert found.base_url == f"{world.url}/7"
    assert found.variables["EMMA_BASE_URL"] == found.base_url


def test_worlds_are_made_and_dropped(world: Client) -> None:
    name = f"{world.name[:40]}-twin"
    assert world.worlds.create(name).name == name
    assert name in {each.name for each in world.worlds.all()}
    assert world.elsewhere(name).clock.get().now == NOON
    world.worlds.drop(name)
    with pytest.raises(Refused, match="no world"):
        world.worlds.drop(name)


def test_any_control_request_can_be_sent(world: Client) -> None:
    assert world.read("version")["name"] == "audience-emulator"
    assert world.read("behaviours", "PUT", {"engagelab.patch": "update"})["behaviours"]


def test_nobody_there_is_said_with_a_way_to_mend_it() -> None:
    with pytest.raises(Unreachable, match="start one with `emulator start`"):
        Client("http://127.0.0.1:1").clock.get()
