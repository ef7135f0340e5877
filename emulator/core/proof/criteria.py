"""What entries of the journal are looked for: the filters, as tests that can say what they saw instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import msgspec

from emulator.core.errors import UserError
from emulator.core.journal import Entry
from emulator.core.proof.fragments import read_fragment

_MOST_DIGITS = 9


class Criterion(NamedTuple):
    """One test: its name, what is wanted, whether an entry passes, and what it has instead."""

    name: str
    wanted: str
    passes: Callable[[Entry], bool]
    seen: Callable[[Entry], object]
    cut: Callable[[Entry], bool] = lambda entry: False
    """Whether the journal has only a part of what is looked at, so that not to pass means nothing."""

    def miss(self, entry: Entry) -> str:
        """Why an entry did not pass, in words."""
        seen = self.seen(entry)
        if seen is None:
            return f"{self.name} is not {self.wanted}"
        return f"{self.name} is {seen}, not {self.wanted}"


class Criteria(NamedTuple):
    """Tests that must all pass."""

    tests: tuple[Criterion, ...]

    def match(self, entry: Entry) -> bool:
        return all(test.passes(entry) for test in self.tests)

    def may_match(self, entry: Entry) -> bool:
        """Whether an entry that does not match would perhaps do so if the journal had all of it."""
        if not entry.request_cut and not entry.response_cut:
            return False
        return all(test.cut(entry) or test.passes(entry) for test in self.tests) and not self.match(entry)

    def misses(self, entry: Entry) -> list[Criterion]:
        return [test for test in self.tests if not test.passes(entry)]

    def __str__(self) -> str:
        return ", ".join(f"{test.name}={test.wanted}" for test in self.tests) or "any request"


def read_criteria(values: Iterable[tuple[str, object]]) -> Criteria:
    """Criteria from names and values, texts as in a query or JSON as in a body; each of a list must hold.

    Raises UserError.
    """
    tests: list[Criterion] = []
    for name, value in values:
        make = _MAKERS.get(name)
        if make is None:
            raise UserError(f"unknown filter {name!r}; allowed are {', '.join(_MAKERS)}")
        tests += [make(each) for each in (value if isinstance(value, list) else [value])]
    return Criteria(tuple(tests))


def body_of(body: bytes) -> Any:
    """A body as JSON; as text where it is none."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body.decode("utf-8", "replace") or None


def _text(name: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise UserError(f"{name}: {value!r} is no text")
    return str(value)


def number(name: str, value: object) -> int:
    """A whole number from 0. Raises UserError."""
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise UserError(f"{name}: {value!r} is no number")
    return int(text)


def _operation(value: object) -> Criterion:
    wanted = _text("operation", value)

    def passes(entry: Entry) -> bool:
        return entry.operation is not None and fnmatchcase(entry.operation, wanted)

    return Criterion("operation", wanted, passes, lambda entry: entry.operation)


def _same(name: str, value: object, seen: Callable[[Entry], str | None]) -> Criterion:
    wanted = _text(name, value)
    return Criterion(name, wanted, lambda entry: seen(entry) == wanted, seen)


def _method(value: object) -> Criterion:
    wanted = _text("method", value).upper()
    return Criterion("method", wanted, lambda entry: entry.method == wanted, lambda entry: entry.method)


def _path(value: object) -> Criterion:
    wanted = _text("path", value)
    return Criterion("path", wanted, lambda entry: wanted in entry.path, lambda entry: entry.path)


def _status(value: object) -> Criterion:
    text = str(value)
    if len(text) == len("4xx") and text[0] in "12345" and text[1:].lower() == "xx":
        family = int(text[0])
        return Criterion("status", text, lambda entry: (entry.status or 0) // 100 == family, lambda each: each.status)
    try:
        wanted = number("status", value)
    except UserError:
        raise UserError(f"status: {value!r} is neither a status nor a family of them, such as 4xx") from None
    return Criterion("status", str(wanted), lambda entry: entry.status == wanted, lambda entry: entry.status)


def _after(value: object) -> Criterion:
    wanted = number("after", value)
    return Criterion("after", str(wanted), lambda entry: entry.id > wanted, lambda entry: entry.id)


def _matched(value: object) -> Criterion:
    wanted = {"true": True, "false": False}.get(str(value).lower())
    if wanted is None:
        raise UserError(f"matched: {value!r} is neither true nor false")
    return Criterion(
        "matched", str(wanted).lower(), lambda entry: (entry.operation is not None) == wanted, lambda entry: None
    )


def _fragment(name: str, value: object, body: Callable[[Entry], bytes], cut: Callable[[Entry], bool]) -> Criterion:
    try:
        wanted, test = read_fragment(value)
    except UserError as error:
        raise UserError(str(error).replace("body", name, 1)) from None
    return Criterion(name, wanted, lambda entry: test(body_of(body(entry))), lambda entry: _shown(body(entry)), cut)


def _shown(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    return text if len(text) <= 200 else text[:200] + "..."


# Query parameter or key: how it becomes a test.
_MAKERS: Mapping[str, Callable[[object], Criterion]] = {
    "operation": _operation,
    "vendor": lambda value: _same("vendor", value, lambda entry: entry.vendor),
    "account": lambda value: _same("account", value, lambda entry: entry.account),
    "method": _method,
    "path": _path,
    "status": _status,
    "body": lambda value: _fragment("body", value, lambda entry: entry.request, lambda entry: entry.request_cut > 0),
    "response": lambda value: _fragment(
        "response", value, lambda entry: entry.response, lambda entry: entry.response_cut > 0
    ),
    "after": _after,
    "matched": _matched,
}
NAMES: Sequence[str] = tuple(_MAKERS)
