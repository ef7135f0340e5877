"""Magic addresses: failures for people who can not reach the control plane. `error500+ann@fault.example` in a request
makes it fail, `WORD+anything@fault.example` in general; the domain can not exist (RFC 6761).

What a word does to a whole request is an effect, applied as that of a fault is; what it does to a row or a member is
the vendor's, who asks the account for the word of an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_to_bytes

from emulator.core.failures.effects import Effect

if TYPE_CHECKING:
    from emulator.core.vendor import ErrorShape

DOMAIN = "fault.example"
MARK = DOMAIN.encode()
PATH_MARK = DOMAIN
"""What a request must contain to be worth a look: a body or query the one, a path the other."""
SWITCH = "magic_addresses"
"""The behaviour, after the vendor's id and a dot."""
OFF = "off"
SLOW_SECONDS = 3.0

MOST_REMEMBERED = 10_000
"""Addresses of a world that have had their one call."""
_MOST_MENTIONS = 1000  # in one text; a list may have very many
_FURTHEST = 128  # bytes before the domain in which the word is looked for
# Some encoders of JSON write these two so.
_ESCAPES = ((b"\\u002b", b"+"), (b"\\u002B", b"+"), (b"\\u0040", b"@"))
# The local part, read backwards from the @; what may stand before an address in a path or a query ends it.
_LOCAL = re.compile(rb"@([A-Za-z0-9._+~-]*)")


class Magic(NamedTuple):
    """What a word means: the effect on a request that mentions it, or None where the vendor's rules see to it."""

    about: str
    effect: Effect | None = None
    once: bool = False
    """Whether it is only for the first call that mentions the very address."""


class Mention(NamedTuple):
    """A magic address somewhere in a request."""

    word: str
    address: str


class Mentioned:
    """The addresses for one call that have had it, in one world; of very many the first are forgotten."""

    __slots__ = ("_addresses",)

    def __init__(self) -> None:
        self._addresses: dict[tuple[str, str], None] = {}

    def is_first(self, vendor: str, address: str) -> bool:
        """Whether it is new, which it is not the next time."""
        key = (vendor, address)
        if key in self._addresses:
            return False
        if len(self._addresses) >= MOST_REMEMBERED:
            del self._addresses[next(iter(self._addresses))]
        self._addresses[key] = None
        return True


def words_for_requests(shapes: Mapping[int, ErrorShape]) -> dict[str, Magic]:
    """The words that every vendor has."""
    words = {
        f"error{status}": Magic(f"the call is answered with HTTP {status}", Effect(status=status)) for status in shapes
    }
    words |= _BREAKS
    first = {
        f"once{word.removeprefix('error')}": Magic(f"{_FIRST}: {magic.about}", magic.effect, once=True)
        for word, magic in words.items()
    }
    return words | first


_FIRST = "only the first call that mentions this very address"
_BREAKS = {
    "reset": Magic("the connection is reset before anything happens", Effect(answer="reset")),
    "empty": Magic("the connection is closed without an answer, before anything happens", Effect(answer="empty")),
    "lost": Magic("what was asked is done, but the connection is reset", Effect(answer="reset", after=True)),
    "truncated": Magic("the answer breaks off in its middle", Effect(answer="truncated", after=True)),
    "malformed": Magic("the body of the answer is not readable", Effect(answer="malformed", after=True)),
    "slow": Magic(
        f"the call waits {SLOW_SECONDS:g} s before anything happens", Effect(delay=(SLOW_SECONDS, SLOW_SECONDS))
    ),
}


# What makes another domain of it, such as fault.example.com.
_FURTHER_DOMAIN = re.compile(rb"[A-Za-z0-9-]|(?:\.|%2[eE])[A-Za-z0-9]")


def word_of(address: str) -> str | None:
    """The word of a magic address; None for every other one."""
    if not address.endswith(DOMAIN):
        return None
    local, at, domain = address.rpartition("@")
    return local.partition("+")[0] if at and domain == DOMAIN else None


def mentions_in(text: bytes) -> Iterator[Mention]:
    """The magic addresses that a path, a query or a body mentions, in their order."""
    for mention in islice(re.finditer(re.escape(MARK), text), _MOST_MENTIONS):
        if _FURTHER_DOMAIN.match(text, mention.end()):
            continue
        head = text[max(0, mention.start() - _FURTHEST) : mention.start()]
        if b"%" in head:
            head = unquote_to_bytes(head)
        for escape, character in _ESCAPES:
            head = head.replace(escape, character)
        local = _LOCAL.match(head[::-1])
        if local is not None:
            name = local[1][::-1].decode()
            yield Mention(name.partition("+")[0], f"{name}@{DOMAIN}")
