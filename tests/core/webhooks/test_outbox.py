"""What is delivered when, in which order and how often."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.jobs import NEVER
from emulator.core.webhooks.courier import MOST_OF_ONE, Outcome
from emulator.core.webhooks.delivery import Delivery, Lane, Pace
from tests.core.by_hand import GONE, OK, REFUSED, SORRY, TWICE, make, taken


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
    assert len(courier.tasks) == MOST_OF_ONE
    courier.carry()
    assert len(courier.tasks) == MOST_OF_ONE
    courier.carry_all()
    assert outbox.pending == 0


def test_webhooks_take_turns() -> None:
    outbox, courier = make()
    for text in ("a1", "a2", "b1", "b2"):
        taken(outbox, text, lane=Lane("acme", "ann", ord(text[0])))
    outbox.dispatch(0.0)
    courier.carry_all()
    assert courier.sent == [b"a1", b"b1", b"a2", b"b2"]


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
        assert len(courier.tasks) <= MOST_OF_ONE
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
