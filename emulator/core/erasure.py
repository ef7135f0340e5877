"""The right to erasure: what a vendor erased for good, the journal forgets, too."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import unquote

from emulator.core.journal import Entry, Refusal, add_note
from emulator.core.slices import Slices

ERASED = "[erased]"
_ERASED = ERASED.encode()
_ERASED_BODY = b'"[erased]"'
# What is longer or shorter is looked for as any other text, one by one.
_LONGEST_LOCAL = 64
_LONGEST_DOMAIN = 253
_NUMBER = re.compile(r"[0-9]{7,15}")
_MANY = 1000  # other texts, with which everything is blanked
_DIGITS = re.compile(r"[0-9]+")
_JSON_ESCAPE = re.compile(r"\\(u[0-9a-f]{4}|.)", re.DOTALL)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_HALF_ESCAPE = re.compile(r"\\(?:u[0-9a-f]{0,3})?$|%[0-9a-f]?$")


def erase(entries: Iterable[Entry], words: Words) -> Slices[int]:
    """Blank what mentions one of the words; in how many entries something did.

    A path loses a segment; a query, a body, a header or a remark is blanked whole.
    """
    erased = 0
    if not words:
        return 0
    for entry in list(entries):
        if _erase(entry, words):
            add_note(entry, "what mentioned somebody who was erased is gone")
            erased += 1
        yield
    return erased


class Words:
    """Texts that must not be mentioned, in any letter case and however escaped: addresses, numbers, others."""

    __slots__ = ("_all", "_by_domain", "_domain_lengths", "_number_lengths", "_numbers", "_others")

    def __init__(self, texts: Collection[str]) -> None:
        self._all = {text.lower() for text in texts} - {""}
        by_domain: dict[str, set[str]] = defaultdict(set)
        self._numbers: set[str] = set()
        others: set[str] = set()
        for word in self._all:
            local, at, domain = word.rpartition("@")
            number = word.removeprefix("+")
            if at and len(local) <= _LONGEST_LOCAL and len(domain) <= _LONGEST_DOMAIN:
                by_domain[domain].add(local)
            elif _NUMBER.fullmatch(number):
                self._numbers.add(number)
            else:
                others.add(word)
        # What stands before the @ of these domains, and how long that may be.
        self._by_domain = {domain: (each, sorted({len(local) for local in each})) for domain, each in by_domain.items()}
        self._domain_lengths = sorted({len(domain) for domain in by_domain})
        self._number_lengths = sorted({len(number) for number in self._numbers})
        self._others = sorted(others)

    def __bool__(self) -> bool:
        return bool(self._all)

    def are_in(self, text: str) -> bool:
        return any(
            self._has_address(form) or self._has_number(form) or self._has_other(form) for form in _forms(text.lower())
        )

    def begin_at_the_end_of(self, text: str) -> bool:
        """Whether a text that was cut ends with the beginning of one."""
        for form in _forms(_HALF_ESCAPE.sub("", text.lower())):
            tail = form[max(form.rfind(mark) for mark in ('"', " ", "\n")) + 1 :]
            if tail and any(word.startswith(tail) for word in self._all):
                return True
        return False

    def _has_address(self, text: str) -> bool:
        at = text.find("@") if self._by_domain else -1
        while at >= 0:
            for length in self._domain_lengths:
                known = self._by_domain.get(text[at + 1 : at + 1 + length])
                if known is not None and any(text[max(0, at - size) : at] in known[0] for size in known[1]):
                    return True
            at = text.find("@", at + 1)
        return False

    def _has_number(self, text: str) -> bool:
        if not self._numbers:
            return False
        return any(
            run[start : start + length] in self._numbers
            for run in _DIGITS.findall(text)
            for length in self._number_lengths
            for start in range(len(run) - length + 1)
        )

    def _has_other(self, text: str) -> bool:
        # Rather forget too much than look for too many.
        return len(self._others) > _MANY or any(word in text for word in self._others)


def _forms(text: str) -> Iterator[str]:
    """A text in lower case as it came, and with its escapes resolved."""
    yield text
    if "%" in text:
        yield unquote(text).lower()
    if "\\" in text:
        plain = _JSON_ESCAPE.sub(_unescaped, text)
        # Two escapes may make one character.
        yield plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace").lower()


def _unescaped(match: re.Match[str]) -> str:
    escape = match[1]
    return chr(int(escape[1:], 16)) if len(escape) > 1 else _CONTROLS.get(escape, escape)


def _erase(entry: Entry, words: Words) -> bool:
    before = _texts(entry)
    entry.path = "/".join(ERASED if words.are_in(segment) else segment for segment in entry.path.split("/"))
    if words.are_in(entry.path):  # an address with a slash
        entry.path = f"/{ERASED}"
    if words.are_in(entry.query.decode("latin-1")):
        entry.query = _ERASED
    entry.request = _without(entry.request, words, cut=entry.request_cut > 0)
    entry.response = _without(entry.response, words, cut=entry.response_cut > 0)
    if any(words.are_in(value.decode("latin-1")) for _, value in entry.headers):
        entry.headers = [
            (name, _ERASED if words.are_in(value.decode("latin-1")) else value) for name, value in entry.headers
        ]
    entry.notes = [ERASED if words.are_in(note) else note for note in entry.notes]
    if entry.hint is not None and words.are_in(entry.hint):
        entry.hint = ERASED
    if entry.refusal is not None and words.are_in(entry.refusal.text):
        entry.refusal = Refusal(entry.refusal.kind, ERASED, entry.refusal.module, entry.refusal.function)
    return before != _texts(entry)


def _texts(entry: Entry) -> tuple[object, ...]:
    texts = (entry.path, entry.query, entry.request, entry.response, entry.headers, entry.notes, entry.hint)
    return *texts, entry.refusal and entry.refusal.text


def _without(body: bytes, words: Words, *, cut: bool) -> bytes:
    text = body.decode("utf-8", "replace")
    return _ERASED_BODY if words.are_in(text) or (cut and words.begin_at_the_end_of(text)) else body
