"""The types of answers have all that the emulator answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx2
import msgspec
import pytest

from emulator.client import Client, results
from emulator.client.synchronous import requests
from tests.receiver import Receiver

TYPES = {each for each in vars(results).values() if isinstance(each, type) and issubclass(each, msgspec.Struct)}
TYPES.discard(msgspec.Struct)
ANN = {"emma": {"accounts": [{"account_id": 100, "members": [{"member_id": 7, "email": "ann@shop.test"}]}]}}


class Spy:
    """Notes what becomes of answers on their way to a type."""

    def __init__(self) -> None:
        self.lost: set[str] = set()
        self.seen: set[type] = set()

    def convert(self, answer: object, kind: Any) -> Any:
        typed = msgspec.convert(answer, kind)
        self._compare(answer, typed)
        return typed

    def _compare(self, answer: Any, typed: Any) -> None:
        if isinstance(answer, list):
            for one, other in zip(answer, typed, strict=True):
                self._compare(one, other)
        elif isinstance(typed, msgspec.Struct):
            kind = type(typed)
            self.seen.add(kind)
            fields = {field.encode_name: field.name for field in msgspec.structs.fields(kind)}
            self.lost |= {f"{kind.__name__}.{key}" for key in answer.keys() - fields.keys()}
            for key, value in answer.items():
                if key in fields:
                    self._compare(value, getattr(typed, fields[key]))


def test_no_key_of_an_answer_is_lost_on_its_way_to_a_type(
    world: Client, emma: httpx2.Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy()
    monkeypatch.setattr(requests, "msgspec", SimpleNamespace(convert=spy.convert, json=msgspec.json))
    world.seed(ANN)
    world.clock.get()
    world.snapshots.save("before")
    emma.post("/webhooks", json={"event": "member_add", "url": receiver.url})
    for number in range(6):
        emma.post("/members/add", json={"email": f"ann{number}@shop.test", "colour": "red"})
    emma.put("/members/7", json={"email": "ann@other.test"})
    emma.post("/members", json={"members": [{"email": "bob@shop.test"}]})
    emma.post("/members/add", json={"email": 5})
    emma.get("/membres")
    world.webhooks.flush()
    world.webhooks.deliveries()
    world.webhooks.kept()
    world.jobs.all()
    world.behaviours.all()
    world.limits.set(emma={"calls": 1, "seconds": 60})
    for _ in range(2):
        emma.get("/members")
    world.limits.all()
    for fault in ({"status": 500, "nth": 3, "vendor": "emma"}, {"delay": 1, "when": "after", "first": 1}):
        world.faults.add(operation="emma.members.add", match={"body": "email=x"}, **fault)
    world.faults.add(operation="*", answer="slow", seconds=1, probability=0.5, account=100, id="mine")
    world.faults.add(operation="*", status=400, message="no")
    world.faults.all()
    world.journal.entries()
    world.journal.last()
    world.journal.kept()
    world.journal.unmatched()
    world.verify(operation="emma.members.add", at_least=1)
    world.wait()
    world.advice()
    world.diff("before")
    world.credentials("emma")
    world.worlds.all()
    world.snapshots.all()
    assert (spy.lost - {"Kept.entries", "Ledger.deliveries"}, TYPES - spy.seen) == (set(), set())


def test_what_a_world_could_not_keep_is_told(world: Client, emma: httpx2.Client) -> None:
    emma.get("/members")
    assert (world.journal.kept().kept, world.journal.kept().crowded_out) == (1, 0)
    assert (world.webhooks.kept().kept, world.webhooks.kept().states) == (0, {})
    assert world.worlds.cap() == 1000
