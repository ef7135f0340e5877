"""Which machines webhooks may reach: what a name or an address may be, under each of the settings."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from emulator.core.errors import UserError
from emulator.core.webhooks import reach as module
from emulator.core.webhooks.reach import Allowed, Reach, read_allowed
from emulator.core.webhooks.targets import Refused, read_target
from emulator.settings import read_settings

HERE = [
    *("127.0.0.1", "127.9.9.9", "localhost", "localhost.", "a.localhost", "[::1]", "[::ffff:127.0.0.1]"),
    *("[0:0:0:0:0:0:0:1]", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "127.0.0.1."),
]
NEAR = [
    *("0.0.0.0", "0", "0.1.2.3", "[::]", "[::127.0.0.1]", "[2002:7f00:1::]", "[64:ff9b::7f00:1]", "[ff02::1]"),
    *("169.254.169.254", "2852039166", "0xA9FEA9FE", "[::ffff:169.254.169.254]", "[fe80::1]", "[fe80::1%25lo]"),
    *("[fd00:ec2::254]", "100.100.100.200", "224.0.0.1"),
]
ELSEWHERE = ["192.0.2.1", "10.0.0.1", "[2001:db8::1]"]
OPEN = Reach(exposed=True, anywhere=True)


@pytest.fixture(autouse=True)
def hosts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The machine knows shop.test by itself, and no other name."""
    hosts = tmp_path / "hosts"
    hosts.write_text("# 127.0.0.1 other.test\n127.0.0.1 localhost\n127.0.0.1\tSHOP.test shop # mine\n", "utf-8")
    monkeypatch.setattr(module, "HOSTS_FILE", hosts)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that were looked up; all of them lead elsewhere."""
    names: list[str] = []

    def getaddrinfo(host: str, port: int, **more: Any) -> list[Any]:
        names.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.9", port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return names


def allows(reach: Reach, host: str, port: int = 9000) -> bool:
    try:
        return bool(reach.addresses_of(read_target(f"http://{host}:{port}/hook")))
    except Refused:
        return False


def resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name lead to these addresses."""

    def getaddrinfo(host: str, port: int, **more: Any) -> list[Any]:
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize("host", HERE)
def test_this_machine_is_reached_unless_others_reach_the_emulator(host: str) -> None:
    assert [allows(each, host) for each in (Reach(), Reach(anywhere=True), Reach(exposed=True), OPEN)] == [
        *(True, True, False, False)
    ]


@pytest.mark.parametrize("host", NEAR)
def test_what_is_near_is_reached_only_by_an_emulator_on_loopback_that_may_go_anywhere(host: str) -> None:
    assert [allows(each, host) for each in (Reach(), Reach(anywhere=True), Reach(exposed=True), OPEN)] == [
        *(False, True, False, False)
    ]


