"""Printing: results for people and for programs, colours, and a standard output that nobody reads, or that is full."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import TextIO

from emulator.core.errors import UserError
from emulator.core.printable import printable
from emulator.verbs.result import Line, Result, Toned, bad

_OUTPUT_ERRORS = frozenset({errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF})
_CODES = {"good": "32", "bad": "31", "heading": "1"}


def open_standard_files() -> None:
    """Put the null device where a standard file is closed, or the next socket would take its number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def print_result(result: Result, *, as_json: bool) -> None:
    """On standard output; a value of None is nothing to print."""
    if result.raw is not None:
        write_bytes(result.raw)
    elif as_json:
        if result.value is not None:
            print(json.dumps(result.value))
    elif result.script is not None:
        print(result.script)
    else:
        coloured = wants_colour(sys.stdout, os.environ)
        for line in result.lines:
            print(_painted(line, coloured))
        if result.trouble is not None:
            print_error("emulator", result.trouble, as_json=False)


def print_error(command: str, text: str, *, as_json: bool) -> None:
    """One line on standard error."""
    if as_json:
        print(json.dumps({"error": text}), file=sys.stderr)
    else:
        print(_painted((bad(f"{command}:"), f" {text}"), wants_colour(sys.stderr, os.environ)), file=sys.stderr)


def wants_colour(stream: TextIO | None, environment: Mapping[str, str]) -> bool:
    """Whether to write colours there: what people say in the environment, else whether it is a terminal."""
    if stream is None or environment.get("NO_COLOR"):
        return False
    if any(environment.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return environment.get("TERM") != "dumb" and stream.isatty()


def _painted(line: Line, coloured: bool) -> str:
    """One line, whatever is in it: some of it comes from clients, files and servers."""
    return "".join(_piece(each, coloured) for each in (line if isinstance(line, tuple) else (line,)))


def _piece(text: str, coloured: bool) -> str:
    shown = printable(text)
    return f"\x1b[{_CODES[text.tone]}m{shown}\x1b[0m" if coloured and isinstance(text, Toned) else shown


def write_bytes(text: bytes) -> None:
    """On standard output, as they are."""
    if sys.stdout is not None:
        sys.stdout.flush()
        sys.stdout.buffer.write(text)


@contextlib.contextmanager
def unread_output_allowed() -> Iterator[None]:
    """Print inside of this: that nobody reads it to the end is no error; that it can not be written is a UserError."""
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        if error.errno not in _OUTPUT_ERRORS:
            raise
        # The interpreter must not try to write the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno != errno.EPIPE:
            raise UserError(f"can not write the output: {error.strerror}") from None
