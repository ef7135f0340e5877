"""Tests of the integration against the emulator."""

from typing import Any

import pytest
import requests
from newsletter import Newsletter


@pytest.fixture
def newsletter(world: str) -> Newsletter:
    # Any account exists on first use, for any keys.
    return Newsletter(f"{world}/100", "public_key", "private_key")


def control(world: str, method: str, path: str, body: object = None) -> Any:
    answer = requests.request(method, f"{world}/_emulator/{path}", json=body, timeout=10)
    answer.raise_for_status()
    return answer.json()


def test_a_subscriber_is_subscribed(newsletter: Newsletter) -> None:
    newsletter.subscribe("ann@shop.test", "Ann")
    assert newsletter.is_subscribed("ann@shop.test")
    assert not newsletter.is_subscribed("bob@shop.test")


def test_who_has_opted_out_is_not(newsletter: Newsletter, world: str) -> None:
    control(world, "POST", "scenarios/newsletter/load")  # a scenario that comes along
    assert newsletter.is_subscribed("ann.baker@mail.test")
    assert not newsletter.is_subscribed("dan.evans@mail.test")


def test_a_failure_of_the_vendor_is_survived(newsletter: Newsletter, world: str) -> None:
    control(world, "POST", "faults", {"operation": "emma.members.add", "status": 500, "nth": 1})
    newsletter.subscribe("ann@shop.test", "Ann")
    expected = {"expect": [{"operation": "emma.members.add", "count": 2}]}
    assert control(world, "POST", "journal/verify", expected)["ok"]


def test_a_vendor_that_stays_down_is_an_error(newsletter: Newsletter, world: str) -> None:
    control(world, "POST", "faults", {"operation": "emma.members.add", "status": 503})
    with pytest.raises(requests.HTTPError, match="503"):
        newsletter.subscribe("ann@shop.test", "Ann")
