"""Text for a terminal: what others wrote into it steers none, and begins no line of its own."""

from __future__ import annotations

_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
# These let what follows look like another text.
_DIRECTIONS = (0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_ESCAPES = {code: repr(chr(code))[1:-1] for code in (*_CONTROLS, *_DIRECTIONS)}


def printable(text: str) -> str:
    """The text with control characters, line breaks among them, as Python writes them: `\\x1b`, `\\n`."""
    return text if text.isascii() and text.isprintable() else text.translate(_ESCAPES)