@pytest.mark.parametrize("host", ELSEWHERE)
def test_other_machines_are_reached_when_anywhere_is_allowed(host: str) -> None:
    assert [allows(each, host) for each in (Reach(), Reach(anywhere=True), Reach(exposed=True), OPEN)] == [
        *(False, True, False, True)
    ]


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "0.0.0.0", "::ffff:127.0.0.1"])
def test_no_name_leads_an_exposed_emulator_to_its_own_machine(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolving_to(monkeypatch, address)
    assert not allows(OPEN, "rebinding.test")
    resolving_to(monkeypatch, address, "192.0.2.1")
    found = OPEN.addresses_of(read_target("http://rebinding.test/"))
    assert [each[0] for _, each in found] == ["192.0.2.1"]


@pytest.mark.parametrize(
    ("text", "url", "allowed"),
    [
        ("127.0.0.1:9000", "http://127.0.0.1:9000/", True),
        ("127.0.0.1:9000", "http://0x7f.1:9000/", True),
        ("127.0.0.1:9000", "http://127.0.0.1:9001/", False),
        ("127.0.0.1:9000", "http://127.0.0.2:9000/", False),
        ("127.0.0.1:9000", "http://localhost:9000/", False),
        ("127.0.0.1", "http://127.0.0.1:9001/", True),
        ("localhost", "https://LOCALHOST/", True),
        ("localhost:443", "https://localhost/", True),
        ("localhost:80", "https://localhost/", False),
        ("[::1]:9000", "http://[0:0::1]:9000/", True),
        ("Shop.test.", "http://shop.test/", True),
        ("shop.test", "http://www.shop.test/", False),
        ("b\u00fccher.test", "http://b\u00fccher.test/", True),
        ("169.254.169.254", "http://169.254.169.254/", True),
    ],
)
def test_what_is_allowed_is_exactly_that(monkeypatch: pytest.MonkeyPatch, text: str, url: str, allowed: bool) -> None:
    resolving_to(monkeypatch, "127.0.0.1")
    reach = Reach(exposed=True, allowed=(read_allowed(text),))
    if allowed:
        assert reach.addresses_of(read_target(url))
    else:
        with pytest.raises(Refused, match="--webhook-target"):
            reach.addresses_of(read_target(url))


def test_what_is_allowed_comes_on_top() -> None:
    assert allows(Reach(allowed=(Allowed("192.0.2.1"),)), "localhost")
    assert allows(Reach(allowed=(Allowed("192.0.2.1"),)), "192.0.2.1")


@pytest.mark.parametrize(
    ("reach", "host", "names"),
    [
        (Reach(), "outside.test", []),
        (Reach(), "other.test", []),
        (Reach(), "shop.test", ["shop.test"]),
        (Reach(), "a.localhost", ["localhost"]),
        (Reach(exposed=True), "outside.test", []),
        (Reach(exposed=True), "shop.test", []),
        (Reach(exposed=True), "localhost", []),
        (Reach(allowed=(Allowed("shop"),)), "outside.test", []),
        (Reach(allowed=(Allowed("outside.test"),)), "outside.test", ["outside.test"]),
        (Reach(anywhere=True), "outside.test", ["outside.test"]),
    ],
    ids=str,
)
def test_no_name_is_looked_up_that_leads_nowhere(asked: list[str], reach: Reach, host: str, names: list[str]) -> None:
    allows(reach, host)
    assert asked == names


def test_a_machine_without_a_list_of_names_knows_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "HOSTS_FILE", tmp_path / "none")
    assert (allows(Reach(), "localhost"), allows(Reach(), "shop.test")) == (True, False)


@pytest.mark.parametrize(
    ("reach", "host", "words"),
    [
        (Reach(), "outside.test", "is not known to be on this machine, so nothing was sent; allow it with"),
        (Reach(exposed=True), "192.0.2.1", "is no --webhook-target, and others can reach this emulator"),
        (OPEN, "127.0.0.1", "is this machine or its link"),
    ],
    ids=str,
)
def test_a_refusal_says_why_and_how_to_mend_it(reach: Reach, host: str, words: str) -> None:
    with pytest.raises(Refused) as caught:
        reach.addresses_of(read_target(f"http://{host}:9000/"))
    assert str(caught.value).startswith(f"{host} {words}")
    assert f"--webhook-target {host}:9000" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "a b", "http://a", "a/b", "a:0", "a:65536", "a:port", "[::1", "::1", "u@a", "[1]"]
)
def test_what_is_no_host_can_not_be_allowed(text: str) -> None:
    with pytest.raises(UserError, match=r"^--webhook-target: .* is not valid; give HOST or HOST:PORT"):
        read_settings({"webhook_target": [text]}, {})


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_a_name_that_leads_to_this_machine_may_be_sent_to(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolving_to(monkeypatch, address)
    assert [each[0] for _, each in Reach().addresses_of(read_target("http://shop.test:81/"))] == [address]


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "8.8.8.8", "0.0.0.0", "fe80::1%eth0", "::ffff:10.0.0.1"]
)
def test_a_name_that_leads_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolving_to(monkeypatch, address)
    with pytest.raises(Refused, match=r"^localhost is not on this machine.*--webhooks-anywhere$"):
        Reach().addresses_of(read_target("http://localhost/"))


def test_of_a_name_that_leads_here_and_elsewhere_only_what_is_here_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "10.0.0.1", "127.0.0.1")
    assert Reach().addresses_of(read_target("http://shop.test/")) == [(socket.AF_INET, ("127.0.0.1", 80))]


def test_anywhere_is_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "10.0.0.1", "127.0.0.1")
    assert len(Reach(anywhere=True).addresses_of(read_target("http://shop.test/"))) == 2
