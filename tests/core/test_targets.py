from __future__ import annotations

import socket
from typing import Any

import pytest

from emulator.core.targets import Refused, addresses_of, is_target, read_target


def resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name lead to these addresses."""

    def getaddrinfo(host: str, port: int, **more: Any) -> list[Any]:
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://localhost", (False, "localhost", 80, "/")),
        ("https://localhost/hook?token=1#part", (True, "localhost", 443, "/hook?token=1")),
        ("http://127.0.0.1:9000/a b/ü?q=%20", (False, "127.0.0.1", 9000, "/a%20b/%C3%BC?q=%20")),
        ("HTTP://[::1]:9000/", (False, "::1", 9000, "/")),
        ("http://bücher.test/", (False, "xn--bcher-kva.test", 80, "/")),
    ],
)
def test_a_url_is_taken_apart(url: str, wanted: tuple[Any, ...]) -> None:
    assert tuple(read_target(url)) == wanted


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://localhost/", "localhost"),
        ("https://localhost/", "localhost"),
        ("http://localhost:443/", "localhost:443"),
        ("http://[::1]:9000/", "[::1]:9000"),
    ],
)
def test_the_host_header_names_a_port_that_is_not_the_usual_one(url: str, wanted: str) -> None:
    assert read_target(url).authority == wanted


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost",
        "/hook",
        "ftp://localhost/",
        "file:///etc/passwd",
        "http://",
        "http://:80/",
        "http://localhost:0/",
        "http://localhost:99999/",
        "http://localhost:port/",
        "http://[::1/",
        "http://a..b/",
        "http://ann:secret@localhost/",
        "http://local\x00host/",
        "http://local host/",
        f"http://{'a' * 70}.test/",
        "http://localhost/" + "a" * 70_000,
    ],
)
def test_what_nothing_can_be_sent_to_is_no_target(url: str) -> None:
    assert not is_target(url)


@pytest.mark.parametrize("url", ["http://localhost/", "https://shop.test/hook?token=1"])
def test_any_machine_can_be_a_target(url: str) -> None:
    assert is_target(url)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_a_name_that_leads_to_this_machine_may_be_sent_to(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolving_to(monkeypatch, address)
    assert [each[0] for _, each in addresses_of(read_target("http://shop.test:81/"), anywhere=False)] == [address]


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "8.8.8.8", "0.0.0.0", "fe80::1%eth0", "::ffff:10.0.0.1"]
)
def test_a_name_that_leads_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolving_to(monkeypatch, address)
    with pytest.raises(Refused, match=r"^localhost is not on this machine.*--webhooks-anywhere$"):
        addresses_of(read_target("http://localhost/"), anywhere=False)


def test_of_a_name_that_leads_here_and_elsewhere_only_what_is_here_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "10.0.0.1", "127.0.0.1")
    assert addresses_of(read_target("http://shop.test/"), anywhere=False) == [(socket.AF_INET, ("127.0.0.1", 80))]


def test_anywhere_is_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "10.0.0.1", "127.0.0.1")
    assert len(addresses_of(read_target("http://shop.test/"), anywhere=True)) == 2
