"""A scenario as JSON or YAML. Where a document has an iterator it has many rows: each gets a line of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

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


def write_yaml(document: Mapping[str, object]) -> bytes:
    """The same as YAML; many times slower, so call it in a thread."""
    # Imported here because nothing else that runs needs it.
    import yaml

    dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    manner: Any = {"encoding": "utf-8", "allow_unicode": True, "sort_keys": False, "width": 2**30}
    text: bytes = yaml.dump(_listed(document), Dumper=dumper, default_flow_style=None, **manner)
    return text


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


def _listed(value: object) -> object:
    """The document with lists in place of iterators and tuples."""
    if isinstance(value, Mapping):
        return {key: _listed(each) for key, each in value.items()}
    if isinstance(value, Iterator | list | tuple):
        return [_listed(each) for each in value]
    return value
