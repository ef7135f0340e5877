"""Text of others on a terminal."""

from __future__ import annotations

import pytest

from emulator.core.printable import printable


@pytest.mark.parametrize("text", ["", "ann@shop.test", "Zoë 😀 日本", "back\\slash", "a\xa0b"])
def test_what_people_read_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("one\ntwo\r\n", "one\\ntwo\\r\\n"),
        ("\x00\x07\x08\x7f", "\\x00\\x07\\x08\\x7f"),
        ("é\x9b31m", "é\\x9b31m"),
        ("a\u2028b\x85c", "a\\u2028b\\x85c"),
        ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
    ],
)
def test_what_would_steer_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown
