"""The samples of Emma's documents, replayed, each in a new world."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contract_tests.comparison import differences
from contract_tests.emma.conftest import Call
from contract_tests.emma.document import EXCEPTIONS, EXCHANGES, Exchange, Inconsistency, expected

_PRINTED_ACCOUNT = "/100"
_BY_ID = {exchange.id: exchange for exchange in EXCHANGES}
_CHECKOUT = Path(__file__).parent.parent.parent
_GROUPS = "vendor-docs/emma-groups.txt"


def _excepted(exceptions: list[Inconsistency]) -> pytest.MarkDecorator:
    """Each exchange that one of these speaks of."""
    cases = [(exception, _BY_ID[name]) for exception in exceptions for name in exception.instead]
    ids = [f"{exception.id}-{exchange.id}" for exception, exchange in cases]
    return pytest.mark.parametrize(("exception", "exchange"), cases, ids=ids)


def _replay(call: Call, exchange: Exchange) -> httpx2.Response:
    return call(exchange.method, exchange.path.removeprefix(_PRINTED_ACCOUNT), exchange.body)


def _unlike_printed(call: Call, exchange: Exchange) -> set[str]:
    """The places where the answer is not as printed."""
    return {each.at for each in differences(exchange.answer, _replay(call, exchange).json(), values=True)}


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange.id)
def test_a_printed_request_gets_the_printed_answer(exchange: Exchange, call: Call) -> None:
    answer = _replay(call, exchange)
    found = differences(expected(exchange), answer.json(), values=True)
    assert (answer.status_code, found) == (200, []), f"{exchange.source}: {answer.text}"


@_excepted(EXCEPTIONS)
def test_an_exception_is_still_needed(exception: Inconsistency, exchange: Exchange, call: Call) -> None:
    assert exception.instead[exchange.id].keys() <= _unlike_printed(call, exchange)


@_excepted([exception for exception in EXCEPTIONS if exception.as_printed_with])
def test_the_other_choice_gives_the_printed_answer(
    exception: Inconsistency, exchange: Exchange, call: Call, target: str, world: str, is_emulator: bool
) -> None:
    if not is_emulator:
        pytest.skip("behaviours are the emulator's")
    body, headers = exception.as_printed_with, {"X-Emulator-World": world}
    chosen = httpx2.put(f"{target}/_emulator/behaviours", json=body, headers=headers, trust_env=False)
    assert chosen.status_code == 200
    assert exception.instead[exchange.id].keys().isdisjoint(_unlike_printed(call, exchange))


def test_every_sample_that_the_groups_document_prints_is_replayed() -> None:
    document = next(itertools.chain(_CHECKOUT.glob(_GROUPS), _CHECKOUT.parent.glob(f"*/{_GROUPS}")), None)
    if document is None:
        pytest.skip("the vendor's document is not in a folder vendor-docs beside the project")
    replayed = [exchange for exchange in EXCHANGES if exchange.source.startswith(_GROUPS)]
    assert [each[2:] for each in replayed] == _samples(document.read_text())


def _samples(text: str) -> list[tuple[str, str, Any, Any]]:
    """Method, path, body and answer of each indented block: a request line, then one or two JSON texts."""
    found = []
    for block in re.findall(r"^Sample Response.*\n((?:\t.*\n|\n)+)", text, re.MULTILINE):
        request, _, rest = block.strip().partition("\n")
        method, path = request.split()
        parts = []
        while rest := rest.strip():
            part, end = json.JSONDecoder().raw_decode(rest)
            parts.append(part)
            rest = rest[end:]
        found.append((method, path, parts[0] if len(parts) > 1 else None, parts[-1]))
    return found
