"""The log of a world: a line per record, with a checksum before it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import msgspec

from emulator.core.durable.steps import FORMAT, Record, Version, encode

_HEAD = 9  # eight hexadecimal digits and a blank


class Damaged(ValueError):
    """What is on disk is not what was written there."""


class Newer(Damaged):
    """It was written by a newer emulator, in this format."""

    def __init__(self, number: int) -> None:
        super().__init__(f"format {number}")
        self.number = number


def line(record: Record) -> bytes:
    payload = encode(record)
    return b"%08x %s\n" % (zlib.crc32(payload), payload)


def read_records(text: bytes, *, newest: bool) -> Iterator[Record]:
    """The records of a log, but for a last one that was not written to its end: nobody got an answer to that.

    After a power cut a last line may be whole and yet not what was written; before another log it may not, because
    that one goes on from it. Raises Damaged, which names the line.
    """
    lines = text.split(b"\n")
    # What follows the last newline is torn, or nothing.
    for number, each in enumerate(lines[:-1], 1):
        payload = each[_HEAD:]
        if each[:_HEAD] != b"%08x " % zlib.crc32(payload):
            if newest and number == len(lines) - 1 and not lines[-1]:
                return
            raise Damaged(f"line {number} is damaged")
        yield _decode(payload, number)


def check_format(document: bytes) -> None:
    """Raises Newer, and Damaged for a format that there is not, or that is not said."""
    try:
        number = msgspec.json.decode(document, type=Version).format
    except msgspec.MsgspecError as error:
        raise Damaged(f"it says no format: {error}") from None
    if number > FORMAT:
        raise Newer(number)
    if number < 1:
        raise Damaged(f"there is no format {number}")


def _decode(payload: bytes, number: int) -> Record:
    try:
        record = _DECODER.decode(payload)
    except msgspec.MsgspecError as error:
        check_format(payload)
        raise Damaged(f"line {number} is none of a log: {error}") from None
    if record.format != FORMAT:
        check_format(payload)
    return record


_DECODER = msgspec.json.Decoder(Record)
