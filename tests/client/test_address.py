"""Addresses of emulators and their worlds."""

from __future__ import annotations

import pytest

from emulator.client.address import read_address
from emulator.core.errors import UserError


@pytest.mark.parametrize(
    ("url", "origin", "world"),
    [
        ("http://127.0.0.1:8025", "http://127.0.0.1:8025", "default"),
        ("http://localhost", "http://localhost", "default"),
        ("https://api.e2ma.net", "https://api.e2ma.net", "default"),
        ("https://localhost:8443/", "https://localhost:8443", "default"),
        ("http://[::1]:8025/_world/mine", "http://[::1]:8025", "mine"),
        ("http://h:1/_world/a%2Eb/", "http://h:1", "a.b"),
    ],
)
def test_an_address_is_taken_apart(url: str, origin: str, world: str) -> None:
    address = read_address(url)
    assert (address.origin, address.world) == (origin, world)
    assert read_address(address.url) == address


def test_a_world_that_is_given_wins_over_that_of_the_address() -> None:
    assert read_address("http://h:1/_world/one", "two").world == "two"


@pytest.mark.parametrize(
    "url", ["", "h:1", "ftp://h", "http://", "http://u:p@h", "http://h:x", "http://h?x=1", "http://h#x", "http://["]
)
def test_what_is_no_address_is_said_to_be_none(url: str) -> None:
    with pytest.raises(UserError, match="is no address of an emulator"):
        read_address(url)


def test_another_path_is_refused() -> None:
    with pytest.raises(UserError, match="has a path"):
        read_address("http://h/100/members")
