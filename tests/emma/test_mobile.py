"""Mobile numbers, and the consent to text messages that is given without one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.emma.importing import imported, numbers
from tests.emma.support import MEMBERS, add, member, refused, update

ANN = "ann@shop.test"
NUMBER = "+12025550123"
SAYINGS: dict[str, Callable[[TestClient, dict[str, Any]], object]] = {
    "add": lambda client, sms: add(client, ANN, sms=sms),
    "update": lambda client, sms: update(client, 1024, sms=sms),
    "import": lambda client, sms: imported(client, {"email": ANN, "sms": sms}),
    "import for all": lambda client, sms: imported(client, {"email": ANN}, criteria={"sms": sms}),
}


def known(client: TestClient) -> tuple[str, str, str] | None:
    """Number, transactional and promotional status of member 1024."""
    sms = member(client, 1024)["sms"]
    return sms and (sms["phone_number"], sms["transactional_status"], sms["promotional_status"])


@pytest.mark.parametrize("how", SAYINGS)
def test_consent_without_a_number_is_for_the_number_that_is_known(client: TestClient, how: str) -> None:
    add(client, ANN, sms={"phone_number": NUMBER, "transactional_status": "a", "promotional_status": "a"})
    SAYINGS[how](client, {"promotional_status": "o"})
    assert known(client) == (NUMBER, "a", "o")


@pytest.mark.parametrize("how", SAYINGS)
def test_consent_without_any_number_is_nothing(client: TestClient, how: str) -> None:
    add(client, ANN)
    SAYINGS[how](client, {"promotional_status": "o"})
    assert known(client) is None


@pytest.mark.parametrize("number", [{}, {"phone_number": NUMBER}])
def test_a_consent_that_is_none_is_refused(client: TestClient, number: dict[str, str]) -> None:
    add(client, ANN, sms={"phone_number": NUMBER})
    before = known(client)
    body = {"sms": {**number, "promotional_status": "zzz"}}
    assert refused(client.post(f"{MEMBERS}/add", json={"email": ANN, **body}))[0] == 400
    assert refused(client.put(f"{MEMBERS}/1024", json=body))[0] == 400
    assert known(client) == before


def test_a_row_whose_consent_is_none_is_skipped(client: TestClient) -> None:
    add(client, ANN, sms={"phone_number": NUMBER})
    answer = imported(client, {"email": ANN, "first_name": "New", "sms": {"promotional_status": "zzz"}})
    assert numbers(answer)["skipped"] == 1
    assert "first_name" not in member(client, 1024)["fields"]


def test_a_rows_own_consent_outranks_that_of_the_import(client: TestClient) -> None:
    criteria = {"sms": {"transactional_status": "o", "promotional_status": "o"}}
    row = {"email": ANN, "sms": {"phone_number": NUMBER, "promotional_status": "a"}}
    imported(client, row, criteria=criteria)
    assert known(client) == (NUMBER, "o", "a")


@pytest.mark.parametrize("how", SAYINGS)
def test_saying_nothing_of_a_number_leaves_it_as_it_was(client: TestClient, how: str) -> None:
    add(client, ANN, sms={"phone_number": NUMBER, "promotional_status": "o"})
    before = member(client, 1024)["sms"]
    SAYINGS[how](client, {})
    assert member(client, 1024)["sms"] == before


@pytest.mark.parametrize("number", [1234567890.0, True, ["2025550123"], {"us": "2025550123"}])
def test_a_number_that_is_neither_text_nor_whole_is_refused(client: TestClient, number: object) -> None:
    refused(client.post(f"{MEMBERS}/add", json={"email": "ann@shop.test", "sms": {"phone_number": number}}))
