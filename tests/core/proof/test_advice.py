"""Advice for a vendor that recommends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from emulator.core.journal import Entry
from emulator.core.proof.advice import Finding, give_advice
from emulator.core.proof.explanation import explain_entry, routes_of
from emulator.emma.advice import window as emma_window
from emulator.engagelab.advice import window as engagelab_window
from tests.core.acme import make_worlds
from tests.core.caller import Caller


@pytest.fixture
def caller() -> Caller:
    worlds = make_worlds()
    worlds.open()
    return Caller(worlds)


def advice(caller: Caller) -> list[Finding]:
    work = give_advice(caller.world(), caller.worlds.vendors)
    while True:
        try:
            next(work)
        except StopIteration as stop:
            findings: list[Finding] = stop.value
            return findings


def explained(caller: Caller) -> Mapping[str, Any]:
    (entry,) = caller.world().journal
    return explain_entry(entry, caller.world(), routes_of(caller.worlds.vendors))


def test_unread_keys_and_guesses_are_found_without_any_recommendation(caller: Caller) -> None:
    caller("PUT", "/acme/notes/milk?x=1", b'{"text":"two","key":"other","size":3}')
    assert [(each.kind, each.text.split()[0]) for each in advice(caller)] == [
        ("inferred", "1"),
        ("unread", "'x'"),
        ("unread", "'key'"),
        ("unread", "'size'"),
    ]


def test_a_bug_is_explained_as_the_emulators(caller: Caller) -> None:
    caller("POST", "/acme/notes/milk/burn")
    assert explained(caller)["refused"] == {
        "stage": "emulator",
        "by": None,
        "kind": "InternalFault",
        "why": "internal error, see journal entry 1",
    }


def test_a_body_that_is_too_large_is_refused_by_a_limit(caller: Caller) -> None:
    caller("PUT", "/acme/notes/milk", b"x" * 2000)
    assert explained(caller)["refused"]["stage"] == "limits"


@pytest.mark.parametrize("window", [emma_window, engagelab_window])
@pytest.mark.parametrize("response", [b"", b"no JSON", b'{"a":1}', b'"text"', b"[" * 70_000])
def test_an_answer_that_is_no_list_has_no_known_rows(window: Any, response: bytes) -> None:
    entry = Entry(1, 0.0, "GET", "/", query=b"start=x&limit=x&offset=" + b"9" * 5000, response=response)
    assert window(entry).rows is None
