from __future__ import annotations

from typing import Any

import pytest

from emulator.core.webhooks.targets import is_target, read_target


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
