"""The vendor's address rule."""

from __future__ import annotations

import pytest

from emulator.engagelab.addresses import is_address

LABEL = "a" * 63


@pytest.mark.parametrize(
    "address",
    [
        "a@b.co",
        "a+b@shop.test",
        "a/b@shop.test",
        "朱锁锁@shop.test",
        "UPPER.case@Shop.Test",
        "a" * 96 + "@shop.test",
        f"a@{LABEL}.test",
        "a@x-y.test",
        "a@shop." + "t" * 20,
        "a@1.2.test",
        "a" * 96 + "@" + "b" * 26 + ".test",  # 128 characters
    ],
)
def test_the_rule_allows(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a@b.c",
        "a.b.co",
        "@shop.test",
        "a@@shop.test",
        "a@b@shop.test",
        "a" * 97 + "@shop.test",
        "a" * 96 + "@" + "b" * 27 + ".test",  # 129 characters
        f"a@a{LABEL}.test",
        "a@-x.test",
        "a@x-.test",
        "a@x_y.test",
        "a@x..test",
        "a@shop.t",
        "a@shop." + "t" * 21,
        "a@shop.t3st",
        "a@localhost",
        "a@shop.test\n",
        "a b@shop.test",
        "a\x00b@shop.test",
    ],
)
def test_the_rule_refuses(address: str) -> None:
    assert not is_address(address)


def test_blanks_are_the_callers_choice() -> None:
    assert is_address("a b@shop.test", blanks_allowed=True)
    assert not is_address("a b@sh op.test", blanks_allowed=True)
