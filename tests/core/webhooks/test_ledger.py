"""What is kept of deliveries, sent again, and forgotten."""

from __future__ import annotations

import pytest

from emulator.core.erasure import Words
from emulator.core.errors import Conflict, UnknownName
from emulator.core.jobs import NEVER
from emulator.core.webhooks import outbox as module
from emulator.core.webhooks.courier import Outcome
from emulator.core.webhooks.delivery import Pace
from emulator.core.webhooks.outbox import Outbox
from tests.core.by_hand import OK, SORRY, TWICE, make, put, taken


def test_redelivery_sends_the_same_once_more() -> None:
    outbox, courier = make(SORRY, SORRY, OK)
    delivery = taken(outbox)
    for now in (0.0, 10.0, 20.0):
        outbox.dispatch(now)
        courier.carry_all()
        if now < 20.0:
            assert delivery.state == "failed"
            assert outbox.redeliver(delivery.id, now + 10) is delivery
            assert (delivery.state, outbox.pending) == ("waiting", 1)
    assert (delivery.state, delivery.made, courier.sent) == ("delivered", 3, [b"a"] * 3)


def test_what_is_not_over_can_not_be_redelivered() -> None:
    outbox, _ = make()
    with pytest.raises(Conflict, match="delivery 1 is waiting already"):
        outbox.redeliver(taken(outbox).id, 0.0)


def test_what_does_not_exist_can_not_be_redelivered() -> None:
    with pytest.raises(UnknownName, match="there is no delivery 1"):
        make()[0].redeliver(1, 0.0)


def test_a_redelivery_is_forgotten_after_those_that_ended_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 2)
    outbox, courier = make()
    first, second = taken(outbox), taken(outbox)
    outbox.dispatch(0.0)
    courier.carry_all()
    outbox.redeliver(first.id, 0.0)
    outbox.dispatch(0.0)
    courier.carry_all()
    third = taken(outbox)
    assert list(outbox) == [first, third]
    assert second.state == "delivered"


@pytest.mark.parametrize(("limit", "value"), [("MOST_KEPT", 3), ("MOST_BYTES", 3500)])
def test_the_ledger_forgets_what_is_over_to_make_room(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    monkeypatch.setattr(module, limit, value)
    outbox, courier = make()
    for _ in range(9):
        taken(outbox)
        outbox.dispatch(0.0)
        courier.carry_all()
    assert [delivery.id for delivery in outbox] == [7, 8, 9]
    assert outbox.dropped == 0


@pytest.mark.parametrize(("limit", "value"), [("MOST_KEPT", 3), ("MOST_BYTES", 3500)])
def test_what_finds_no_room_is_dropped_and_counted(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    monkeypatch.setattr(module, limit, value)
    outbox, courier = make()
    assert [put(outbox) is None for _ in range(5)] == [False, False, False, True, True]
    assert (outbox.dropped, outbox.pending) == (2, 3)
    outbox.dispatch(0.0)
    courier.carry_all()
    assert taken(outbox).id == 4


def test_clearing_forgets_everything_and_uses_no_number_again() -> None:
    outbox, courier = make()
    taken(outbox)
    outbox.dispatch(0.0)
    courier.carry_all()
    taken(outbox, now=0.0, pace=Pace(delay=60))
    assert outbox.clear() == 2
    assert (len(outbox), outbox.pending, outbox.wait(0.0)) == (0, 0, NEVER)
    assert taken(outbox).id == 3


def test_what_was_dispatched_and_cleared_is_not_sent() -> None:
    outbox, courier = make()
    taken(outbox)
    outbox.dispatch(0.0)
    outbox.clear()
    courier.carry_all()
    assert courier.sent == []


def test_clearing_while_something_is_under_way_leaves_the_next_ones_in_order() -> None:
    outbox, courier = make()
    old = taken(outbox, "old")
    outbox.dispatch(0.0)

    def meanwhile() -> None:
        courier.meanwhile = lambda: None
        outbox.clear()
        taken(outbox, "new")
        outbox.dispatch(0.0)

    courier.meanwhile = meanwhile
    courier.carry_all()
    assert courier.sent == [b"old", b"new"]
    assert (old.state, outbox.pending, outbox.idle(0.0)) == ("delivered", 0, True)


def test_nothing_leaves_a_closed_outbox() -> None:
    outbox, courier = make()
    taken(outbox)
    outbox.close()
    assert put(outbox) is None
    outbox.dispatch(0.0)
    courier.carry_all()
    assert courier.sent == []


def test_a_fresh_outbox_has_the_courier_and_nothing_else() -> None:
    outbox, courier = make()
    taken(outbox)
    outbox.close()
    fresh = outbox.fresh("b")
    assert (fresh.courier, len(fresh), fresh.muted) == (courier, 0, False)


def erase(outbox: Outbox, *words: str) -> None:
    for _ in outbox.erase(Words(words)):
        pass


def test_erasure_blanks_what_mentions_somebody_and_nothing_else() -> None:
    outbox, courier = make(OK, Outcome(200, b"hello Ann@shop.test", None, 0.1), Outcome(None, b"", "ann@shop.test?", 0))
    kept, answered, failed = taken(outbox), taken(outbox), taken(outbox)
    outbox.dispatch(0.0)
    courier.carry_all()
    spoken = taken(outbox, '{"subject":"for ann@shop.test"}')
    outbox.dispatch(0.0)
    courier.carry_all()
    erase(outbox, "ann@shop.test")
    assert kept.parcel.body == b"a"
    assert not kept.erased
    for delivery in (answered, failed, spoken):
        assert delivery.erased
        assert "@shop.test" not in repr(delivery)
    with pytest.raises(Conflict, match="what it said is gone"):
        outbox.redeliver(spoken.id, 0.0)


def test_what_is_erased_before_it_was_sent_is_not_sent() -> None:
    outbox, courier = make()
    delivery = taken(outbox, "ann@shop.test", pace=TWICE)
    erase(outbox, "ann@shop.test")
    outbox.dispatch(0.0)
    courier.carry_all()
    assert (courier.sent, delivery.state, outbox.pending) == ([], "failed", 0)
    assert delivery.attempts[0].outcome.error == "what it said of somebody was erased before it was sent"


def test_what_is_erased_while_it_is_sent_leaves_no_answer() -> None:
    outbox, courier = make(Outcome(500, b"who is ann@shop.test?", None, 0.1))
    delivery = taken(outbox, "ann@shop.test", pace=TWICE)
    outbox.dispatch(0.0)
    courier.meanwhile = lambda: erase(outbox, "ann@shop.test")
    courier.carry_all()
    assert (delivery.state, delivery.attempts[0].outcome.answer) == ("failed", b"")


def test_erasing_what_was_forgotten_meanwhile_counts_nothing() -> None:
    outbox, _ = make()
    for _ in range(2):
        taken(outbox, "ann@shop.test")
    slices = outbox.erase(Words(["ann@shop.test"]))
    next(slices)
    outbox.clear()
    assert list(slices) == [None]
    assert outbox._bytes == 0
