"""A scenario as JSON. Where a document has an iterator it has many rows: each gets a line of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from msgspec import json

_encode = json.Encoder().encode
_AT_ONCE = 200  # pieces of lines
_OUTER = 2  # levels of the document whose keys get a line each


def write_json(document: Mapping[str, object]) -> Iterator[bytes]:
    """JSON that people can read and compare line by line, in parts that take less than a turn each."""
    pieces = _lines(document, 0)
    while part := b"".join(islice(pieces, _AT_ONCE)):
        yield part
    yield b"\n"


def _lines(value: object, depth: int) -> Iterator[bytes]:
    if isinstance(value, Iterator):
        yield from _between(b"[", _rows(value, depth + 1), b"]", depth)
    elif isinstance(value, Mapping) and (depth < _OUTER or any(isinstance(each, Iterator) for each in value.values())):
        yield from _between(b"{", _pairs(value, depth + 1), b"}", depth)
    else:
        yield _encode(value)


def _between(opening: bytes, parts: Iterator[Iterator[bytes]], closing: bytes, depth: int) -> Iterator[bytes]:
    before = opening + b"\n" + b" " * (depth + 1)
    empty = True
    for part in parts:
        yield before
        yield from part
        before = b",\n" + b" " * (depth + 1)
        empty = False
    yield opening + closing if empty else b"\n" + b" " * depth + closing


def _rows(values: Iterator[object], depth: int) -> Iterator[Iterator[bytes]]:
    return (_lines(value, depth) for value in values)


def _pairs(values: Mapping[str, object], depth: int) -> Iterator[Iterator[bytes]]:
    return (_pair(key, value, depth) for key, value in values.items())


def _pair(key: str, value: object, depth: int) -> Iterator[bytes]:
    yield _encode(key) + b": "
    yield from _lines(value, depth)
