"""The log of a world: a line per record, with a checksum before it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import msgspec

from emulator.core.durable.steps import Record, encode

_HEAD = 9  # eight hexadecimal digits and a blank


class Damaged(ValueError):
    """What is on disk is not what was written there."""


def line(record: Record) -> bytes:
    payload = encode(record)
    return b"%08x %s\n" % (zlib.crc32(payload), payload)


def read_records(text: bytes) -> Iterator[Record]:
    """The records of a log, but for a last one that was not written to its end: nobody got an answer to that.

    Raises Damaged, which names the line.
    """
    lines = text.split(b"\n")
    # What follows the last newline is torn, or nothing.
    for number, each in enumerate(lines[:-1], 1):
        payload = each[_HEAD:]
        if each[:_HEAD] != b"%08x " % zlib.crc32(payload):
            if number == len(lines) - 1 and not lines[-1]:
                return
            raise Damaged(f"line {number} is damaged")
        try:
            yield _DECODER.decode(payload)
        except msgspec.MsgspecError as error:
            raise Damaged(f"line {number} is none of a log: {error}") from None


_DECODER = msgspec.json.Decoder(Record)
