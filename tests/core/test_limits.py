"""A vendor takes so many calls in a time. Acme documents three a minute."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.clock import Clock
from emulator.core.errors import Invalid, dotted
from emulator.core.limits import MOST_CALLS, RateLimit, read_limits
from tests.core.acme import Acme, make_worlds
from tests.core.caller import Caller


@pytest.fixture
def limited() -> Caller:
    """A caller whose world stands still and takes what is documented."""
    return make_limited(RateLimit(3, 60.0))


def make_limited(limit: RateLimit) -> Caller:
    worlds = make_worlds()
    worlds.start.clock = Clock.starting("frozen", 1000.0)
    worlds.start.limits.set({"acme": limit})
    return Caller(worlds)


def statuses(call: Caller, count: int, *headers: tuple[bytes, bytes]) -> list[int]:
    return [call("GET", "/acme/notes/one", b"", *headers).status for _ in range(count)]


def notes(call: Caller) -> list[str]:
    return list(call.world().journal)[-1].notes


def test_there_is_no_limit_until_it_is_turned_on(call: Caller) -> None:
    assert statuses(call, 10) == [404] * 10


def test_calls_above_the_limit_are_refused(limited: Caller) -> None:
    assert statuses(limited, 5) == [404, 404, 404, 429, 429]


def test_calls_are_allowed_again_as_the_earlier_ones_leave_the_window(limited: Caller) -> None:
    statuses(limited, 1)
    limited.world().clock.advance(30)
    assert statuses(limited, 3) == [404, 404, 429]
    limited.world().clock.advance(29.9)
    assert statuses(limited, 1) == [429]
    limited.world().clock.advance(0.1)
    assert statuses(limited, 2) == [404, 429]


def test_refused_calls_do_not_count(limited: Caller) -> None:
    statuses(limited, 10)
    limited.world().clock.advance(60)
    assert statuses(limited, 4) == [404, 404, 404, 429]


def test_accounts_are_counted_alone(limited: Caller) -> None:
    statuses(limited, 4)
    zoe = (b"authorization", b"Basic em9lOnNlY3JldA==")
    assert limited("GET", "/acme/notes/one", b"", zoe, auth=False).status == 404


def test_worlds_are_counted_alone(limited: Caller) -> None:
    statuses(limited, 4)
    assert statuses(limited, 1, (b"x-emulator-world", b"other")) == [404]


def test_a_call_without_credentials_does_not_count(limited: Caller) -> None:
    for _ in range(5):
        limited("GET", "/acme/notes/one", auth=False)
    assert statuses(limited, 1) == [404]


def test_a_declined_operation_counts(limited: Caller) -> None:
    assert [limited("GET", "/acme/pages").status for _ in range(4)] == [501, 501, 501, 429]


def test_the_journal_says_when_the_next_is_allowed_and_marks_who_does_not_wait(limited: Caller) -> None:
    statuses(limited, 4)
    assert notes(limited) == ["rate limit: more than 3 calls in 60 s; the next is allowed in 60.0 s"]
    limited.world().clock.advance(20)
    statuses(limited, 1)
    assert notes(limited) == ["rate limit: called again 40.0 s before the window allowed it"]
    limited.world().clock.advance(40)
    statuses(limited, 4)
    assert notes(limited) == ["rate limit: more than 3 calls in 60 s; the next is allowed in 60.0 s"]
    windows = dict(limited.world().limits.windows("acme"))
    assert (windows["ann"].refused, windows["ann"].early) == (3, 1)


def test_a_reset_counts_from_nothing(limited: Caller) -> None:
    statuses(limited, 4)
    limited.world().restore(limited.worlds.start, ["limits"])
    assert statuses(limited, 4) == [404, 404, 404, 429]


def test_a_clock_that_is_set_back_by_a_reset_forgets_calls_of_the_future(limited: Caller) -> None:
    limited.world().clock.advance(10_000)
    statuses(limited, 4)
    limited.world().restore(limited.worlds.start, ["clock"])
    assert statuses(limited, 4) == [404, 404, 404, 429]
    assert notes(limited)[0].startswith("rate limit: more than")


def test_setting_a_limit_counts_from_nothing(limited: Caller) -> None:
    statuses(limited, 4)
    limited.world().limits.set({"acme": RateLimit(1, 60.0)})
    assert statuses(limited, 2) == [404, 429]
    limited.world().limits.set({"acme": None})
    assert not limited.world().limits.on
    assert statuses(limited, 4) == [404] * 4


def test_callers_without_end_do_not_fill_the_memory() -> None:
    call = make_limited(RateLimit(1, 60.0))
    world, vendor = call.world(), Acme()
    for number in range(9000):
        account = world.accounts["acme"].get(str(number))
        assert account is not None
        world.clock.advance(1)
        world.limits.count(vendor, account, vendor.sample_credentials, world.journal.open(0, "GET", "/"))
    assert len(list(world.limits.windows("acme"))) <= 4096


@given(
    calls=st.integers(1, 5),
    seconds=st.integers(1, 20),
    steps=st.lists(st.integers(0, 15), max_size=40),
)
def test_no_span_ever_holds_more_calls_than_allowed_and_none_is_refused_without_need(
    calls: int, seconds: int, steps: list[int]
) -> None:
    call = make_limited(RateLimit(calls, float(seconds)))
    served: list[float] = []
    for step in steps:
        call.world().clock.advance(step)
        now = call.world().clock.now()
        recent = [at for at in served if now < at + seconds]
        assert statuses(call, 1) == [404 if len(recent) < calls else 429]
        if len(recent) < calls:
            served.append(now)


@pytest.mark.parametrize(
    ("told", "limit"),
    [
        (True, RateLimit(3, 60.0)),
        (False, None),
        ("on", RateLimit(3, 60.0)),
        ("off", None),
        ({"calls": 9}, RateLimit(9, 60.0)),
        ({"seconds": 1.5}, RateLimit(3, 1.5)),
        ({"calls": 9, "seconds": 2}, RateLimit(9, 2.0)),
    ],
)
def test_a_limit_is_the_documented_one_or_another_or_none(told: object, limit: RateLimit | None) -> None:
    assert read_limits({"acme": told}, [Acme()]) == {"acme": limit}


@pytest.mark.parametrize(
    ("told", "where", "words"),
    [
        (True, "", "must be an object such as"),
        ({"nobody": True}, "nobody", "is no vendor; there are acme"),
        ({"acme": 5}, "acme", "must be true, false, or an object"),
        ({"acme": "maybe"}, "acme", "must be true, false, or an object"),
        ({"acme": {}}, "acme", "must be true, false, or an object"),
        ({"acme": {"cals": 5}}, "acme", "must be true, false, or an object"),
        ({"acme": {"calls": 0}}, "acme.calls", "must be a whole number from 1 to"),
        ({"acme": {"calls": True}}, "acme.calls", "must be a whole number from 1 to"),
        ({"acme": {"calls": 1.5}}, "acme.calls", "must be a whole number from 1 to"),
        ({"acme": {"calls": MOST_CALLS + 1}}, "acme.calls", "must be a whole number from 1 to"),
        ({"acme": {"seconds": 0}}, "acme.seconds", "must be a number above 0"),
        ({"acme": {"seconds": True}}, "acme.seconds", "must be a number above 0"),
        ({"acme": {"seconds": float("nan")}}, "acme.seconds", "must be a number above 0"),
        ({"acme": {"seconds": "60"}}, "acme.seconds", "must be a number above 0"),
    ],
)
def test_a_limit_that_is_none_is_refused(told: object, where: str, words: str) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        read_limits(told, [Acme()])
    assert dotted(caught.value.location) == where


def test_a_vendor_that_documents_no_limit_has_none_to_turn_on() -> None:
    class Free(Acme):
        rate_limit = None  # type: ignore[assignment]

    with pytest.raises(Invalid, match="documents no limit"):
        read_limits({"acme": True}, [Free()])
