"""Credentials, which neither the journal nor the log nor any list must show: one rule for the names under which they
stand in headers, queries, URLs, forms and JSON. Done when somebody looks, so that requests pay nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote_from_bytes, unquote_to_bytes

import msgspec

MASK = b"***"

# In lower case and without what joins words: `X-Api-Key`, `api_key` and `apiKey` are all apikey.
_JOINTS = b" _-.[]"
_LAST_WORDS = (
    *(b"token", b"secret", b"password", b"passwd", b"passphrase", b"credentials"),
    *(b"apikey", b"privatekey", b"secretkey", b"accesskey", b"authkey", b"signingkey", b"accountkey"),
    *(b"authorization", b"authentication", b"signature"),
)
"""How the name of a credential ends: `client_secret`, `private_api_key`, `X-Auth-Token`, `X-Authorization`."""
_WHOLE_NAMES = frozenset((b"auth", b"bearer", b"jwt", b"pwd", b"credential", b"hmac", b"cookie", b"setcookie"))
_ONLY_IN_URLS = frozenset((b"key", b"code", b"pass", b"sig", b"k"))
"""What elsewhere is too often something else; no operation has such a parameter."""
# A referrer is a URL, whose query may have some.
HEADERS = frozenset(
    (
        *(b"authorization", b"proxy-authorization", b"cookie", b"referer", b"x-emulator-token"),
        *(b"x-api-key", b"api-key", b"apikey", b"x-auth-token", b"x-access-token", b"x-token", b"x-secret"),
    )
)
"""Those that are masked as soon as they come; others of such names are when somebody looks."""
_DATA = b"fields"
"""The key of what people filled in: whatever it is called, it is theirs."""
_PLAIN_VALUES = frozenset((b"null", b"true", b"false"))
_OPENING, _CLOSING = (b"{", b"["), (b"}", b"]")
_JSON_MASK = b'"' + MASK + b'"'

_STEMS = (
    b"token",
    b"secret",
    b"pass",
    b"cred",
    b"key",
    b"auth",
    b"bearer",
    b"jwt",
    b"pwd",
    b"hmac",
    b"signature",
    b"cookie",
)
_NAME_ENDS = (*_LAST_WORDS, *_WHOLE_NAMES, *_ONLY_IN_URLS)
_SIGNS = tuple(name + mark for name in _NAME_ENDS for mark in (b'"', b"=", b"]="))
_VERSION = b"-0123456789"
"""What may follow the name of a header: `X-Hub-Signature-256`."""
_SCHEME = re.compile(rb"\s*(basic|bearer|digest)\s", re.IGNORECASE)
_ESCAPED_SIGN = re.compile(rb"\\u00([2-7][0-9a-fA-F])")
_MOST_ESCAPED = 3  # times, one around the other
_ESCAPED_LETTER = re.compile(rb"(?:\\u00|%)[2-7]")
_SEPARATORS = re.compile(rb"([?&;#])")
_USER = re.compile(rb"(://)[^/?#@\s]*@")
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def is_credential(name: bytes, *, in_url: bool = False) -> bool:
    """Whether what stands under this name is nobody's business."""
    plain = name.lower().translate(None, _JOINTS)
    return plain in _WHOLE_NAMES or plain.endswith(_LAST_WORDS) or (in_url and plain in _ONLY_IN_URLS)


def masked_headers(headers: Sequence[tuple[bytes, bytes]]) -> Sequence[tuple[bytes, bytes]]:
    """Headers, in lower case, with the values of credentials masked, those in URLs, too."""
    return [(name, masked_header(name, value)) for name, value in headers]


def masked_header(name: bytes, value: bytes) -> bytes:
    if name not in HEADERS:
        if is_credential(name.rstrip(_VERSION).removeprefix(b"x-")):
            return MASK
        if (scheme := _SCHEME.match(value)) is not None:
            return scheme[1] + b" " + MASK
    return masked_query(value) if b"://" in value or b"?" in value else value


def masked_query(query: bytes) -> bytes:
    """The query, or a whole URL, with the values of credentials masked."""
    return _masked_pairs(query, in_url=True) if query else query


