"""What is delivered when, in which order and how often, with a courier that carries when the test says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core import outbox as module
from emulator.core.courier import Courier, Outcome, Parcel
from emulator.core.delivery import Delivery, Lane, Pace
from emulator.core.erasure import Words
from emulator.core.errors import Conflict, UnknownName
from emulator.core.jobs import NEVER
from emulator.core.outbox import Outbox

OK = Outcome(200, b"thanks", None, 0.1)
SORRY = Outcome(500, b"sorry", None, 0.1)
GONE = Outcome(None, b"", "nobody is there", 0.1)
REFUSED = Outcome(None, b"", "not here", 0.0, refused=True)
LANE = Lane("acme", "ann", 1)
TWICE = Pace(attempts=2, wait=60)


class ByHand(Courier):
    """Carries nothing until it is told to; `outcomes` come in turn, then all is well."""

    def __init__(self, outcomes: Sequence[Outcome] = ()) -> None:
        super().__init__()
        self.tasks: list[Callable[[], None]] = []
        self.outcomes = list(outcomes)
        self.sent: list[bytes] = []
        self.meanwhile: Callable[[], Any] = lambda: None

    def submit(self, task: Callable[[], None]) -> None:
        self.tasks.append(task)

    def send(self, parcel: Parcel) -> Outcome:
        self.sent.append(parcel.body)
        self.meanwhile()
        return self.outcomes.pop(0) if self.outcomes else OK

    def carry(self, position: int = 0) -> None:
        self.tasks.pop(position)()

    def carry_all(self) -> None:
        while self.tasks:
            self.carry()


def make(*outcomes: Outcome) -> tuple[Outbox, ByHand]:
    courier = ByHand(outcomes)
    return Outbox(courier), courier


def put(
    outbox: Outbox, text: str = "a", *, lane: Lane = LANE, now: float = 0.0, pace: Pace | None = None
) -> Delivery | None:
    parcel = Parcel("POST", "http://localhost/", text.encode())
    return outbox.put(lane, "moved", parcel, now, pace or Pace(), 7)


def taken(outbox: Outbox, text: str = "a", **more: Any) -> Delivery:
    delivery = put(outbox, text, **more)
    assert delivery is not None
    return delivery


def test_nothing_is_sent_before_it_is_dispatched() -> None:
    outbox, courier = make()
    taken(outbox)
    courier.carry_all()
    assert courier.sent == []


def test_what_is_due_is_sent_and_stands_in_the_ledger() -> None:
    outbox, courier = make()
    delivery = taken(outbox, now=5.0)
    outbox.dispatch(6.0)
    courier.carry_all()
    assert courier.sent == [b"a"]
    assert (delivery.state, delivery.made, outbox.pending) == ("delivered", 1, 0)
    assert [(attempt.at, attempt.outcome) for attempt in delivery.attempts] == [(6.0, OK)]
    assert (delivery.at, delivery.entry) == (5.0, 7)


def test_a_delivery_waits_for_its_time() -> None:
    outbox, courier = make()
    taken(outbox, now=10.0, pace=Pace(delay=5))
    assert outbox.wait(10.0) == 5.0
    outbox.dispatch(14.9)
    courier.carry_all()
    assert (courier.sent, outbox.idle(14.9), outbox.idle(15.0)) == ([], True, False)
    outbox.dispatch(15.0)
    courier.carry_all()
    assert courier.sent == [b"a"]
    assert outbox.wait(15.0) == NEVER


def test_while_something_is_under_way_there_is_something_to_look_after() -> None:
    outbox, courier = make()
    taken(outbox)
    outbox.dispatch(0.0)
    assert 0 < outbox.wait(0.0) < 1
    assert not outbox.idle(0.0)
    courier.carry_all()
    assert outbox.wait(0.0) == NEVER
    assert outbox.idle(0.0)


@pytest.mark.parametrize(("outcome", "state"), [(SORRY, "failed"), (GONE, "failed"), (REFUSED, "refused")])
def test_what_is_not_accepted_is_tried_once_only_by_default(outcome: Outcome, state: str) -> None:
    outbox, courier = make(outcome)
    delivery = taken(outbox)
    outbox.dispatch(0.0)
    courier.carry_all()
    assert (delivery.state, delivery.made, outbox.pending) == (state, 1, 0)


def test_retries_come_later_and_later() -> None:
    outbox, courier = make(*[SORRY] * 10)
    delivery = taken(outbox, pace=Pace(attempts=4, wait=60))
    waits = []
    now = 0.0
    while not delivery.over:
        outbox.dispatch(now)
        courier.carry_all()
        wait = outbox.wait(now)
        waits.append(wait)
        now += wait if wait < NEVER else 0
    assert (waits, delivery.state, delivery.made) == ([60, 120, 240, NEVER], "failed", 4)


def test_a_retry_that_is_accepted_is_the_last() -> None:
    outbox, courier = make(SORRY)
    delivery = taken(outbox, pace=Pace(attempts=9, wait=60))
    for now in (0.0, 59.0, 60.0, 1000.0):
        outbox.dispatch(now)
        courier.carry_all()
    assert (delivery.state, [each.at for each in delivery.attempts]) == ("delivered", [0.0, 60.0])


def test_what_is_refused_is_not_tried_again() -> None:
    outbox, courier = make(REFUSED)
    delivery = taken(outbox, pace=TWICE)
    outbox.dispatch(0.0)
    courier.carry_all()
    assert (delivery.state, outbox.pending) == ("refused", 0)


def test_a_retry_holds_nothing_up() -> None:
    outbox, courier = make(SORRY)
    taken(outbox, "a", pace=TWICE)
    taken(outbox, "b", pace=TWICE)
    for now in (0.0, 60.0):
        outbox.dispatch(now)
        courier.carry_all()
    assert courier.sent == [b"a", b"b", b"a"]


def test_only_the_latest_attempts_are_kept() -> None:
    outbox, courier = make(*[SORRY] * 20)
    delivery = taken(outbox, pace=Pace(attempts=20, wait=1))
    now = 0.0
    while not delivery.over:
        outbox.dispatch(now)
        courier.carry_all()
        now += 10**9
    assert (delivery.made, len(delivery.attempts)) == (20, 5)


def test_one_webhook_is_called_for_one_delivery_at_a_time() -> None:
    outbox, courier = make()
    for text in "abc":
        taken(outbox, text)
    outbox.dispatch(0.0)
    assert len(courier.tasks) == 1
    courier.meanwhile = lambda: outbox.dispatch(0.0)
    courier.carry()
    assert (courier.sent, len(courier.tasks)) == ([b"a"], 1)


def test_a_world_calls_only_so_many_webhooks_at_a_time() -> None:
    outbox, courier = make()
    for number in range(10):
        taken(outbox, lane=Lane("acme", "ann", number))
    outbox.dispatch(0.0)
    assert len(courier.tasks) == module.MOST_AT_ONCE
    courier.carry()
    assert len(courier.tasks) == module.MOST_AT_ONCE
    courier.carry_all()
    assert outbox.pending == 0


def test_webhooks_take_turns() -> None:
    outbox, courier = make()
    for text in ("a1", "a2", "b1", "b2"):
        taken(outbox, text, lane=Lane("acme", "ann", ord(text[0])))
    outbox.dispatch(0.0)
    courier.carry_all()
    assert courier.sent == [b"a1", b"b1", b"a2", b"b2"]


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
    fresh = outbox.fresh()
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


OUTCOMES = st.sampled_from([OK, OK, SORRY, GONE, REFUSED])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 5)),
        st.tuples(st.just("time"), st.integers(1, 100)),
        st.tuples(st.just("carry"), st.integers(0, 3)),
    ),
    max_size=60,
)


@given(steps=STEPS, outcomes=st.lists(OUTCOMES, max_size=60), delay=st.sampled_from([0.0, 30.0]))
def test_whatever_happens_first_attempts_of_a_webhook_are_made_in_the_order_of_events(
    steps: list[tuple[str, int]], outcomes: list[Outcome], delay: float
) -> None:
    outbox, courier = make(*outcomes)
    pace, now = Pace(delay, 3, 40.0), 0.0
    all_of_them: list[Delivery] = []
    for step, number in steps:
        if step == "put":
            text = str(len(all_of_them))
            all_of_them.append(taken(outbox, text, lane=Lane("acme", "ann", number), now=now, pace=pace))
        elif step == "time":
            now += number
            outbox.dispatch(now)
        elif courier.tasks:
            courier.carry(number % len(courier.tasks))
        assert len(courier.tasks) <= module.MOST_AT_ONCE
        assert outbox.pending == sum(not delivery.over for delivery in all_of_them)
    while outbox.pending:
        now += 1000
        outbox.dispatch(now)
        courier.carry_all()
    first = list(dict.fromkeys(int(body) for body in courier.sent))
    for lane in {delivery.lane for delivery in all_of_them}:
        mine = [number for number, delivery in enumerate(all_of_them) if delivery.lane == lane]
        assert [number for number in first if number in mine] == mine
    assert all(delivery.made == courier.sent.count(str(n).encode()) for n, delivery in enumerate(all_of_them))
    assert all(1 <= delivery.made <= 3 for delivery in all_of_them)
