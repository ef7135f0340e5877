"""What a tester may say of a fault, and the one line that refuses the rest."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from emulator.core.errors import Invalid
from emulator.core.failures.effects import Effect
from emulator.core.failures.fault_reader import add_faults, read_faults
from emulator.core.failures.faults import MOST
from emulator.core.world import World
from emulator.core.worlds import Worlds
from tests.core.acme import Acme, AcmeAccount, make_worlds
from tests.core.failing import fail, refusal


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds.get("default")


def effect(world: World, **fault: Any) -> Effect:
    """What the only fault does."""
    fail(world, fault)
    return next(iter(world.faults)).fault.effect


def nested(depth: int) -> dict[str, Any]:
    return {"key": nested(depth - 1)} if depth else {"key": 1}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("reset", 'must be an object such as {"operation": "...", "status": 500}'),
        ({}, "says nothing that goes wrong; give status, delay or answer"),
        ({"operation": "acme.notes.get"}, "says nothing that goes wrong"),
        ({"stauts": 500}, "stauts is not a known key; did you mean status?"),
        ({"match": {"bdy": "x"}, "status": 500}, "match.bdy is not a known key; did you mean body?"),
        ({"operation": "acme.notes.gte", "status": 500}, "operation 'acme.notes.gte' is unknown; did you mean acme."),
        ({"operation": "nobody.*", "status": 500}, "is unknown; GET /_emulator/operations lists them"),
        ({"operation": "", "status": 500}, "operation can not be empty"),
        ({"operation": "acme.pages.*", "status": 500}, "is not emulated, so it can never fire"),
        ({"vendor": "nobody", "status": 500}, "vendor can not be 'nobody'; there are acme"),
        ({"account": "", "status": 500}, "account '' can not be an account of Acme Notes here"),
        ({"account": True, "status": 500}, "account must be an account's id"),
        ({"status": 503}, "status can not be 503: Acme Notes has no such answer; it has 401, 418, 500"),
        ({"status": "500"}, "status must be an integer"),
        ({"status": 401, "message": "no"}, "message has no place: Acme Notes's 401 has no body"),
        ({"status": 418, "code": 1}, "code has no place: Acme Notes's 418 has no code"),
        ({"delay": 1, "message": "no"}, "message belongs to a status, and there is none"),
        ({"delay": 1, "code": 1}, "code belongs to a status, and there is none"),
        ({"answer": "reset", "status": 500}, "answer reset leaves nothing that could have a status"),
        ({"answer": "gone"}, "answer must be one of reset, empty, truncated, malformed, slow"),
        ({"answer": "reset", "seconds": 3}, "seconds belongs to answer: slow"),
        ({"answer": "slow", "seconds": 0}, "seconds must be greater than 0"),
        ({"answer": "slow", "seconds": 301}, "seconds must be 300 or less"),
        ({"answer": "truncated", "when": "before"}, "when can not be before: without a status only the rule makes"),
        ({"status": 500, "when": "never"}, "when must be one of before, after"),
        ({"delay": 0}, "delay must be seconds, above 0 and at most 300"),
        ({"delay": 301}, "delay must be seconds, above 0 and at most 300"),
        ({"delay": True}, "delay must be seconds, above 0 and at most 300"),
        ({"delay": float("nan")}, "delay must be seconds, above 0 and at most 300"),
        ({"delay": [1, 2, 3]}, "delay must be seconds, above 0 and at most 300"),
        ({"delay": [3, 1]}, "3 is after 1"),
        ({"status": 500, "nth": 0}, "nth must be 1 or greater"),
        ({"status": 500, "first": 0}, "first must be 1 or greater"),
        ({"status": 500, "probability": 0}, "probability must be greater than 0"),
        ({"status": 500, "probability": 1.5}, "probability must be 1 or less"),
        ({"status": 500, "nth": 1, "first": 2}, "first contradicts nth; give one of them"),
        ({"status": 500, "first": 1, "probability": 0.5}, "probability contradicts first"),
        ({"status": 500, "match": {}}, "match says nothing; give path, query or body"),
        ({"status": 500, "match": {"path": ""}}, "match.path can not be empty"),
        ({"status": 500, "match": {"query": {}}}, "match.query must be a text that occurs in the query"),
        ({"status": 500, "match": {"query": {"a": ["b"]}}}, "match.query must be a text that occurs in the query"),
        ({"status": 500, "match": {"body": 7}}, "match.body must be a text that occurs in the body"),
        ({"status": 500, "match": {"body": ""}}, "match.body must be a text that occurs in the body"),
        ({"status": 500, "match": {"body": {"day": date(2024, 5, 1)}}}, "put dates into quotes"),
        ({"status": 500, "match": {"body": {"day": float("inf")}}}, "can never be in a body"),
        ({"status": 500, "match": {"body": [{1: 2}]}}, "can never be in a body"),
        ({"status": 500, "match": {"body": nested(20)}}, "nest it less deeply"),
        ({"status": 500, "match": {"body": "\ud800"}}, "can never be in a body"),
        ({"status": 500, "match": {"body": {"a": ["\ud800"]}}}, "can never be in a body"),
        ({"status": 500, "match": {"query": "\ud800"}}, "match.query must be a text that occurs in the query"),
        ({"status": 500, "account": "\ud800"}, "account must be an account's id"),
        ({"status": 500, "message": "\ud800"}, "message must be a text of whole characters"),
        ({"status": 500, "id": "a/b"}, "id must have 1 to 64 letters"),
    ],
)
def test_a_fault_that_can_never_fire_is_refused_with_one_line(world: World, fault: object, words: str) -> None:
    line = refusal(world, fault)
    assert words in line
    assert "\n" not in line
    assert len(world.faults) == 0


def test_an_account_that_does_not_exist_is_refused_where_accounts_are_closed() -> None:
    world = make_worlds(open_accounts=False).get("default")
    assert "can not be an account" in refusal(world, {"account": "ann", "status": 500})
    world.accounts["acme"].add(AcmeAccount(world, "ann"))
    fail(world, {"account": "ann", "status": 500})
    assert len(world.faults) == 1


def test_an_operation_of_another_vendor_is_refused(world: World) -> None:
    class Other(Acme):
        id = "other"
        title = "Other Notes"

    Other.operations = ()  # type: ignore[assignment]
    with pytest.raises(Invalid, match=r"acme\.\* is Acme Notes's, so it can never fire at other"):
        add_faults(world, [{"vendor": "other", "operation": "acme.*", "status": 500}], [Acme(), Other()])


@pytest.mark.parametrize("told", ["reset", {"status": 500}, None])
def test_faults_come_in_a_list(world: World, told: object) -> None:
    with pytest.raises(Invalid, match="must be a list of faults"):
        read_faults(world, told, [Acme()])


def test_of_a_list_with_a_mistake_nothing_is_taken(world: World) -> None:
    with pytest.raises(Invalid) as caught:
        fail(world, {"status": 500}, {"status": 9})
    assert caught.value.location == (1, "status")
    assert len(world.faults) == 0


def test_an_id_is_taken_once(world: World) -> None:
    with pytest.raises(Invalid, match="is the id of another fault, too") as caught:
        fail(world, {"status": 500, "id": "a"}, {"delay": 1, "id": "a"})
    assert caught.value.location == (1, "id")


def test_there_is_an_end_to_faults(world: World) -> None:
    fail(world, *[{"status": 500, "nth": 1}] * MOST)
    with pytest.raises(Invalid, match="can not have more than 100 entries"):
        fail(world, {"status": 500})


def test_a_fault_without_an_id_gets_one_that_is_free(world: World) -> None:
    fail(world, {"status": 500, "nth": 1}, {"status": 500, "id": "fault-3", "nth": 2}, {"status": 500})
    assert [armed.fault.id for armed in world.faults] == ["fault-1", "fault-3", "fault-4"]


def test_a_key_without_a_value_is_as_good_as_absent(world: World) -> None:
    assert effect(world, status=500, delay=None, when=None) == Effect(status=500)


@pytest.mark.parametrize(
    ("fault", "after"),
    [
        ({"status": 500}, False),
        ({"status": 500, "when": "after"}, True),
        ({"answer": "reset"}, False),
        ({"answer": "reset", "when": "after"}, True),
        ({"answer": "truncated"}, True),
        ({"answer": "slow", "when": "after"}, True),
        ({"answer": "malformed", "status": 500}, False),
        ({"delay": 1}, False),
    ],
)
def test_a_fault_is_before_the_rule_unless_it_needs_its_answer(
    world: World, fault: dict[str, Any], after: bool
) -> None:
    assert effect(world, **fault).after is after


@pytest.mark.parametrize(("delay", "span"), [(2, (2.0, 2.0)), ([0.5, 2], (0.5, 2.0)), ([1, 1], (1.0, 1.0))])
def test_a_delay_is_a_number_or_a_span(world: World, delay: Any, span: tuple[float, float]) -> None:
    assert effect(world, delay=delay).delay == span


def test_a_pattern_means_operations_and_no_others(world: World) -> None:
    fail(world, {"operation": "acme.*.get", "status": 500})
    assert next(iter(world.faults)).fault.operations == {"acme.notes.get"}


ALL = {"status": 500}
GET = {"operation": "acme.notes.get", "delay": 1}


@pytest.mark.parametrize(
    ("first", "second", "hidden"),
    [
        (ALL, ALL, True),
        (ALL, GET, True),
        (GET, ALL, False),
        (ALL, {"operation": "acme.notes.get", "nth": 2, "status": 418}, True),
        ({**ALL, "nth": 1}, ALL, False),
        ({**ALL, "first": 3}, ALL, False),
        ({**ALL, "probability": 0.9}, ALL, False),
        ({**ALL, "probability": 1.0}, ALL, True),
        ({**ALL, "account": "ann"}, {**GET, "account": "ann"}, True),
        ({**ALL, "account": "ann"}, {**GET, "account": "bob"}, False),
        ({**ALL, "account": "ann"}, GET, False),
        (ALL, {**GET, "account": "ann"}, True),
        ({**ALL, "when": "after"}, GET, True),
        ({**ALL, "match": {"path": "no"}}, {**GET, "match": {"path": "notes"}}, True),
        ({**ALL, "match": {"path": "notes"}}, {**GET, "match": {"path": "no"}}, False),
        ({**ALL, "match": {"path": "no"}}, GET, False),
        (ALL, {**GET, "match": {"path": "no"}}, True),
        ({**ALL, "match": {"query": {"a": "1"}}}, {**GET, "match": {"query": {"a": "1", "b": "2"}}}, True),
        ({**ALL, "match": {"query": {"a": "1", "b": "2"}}}, {**GET, "match": {"query": {"a": "1"}}}, False),
        ({**ALL, "match": {"query": "a"}}, {**GET, "match": {"query": {"a": "1"}}}, False),
        ({**ALL, "match": {"body": {"a": [1]}}}, {**GET, "match": {"body": {"a": [2, 1], "b": {}}}}, True),
        ({**ALL, "match": {"body": {"a": [1, 3]}}}, {**GET, "match": {"body": {"a": [2, 1]}}}, False),
        ({**ALL, "match": {"body": {"a": 1}}}, {**GET, "match": {"path": "no"}}, False),
    ],
    ids=str,
)
def test_a_fault_behind_one_that_takes_all_its_calls_is_refused(
    world: World, first: dict[str, Any], second: dict[str, Any], hidden: bool
) -> None:
    fail(world, {**first, "id": "early"})
    if hidden:
        assert refusal(world, second).startswith("can never fire: fault 'early' comes before it")
    else:
        fail(world, second)
