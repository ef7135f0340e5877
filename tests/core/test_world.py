from __future__ import annotations

import pytest

from emulator.core.clock import Clock
from emulator.core.failures.effects import Effect
from emulator.core.failures.faults import Fault, Frequency
from emulator.core.limits import RateLimit
from emulator.core.operation import Operation
from emulator.core.webhooks.courier import Parcel
from emulator.core.webhooks.delivery import Lane, Pace
from emulator.core.world import SCOPES, Scope, World
from emulator.core.worlds import Worlds
from tests.core.acme import AcmeAccount, Note, make_worlds, notes_of, operation


@pytest.fixture
def world(worlds: Worlds) -> World:
    """A frozen world in which Ann has written a note."""
    worlds.start.clock = Clock.starting("frozen", 1000.0)
    write(worlds.start, "start")
    return worlds.get("default")


def write(world: World, key: str) -> None:
    account = world.accounts["acme"].get("ann")
    assert isinstance(account, AcmeAccount)
    account.notes.put(Note(key, f"text of {key}"))


def change_everything(world: World) -> None:
    write(world, "more")
    world.journal.close(world.journal.open(world.clock.now(), "GET", "/"))
    world.clock.advance(60)
    world.behaviours.set({"acme.colour": "blue"})
    world.faults.add(Fault(f"fault-{len(world.faults)}", frozenset(), None, None, Frequency(), Effect(), {}))
    world.limits.set({"acme": RateLimit(7, 60.0)})
    put(world)


def put(world: World) -> None:
    """Something to deliver, later."""
    world.outbox.put(Lane("acme", "ann", 1), "moved", Parcel("POST", "http://localhost"), 1000.0, Pace(delay=3600))


def state(world: World) -> dict[Scope, object]:
    return {
        "data": notes_of(world),
        "journal": len(world.journal),
        "clock": world.clock.now(),
        "behaviours": world.behaviours.chosen(),
        "faults": [armed.fault.id for armed in world.faults],
        "limits": world.limits["acme"],
        "webhooks": len(world.outbox),
    }


def test_an_open_account_exists_on_first_use(worlds: Worlds) -> None:
    accounts = worlds.get("default").accounts["acme"]
    assert accounts.known("zoe") is None
    assert accounts.get("zoe") is accounts.get("zoe")
    assert [account.id for account in accounts] == ["zoe"]


def test_a_closed_account_must_be_declared() -> None:
    accounts = make_worlds(open_accounts=False).get("default").accounts["acme"]
    assert accounts.get("zoe") is None
    assert len(accounts) == 0


def test_a_declared_account_is_the_one_that_is_used() -> None:
    world = make_worlds(open_accounts=False).get("default")
    declared = AcmeAccount(world, "ann")
    world.accounts["acme"].add(declared)
    assert world.accounts["acme"].get("ann") is declared


def test_a_copied_world_starts_where_the_other_is(world: World) -> None:
    change_everything(world)
    twin = world.copy("twin")
    assert state(twin) == state(world) | {"journal": 0, "webhooks": 0}
    assert twin.name == "twin"


@pytest.mark.parametrize("scope", SCOPES)
def test_a_copy_shares_nothing_with_its_original(world: World, scope: Scope) -> None:
    twin = world.copy("twin")
    before = state(twin)
    change_everything(world)
    assert state(world)[scope] != before[scope]
    assert state(twin) == before


def test_accounts_of_a_copy_belong_to_the_copy(world: World) -> None:
    twin = world.copy("twin")
    assert [account.world for account in twin.accounts["acme"]] == [twin]


def test_accounts_of_a_copy_are_as_open_as_the_originals() -> None:
    closed = make_worlds(open_accounts=False).get("default")
    assert closed.copy("twin").accounts["acme"].get("zoe") is None


@pytest.mark.parametrize("scope", SCOPES)
def test_a_reset_returns_to_the_start_in_its_scope_only(worlds: Worlds, world: World, scope: Scope) -> None:
    fresh = state(world)
    change_everything(world)
    changed = state(world)
    world.restore(worlds.start, [scope])
    assert state(world) == changed | {scope: fresh[scope]}


def test_a_world_can_be_reset_again_and_again(worlds: Worlds, world: World) -> None:
    fresh = state(world)
    for _ in range(2):
        change_everything(world)
        world.restore(worlds.start, SCOPES)
        assert state(world) == fresh


def test_a_new_journal_keeps_the_caps_of_the_old(world: World) -> None:
    twin = world.copy("twin")
    assert (twin.journal.max_entries, twin.journal.max_bytes) == (100, 10**6)


def test_worlds_send_by_the_same_courier(worlds: Worlds, world: World) -> None:
    assert world.outbox.courier is worlds.start.outbox.courier
    world.restore(worlds.start, SCOPES)
    assert world.outbox.courier is worlds.start.outbox.courier


def test_a_world_that_is_reset_or_dropped_delivers_nothing_of_before(worlds: Worlds, world: World) -> None:
    put(world)
    before = world.outbox
    world.restore(worlds.start, ["webhooks"])
    other = worlds.get("other").outbox
    worlds.drop("other")
    for outbox in (before, other):
        assert outbox.put(Lane("acme", "ann", 1), "moved", Parcel("POST", "http://localhost"), 1000.0, Pace()) is None
        assert (len(outbox), outbox.pending) == (0, 0)


def test_a_world_is_busy_while_something_waits_to_be_delivered(world: World) -> None:
    busy = [world.busy]
    put(world)
    busy.append(world.busy)
    world.outbox.clear()
    assert [*busy, world.busy] == [False, True, False]


def test_a_snapshot_takes_nothing_on_for_delivery(world: World) -> None:
    state = world.snapshots.save(world, "before").state
    put(state)
    assert len(state.outbox) == 0


def test_a_world_has_an_operation_only_while_its_behaviour_is_chosen(world: World) -> None:
    peek: Operation = operation("acme.peek", "HEAD", "/", enabled_by=("acme.peek", "yes"))
    assert not world.has(peek)
    world.behaviours.set({"acme.peek": "yes"})
    assert world.has(peek)
