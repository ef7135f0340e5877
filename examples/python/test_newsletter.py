"""Tests of the integration. The fixtures come with the emulator: each test has a world of its own."""

import pytest
import requests
from newsletter import Newsletter

from emulator.client import Client
from emulator.testing.handles import EmmaHandle


@pytest.fixture
def newsletter(emma_account: EmmaHandle) -> Newsletter:
    return Newsletter(emma_account.base_url, *emma_account.auth)


def test_a_subscriber_is_subscribed(newsletter: Newsletter) -> None:
    newsletter.subscribe("ann@shop.test", "Ann")
    assert newsletter.is_subscribed("ann@shop.test")
    assert not newsletter.is_subscribed("bob@shop.test")


def test_who_has_opted_out_is_not(newsletter: Newsletter, emma_account: EmmaHandle) -> None:
    emma_account.seed(members=[{"email": "ann@shop.test"}, {"email": "dan@shop.test", "member_status_id": "o"}])
    assert newsletter.is_subscribed("ann@shop.test")
    assert not newsletter.is_subscribed("dan@shop.test")


@pytest.mark.emulator(faults=[{"operation": "emma.members.add", "status": 500, "nth": 1}])
def test_a_failure_of_the_vendor_is_survived(newsletter: Newsletter, emulator_world: Client) -> None:
    newsletter.subscribe("ann@shop.test", "Ann")
    emulator_world.verify(operation="emma.members.add", count=2)


@pytest.mark.emulator(faults=[{"operation": "emma.members.add", "status": 503}])
def test_a_vendor_that_stays_down_is_an_error(newsletter: Newsletter) -> None:
    with pytest.raises(requests.HTTPError, match="503"):
        newsletter.subscribe("ann@shop.test", "Ann")