def masked_url(url: str) -> str:
    return masked_query(url.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")


def without_credentials(body: bytes) -> bytes:
    """A body, JSON or a form, with the values of credentials masked, those in URLs, too."""
    if not _may_have_some(body):
        return body
    if body.lstrip()[:1] not in (b"{", b"[", b'"'):
        body = _masked_pairs(body, in_url=False)
    return _masked_json(body) if b'"' in body else body


def _may_have_some(body: bytes) -> bool:
    """Whether it is worth a closer look; to ask that takes a tenth of the time of one."""
    lowered = body.lower()
    return (
        (any(stem in lowered for stem in _STEMS) and any(sign in lowered for sign in _SIGNS))
        or (b"://" in body and (b"?" in body or _USER.search(body) is not None))
        or b":\\/\\/" in body
        or ((b"\\u00" in body or b"%" in body) and _ESCAPED_LETTER.search(body) is not None)
    )


def _masked_pairs(text: bytes, *, in_url: bool) -> bytes:
    if b"@" in text:
        text = _USER.sub(rb"\1" + MASK + b"@", text)
    if b"=" not in text:
        return text
    parts = _SEPARATORS.split(text)
    kept = parts[:1]
    kept[0], hidden = _masked_pair(parts[0], in_url=in_url)
    for separator, part in zip(parts[1::2], parts[2::2], strict=True):
        if hidden and separator in b";?" and b"=" not in part:
            continue  # the rest of the value, in which these may stand
        shown, hidden = _masked_pair(part, in_url=in_url)
        kept += (separator, shown)
    return b"".join(kept)


def _masked_pair(pair: bytes, *, in_url: bool) -> tuple[bytes, bool]:
    """A name with its value, which may be a URL itself; and whether it was masked."""
    name, equals, value = pair.partition(b"=")
    if not equals:
        return pair, False
    if is_credential(unquote_to_bytes(name), in_url=in_url):
        return name + b"=" + MASK, True
    if b"%" in value and b"://" in (inner := _unescaped(value)):
        masked = masked_query(inner)
        if masked != inner:
            return name + b"=" + quote_from_bytes(masked, safe="*").encode(), False
    return pair, False


def _unescaped(value: bytes) -> bytes:
    """The value without its escapes, as far as it takes to see a URL."""
    for _ in range(_MOST_ESCAPED):
        if b"://" in (plain := unquote_to_bytes(value)):
            return plain
        if plain == value:
            break
        value = plain
    return value


def _masked_json(body: bytes) -> bytes:
    """What is no JSON, or only the beginning of some, is masked as far as it looks like it."""
    walk = _Walk(body)
    for match in _TOKEN.finditer(body):
        walk.step(match)
    return walk.end()


class _Walk:
    """Goes from token to token of a JSON text, and puts masks in place of some."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._done: list[bytes] = []
        self._at = 0  # from where on nothing is done
        self._inside: list[bool] = []  # of each object or list around: whether it is people's data
        self._last = b""
        self._key: bytes | None = None  # of the value that comes next
        self._hidden: tuple[int, int] | None = None  # where a hidden object or list begins, and how deep it lies

    def step(self, match: re.Match[bytes]) -> None:
        text = match[0]
        if text == b":":
            self._key = self._last
            return
        if text in _OPENING:
            self._open(match.start(), text)
        elif text in _CLOSING:
            self._close(match.end())
        elif text != b"," and self._hidden is None:
            if self._is_secret():
                if text not in _PLAIN_VALUES:
                    self._put(match.start(), match.end(), _JSON_MASK)
            elif text[:1] == b'"':
                self._last = _name(text)
                if not self._is_data() and (shown := _masked_text(text)) != text:
                    self._put(match.start(), match.end(), shown)
        self._key = None

    def end(self) -> bytes:
        if self._hidden is not None:
            self._put(self._hidden[0], len(self._body), _JSON_MASK)
        return b"".join((*self._done, self._body[self._at :])) if self._done else self._body

    def _open(self, at: int, text: bytes) -> None:
        if self._is_secret():
            self._hidden = at, len(self._inside)
        self._inside.append(self._is_data() or (self._key == _DATA and text == b"{"))

    def _close(self, at: int) -> None:
        del self._inside[-1:]
        if self._hidden is not None and len(self._inside) <= self._hidden[1]:
            self._put(self._hidden[0], at, _JSON_MASK)
            self._hidden = None

    def _is_data(self) -> bool:
        return bool(self._inside) and self._inside[-1]

    def _is_secret(self) -> bool:
        known = self._hidden is None and self._key is not None and not self._is_data()
        return known and is_credential(self._key or b"")

    def _put(self, begin: int, end: int, shown: bytes) -> None:
        self._done += (self._body[self._at : begin], shown)
        self._at = end


def _name(text: bytes) -> bytes:
    """A string of JSON without quotes and, where it may be a name, escapes."""
    if b"\\" in text and len(text) < 200:
        try:
            return msgspec.json.decode(text, type=str).encode("utf-8", "surrogatepass")
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
    return text.strip(b'"')


def _masked_text(text: bytes) -> bytes:
    """A string of JSON in which a URL has its credentials masked."""
    plain = text.replace(b"\\/", b"/")
    if b"\\u00" not in plain and (b"://" not in plain or (b"?" not in plain and b"@" not in plain)):
        return text
    try:
        value = msgspec.json.decode(text, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        shown = _ESCAPED_SIGN.sub(lambda match: bytes((int(match[1], 16),)), plain)
        value = shown.strip(b'"').decode("utf-8", "surrogateescape")
        masked = masked_query(value.encode("utf-8", "surrogateescape"))
        return b'"' + masked + b'"' if masked.decode("utf-8", "surrogateescape") != value else text
    masked_value = masked_url(value)
    return msgspec.json.encode(masked_value) if "://" in value and masked_value != value else text
