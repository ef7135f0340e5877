"""The right to erasure: what a vendor erased for good, the journal forgets, too."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from urllib.parse import unquote

from emulator.core.journal import BODY_KEPT, Entry, Journal, add_note
from emulator.core.slices import Slices

ERASED = "[erased]"
_ERASED = ERASED.encode()
_ERASED_BODY = b'"[erased]"'
# Up to so many words each is looked for; more are looked up by the words of a text.
_FEW = 16
_WORD = re.compile(r"""[^\s"'<>,;:()\[\]{}\\/?&=|]+""")
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


def erase(journal: Journal, texts: Collection[str]) -> Slices[int]:
    """Blank what mentions one of these texts, in any letter case and however escaped; in how many entries it did.

    A path loses a segment; a query, a body, a header or a remark is blanked whole.
    """
    if not texts:
        return 0
    words = Words(texts)
    erased = 0
    for entry in list(journal):
        if _erase(entry, words):
            add_note(entry, "what mentioned somebody who was erased is gone")
            erased += 1
        yield
    return erased


class Words:
    """Texts that must not be mentioned."""

    __slots__ = ("_anywhere", "_whole")

    def __init__(self, texts: Collection[str]) -> None:
        words = {text.lower() for text in texts}
        few = len(words) <= _FEW
        self._anywhere = sorted(word for word in words if few or _WORD.fullmatch(word) is None)
        self._whole = words.difference(self._anywhere)

    def are_in(self, text: str) -> bool:
        return any(self._mentioned(form) for form in _forms(text.lower()))

    def begin_at_the_end_of(self, text: str) -> bool:
        """Whether a text that was cut ends with the beginning of one."""
        tail = text.lower()
        tail = tail[max(tail.rfind('"'), tail.rfind(" ")) + 1 :]
        return bool(tail) and any(word.startswith(tail) for word in (*self._anywhere, *self._whole))

    def _mentioned(self, text: str) -> bool:
        if any(word in text for word in self._anywhere):
            return True
        return bool(self._whole) and any(word.strip(".") in self._whole for word in _WORD.findall(text))


def _forms(text: str) -> Iterator[str]:
    """The text as it came, and with its escapes resolved."""
    yield text
    if "%" in text:
        yield unquote(text).lower()
    if "\\" in text:
        plain = _JSON_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text.replace("\\/", "/").replace('\\"', '"'))
        # Two escapes may make one character.
        yield plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace").lower()


def _erase(entry: Entry, words: Words) -> bool:
    before = (entry.path, entry.query, entry.request, entry.response, list(entry.headers), entry.notes, entry.hint)
    entry.path = "/".join(ERASED if words.are_in(segment) else segment for segment in entry.path.split("/"))
    if words.are_in(entry.query.decode("latin-1")):
        entry.query = _ERASED
    entry.request = _without(entry.request, words)
    entry.response = _without(entry.response, words)
    entry.headers = [
        (name, _ERASED if words.are_in(value.decode("latin-1")) else value) for name, value in entry.headers
    ]
    entry.notes = [ERASED if words.are_in(note) else note for note in entry.notes]
    if entry.hint is not None and words.are_in(entry.hint):
        entry.hint = ERASED
    after = (entry.path, entry.query, entry.request, entry.response, entry.headers, entry.notes, entry.hint)
    return before != after


def _without(body: bytes, words: Words) -> bytes:
    text = body.decode("utf-8", "replace")
    cut = len(body) >= BODY_KEPT
    return _ERASED_BODY if words.are_in(text) or (cut and words.begin_at_the_end_of(text)) else body
