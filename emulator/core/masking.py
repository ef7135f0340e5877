"""Credentials in queries and bodies, which the journal and the log must not have.

Keys go into a header at the vendors; what is masked here are the names under which clients send them elsewhere.
"""

from __future__ import annotations

import re

MASK = b"***"
_NAMES = rb"access_?token|refresh_?token|id_?token|api_?key|(?:private|secret)_?(?:api_?)?key|client_?secret"
_IN_QUERY = re.compile(rb"(?i)((?:^|[?&;])(?:" + _NAMES + rb"|token|password)=)[^&;#]*")
_IN_JSON = re.compile(rb'(?i)("(?:' + _NAMES + rb')"\s*:\s*)("(?:[^"\\]|\\.)*(?:"|$)|[^\s,}\]]+)')
_IN_FORM = re.compile(rb"(?i)((?:^|&)(?:" + _NAMES + rb")=)[^&]*")
# How the names end; to look for that first takes a tenth of the time.
_ENDS = tuple(end + mark for end in (b"token", b"key", b"secret") for mark in (b'"', b"="))
_ESCAPE = re.compile(rb"%([0-9a-fA-F]{2})")


def masked_query(query: bytes) -> bytes:
    """The query, or a whole URL, with the values of credentials masked."""
    if not query:
        return query
    return _masked_escaped(query) if b"%" in query else _IN_QUERY.sub(rb"\1" + MASK, query)


def without_credentials(body: bytes) -> bytes:
    """A body, JSON or a form, with the values of credentials masked."""
    lowered = body.lower()
    if not any(end in lowered for end in _ENDS):
        return body
    if body.lstrip()[:1] in (b"{", b"["):
        return _IN_JSON.sub(rb'\1"' + MASK + rb'"', body)
    return _IN_FORM.sub(rb"\1" + MASK, body)


def _masked_escaped(query: bytes) -> bytes:
    """The same for names that are percent-encoded, wholly or in part."""
    parts = re.split(rb"([?&;])", query)
    for index, part in enumerate(parts):
        name, equals, _ = part.partition(b"=")
        plain = _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), name)
        if equals and _IN_QUERY.fullmatch(plain + b"="):
            parts[index] = name + b"=" + MASK
    return b"".join(parts)
