"""The scenarios that come along hold what they promise."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from emulator import create_app
from emulator.core.scenarios.scenario_file import built_in
from emulator.settings import Settings
from tests.emma.support import AUTH
from tests.support import AUTH as ENGAGELAB_AUTH

BOTH_VENDORS = ("newsletter", "messy-list")


def client_of(scenario: str) -> TestClient:
    return TestClient(create_app(Settings(scenario=(scenario,))), headers={"Authorization": AUTH})


def members(client: TestClient, query: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(f"/100/members{query}").json()
    return rows


@pytest.mark.parametrize("scenario", BOTH_VENDORS)
def test_both_vendors_have_people(scenario: str) -> None:
    client = client_of(scenario)
    assert len(members(client)) >= 5
    listing = client.post("/v1/marketing/lists/list_members", headers={"Authorization": ENGAGELAB_AUTH})
    assert listing.json()["total"] >= 5


@pytest.mark.parametrize("scenario", BOTH_VENDORS)
def test_nobody_has_an_address_of_somebody_real(scenario: str) -> None:
    addresses = [member["email"] for member in members(client_of(scenario), "?deleted=true")]
    assert all(address.lower().rstrip(".").endswith("@mail.test") or "@" not in address for address in addresses)


def test_the_newsletter_has_an_opt_out_that_came_from_a_mailing() -> None:
    client = client_of("newsletter")
    assert client.get("/100/members/2004/optout").json() == [{"timestamp": "@D:2024-04-16T18:22:10", "mailing_id": 400}]


def test_the_counters_of_the_newsletters_import_add_up() -> None:
    row = client_of("newsletter").get("/100/members/imports/300").json()
    parts = ("num_members_added", "num_members_updated", "num_duplicates", "num_skipped")
    assert row["num_members"] == sum(row[part] for part in parts)


def test_the_messy_list_has_every_status_and_archived_members() -> None:
    client = client_of("messy-list")
    assert {member["member_status_id"] for member in members(client)} == set("aoef")
    assert members(client, "?deleted_only=true")


def test_addresses_of_the_messy_list_are_in_error_for_their_form_only_where_they_are_none() -> None:
    malformed = [member["email"] for member in members(client_of("messy-list")) if member["email_error"] == "format"]
    assert malformed == ["not an address", "trailing@mail.test."]


def test_the_empty_scenario_is_empty() -> None:
    assert members(client_of("empty")) == []


def test_every_scenario_that_comes_along_says_what_it_is() -> None:
    assert {*BOTH_VENDORS, "empty", "large", "emma-documentation", "engagelab-documentation"} == set(built_in())
