"""Addresses that ask for a failure."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.failures import magic as module
from emulator.core.failures.magic import DOMAIN, mentions_in, word_of
from tests.core.acme import AcmeAccount, notes_of
from tests.core.caller import Caller
from tests.core.failing import fail


def words_in(text: bytes) -> list[str]:
    return [mention.word for mention in mentions_in(text)]


BROKEN = b'{"text": "error500+ann@fault.example"}'


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("bounce+ann@fault.example", "bounce"),
        ("bounce@fault.example", "bounce"),
        ("bounce+a+b@fault.example", "bounce"),
        ("bounce+ann@shop.test", None),
        ("bounce+ann@xfault.example", None),
        ("bounce+ann@mail.fault.example", None),
        ("fault.example", None),
        ("ann@fault.example.test", None),
    ],
)
def test_the_word_is_what_stands_before_the_plus(address: str, word: str | None) -> None:
    assert word_of(address) == word


@pytest.mark.parametrize(
    "text",
    [
        b'{"email": "slow+ann@fault.example"}',
        b'{"email": "slow\\u002bann\\u0040fault.example"}',
        b'{"email": "slow\\u002Bann@fault.example"}',
        b"/100/members/email/slow+ann@fault.example",
        b"/100/members/email/slow%2Bann%40fault.example",
        b"page=1&email=slow%2Bann%40fault.example",
        b"'slow@fault.example'",
        b"Ann <slow+1@fault.example>, Bob",
    ],
)
def test_a_magic_address_is_found_however_it_is_written(text: bytes) -> None:
    assert words_in(text) == ["slow"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"slow+ann@shop.test",
        b"fault.example",
        b"@@fault.example%",
        b"slow fault.example",
        b"slow+ann@fault.example.com",
        b"slow+ann@fault.examples.org",
        b"slow%2Bann%40fault.example%2Ecom",
    ],
)
def test_an_ordinary_text_has_no_word(text: bytes) -> None:
    assert [word for word in words_in(text) if word] == []


@given(st.from_regex(r"[a-z]{1,10}[0-9]{0,3}", fullmatch=True), st.from_regex(r"[a-z0-9.]{0,20}", fullmatch=True))
def test_the_word_in_a_request_is_that_of_the_address(word: str, rest: str) -> None:
    address = f"{word}+{rest}@{DOMAIN}"
    assert words_in(f'{{"email": "{address}"}}'.encode()) == [word_of(address)] == [word]


def test_looking_at_a_large_body_of_nothing_else_takes_no_time() -> None:
    text = b"a+" * 100_000 + b"@fault.example" * 100_000
    started = time.perf_counter()
    words_in(text)
    assert time.perf_counter() - started < 1


def test_who_mentions_a_magic_address_meets_its_failure(call: Caller) -> None:
    reply = call("PUT", "/acme/notes/one", BROKEN)
    assert (reply.status, reply.headers["x-emulator-fault"]) == (500, "magic-error500")
    assert notes_of(call.world()) == {}


def test_a_magic_address_counts_in_path_and_query_too(call: Caller) -> None:
    assert call("GET", "/acme/notes/error418@fault.example").status == 418
    assert call("GET", "/acme/notes/one?of=error418%2Bann%40fault.example").status == 418


def test_a_lost_answer_is_lost_after_the_rule(call: Caller) -> None:
    with pytest.raises(ConnectionResetError):
        call("PUT", "/acme/notes/one", b'{"text": "lost+ann@fault.example"}')
    assert notes_of(call.world()) == {"one": "lost+ann@fault.example"}


def test_an_unknown_word_is_an_ordinary_address(call: Caller) -> None:
    assert call("PUT", "/acme/notes/one", b'{"text": "error999+ann@fault.example"}').status == 200


def test_the_first_word_that_is_known_counts(call: Caller) -> None:
    body = b'{"text": "ann@fault.example, error418@fault.example, error500@fault.example"}'
    assert call("PUT", "/acme/notes/one", body).status == 418


def test_faults_of_the_list_come_first(call: Caller) -> None:
    fail(call.world(), {"status": 418})
    assert call("PUT", "/acme/notes/one", BROKEN).status == 418


def test_magic_addresses_can_be_switched_off(call: Caller) -> None:
    world = call.world()
    account = AcmeAccount(world, "ann")
    assert account.magic_word("bounce@fault.example") == "bounce"
    world.behaviours.set({"acme.magic_addresses": "off"})
    assert account.magic_word("bounce@fault.example") is None
    assert call("PUT", "/acme/notes/one", BROKEN).status == 200


def once(call: Caller, text: str = "once500+ann@fault.example", world: bytes = b"default", key: str = "one") -> int:
    return call("PUT", f"/acme/notes/{key}", f'{{"text": "{text}"}}'.encode(), (b"x-emulator-world", world)).status


def test_a_call_that_fails_once_works_when_it_is_made_again(call: Caller) -> None:
    assert [once(call) for _ in range(4)] == [500, 200, 200, 200]
    assert notes_of(call.world()) == {"one": "once500+ann@fault.example"}


def test_each_address_fails_once_and_each_by_itself(call: Caller) -> None:
    texts = ["once500+ann@fault.example", "once500+bob@fault.example", "once418+ann@fault.example"]
    assert [once(call, text) for text in (*texts, *texts)] == [500, 500, 418, 200, 200, 200]


def test_an_address_is_the_same_however_and_wherever_it_is_written(call: Caller) -> None:
    assert call("GET", "/acme/notes/one?of=once418%2Bann%40fault.example").status == 418
    assert once(call, "once418\\u002bann@fault.example") == 200


def test_a_call_that_mentions_several_fails_once_for_all_of_them(call: Caller) -> None:
    text = "once500+ann@fault.example, once418+bob@fault.example, once500+ann@fault.example"
    assert [once(call, text), once(call, text), once(call, "once418+bob@fault.example")] == [500, 200, 200]


def test_what_fails_always_is_not_hidden_by_what_failed_once(call: Caller) -> None:
    text = "once500+ann@fault.example, error418@fault.example"
    assert [once(call, text), once(call, text)] == [500, 418]


def test_an_answer_can_be_lost_once(call: Caller) -> None:
    with pytest.raises(ConnectionResetError):
        once(call, "oncelost+ann@fault.example")
    assert once(call, "oncelost+ann@fault.example") == 200


def test_worlds_count_for_themselves_and_a_reset_begins_anew(call: Caller) -> None:
    assert [once(call), once(call, world=b"other"), once(call)] == [500, 500, 200]
    call.world().restore(call.worlds.start, ["faults"])
    assert [once(call), once(call, world=b"other")] == [500, 200]


def test_a_fault_of_the_list_leaves_the_one_call_to_come(call: Caller) -> None:
    fail(call.world(), {"status": 418, "first": 1})
    assert [once(call), once(call), once(call)] == [418, 500, 200]


def test_only_so_many_addresses_are_remembered(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_REMEMBERED", 3)
    for number in range(4):
        once(call, f"once500+{number}@fault.example")
    assert len(call.world().faults.mentioned._addresses) == 3
    assert [once(call, f"once500+{number}@fault.example") for number in (3, 0)] == [200, 500]
