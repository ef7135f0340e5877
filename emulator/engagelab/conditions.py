"""Conditions on members: checked against the table of operators, then compiled into one flat test over columns.

Source: vendor-docs/engagelab-members.txt, Batch delete and Member list; reference/engagelab.md section 4.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from types import CodeType
from typing import TYPE_CHECKING, Any

from emulator.core.errors import Invalid, Location
from emulator.core.store.table import Column, Scan
from emulator.engagelab import times
from emulator.engagelab.account import EngageLabAccount, Member
from emulator.engagelab.attributes import (
    OPERATORS,
    SEGMENT_ONLY,
    SYSTEM_ATTRIBUTES,
    Attribute,
    Kind,
    field_attribute,
    lower,
)
from emulator.engagelab.fields import Field, parse, value_problem

if TYPE_CHECKING:
    from emulator.engagelab.schemas import Condition, Item


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_NEGATIONS = frozenset({"!=", "does not contain"})

# {x} is the attribute, {v} the value, which is never empty, {lo} and {hi} the ends of a half-open span of seconds.
_CONTAIN_TESTS = {"contain": "{v} in {x}", "does not contain": "{v} not in {x}"}
_TEXT_TESTS = {"==": "{x} == {v}", "!=": "{x} != {v}", **_CONTAIN_TESTS}
_TAG_TESTS = {"==": _CONTAIN_TESTS["contain"], "!=": _CONTAIN_TESTS["does not contain"], **_CONTAIN_TESTS}
_TIME_TESTS = {
    "==": "{lo} <= {x} < {hi}",
    "!=": "not {lo} <= {x} < {hi}",
    ">": "{x} >= {hi}",
    ">=": "{x} >= {lo}",
    "<": "{x} < {lo}",
    "<=": "{x} < {hi}",
}
_NO = frozenset({"false", "0"})


# Texts that have the value in them wherever the test holds.
_FINDS_VALUE = frozenset({"==", "contain"})

_SOURCE = "def pick(rows, {columns}{values}): return [row for row, {columns} in zip(rows, {columns}) if {test}]"


def compile_condition(account: EngageLabAccount, condition: Condition) -> Scan[Member]:
    """A scan for the members which meet the condition. Raises Invalid, naming the item that is wrong."""
    writer = _Writer()
    tests = [
        f"({_test(account, item, ('condition', 'items', position), writer)})"
        for position, item in enumerate(condition.items)
    ]
    return writer.compile(tests, condition.relation)


class _Writer:
    """Writes the source of a test over rows, and keeps what the caller sent out of it, as values with names."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._columns: dict[Hashable, tuple[int, Column[Member]]] = {}
        self._needles: list[tuple[int, str]] = []

    def value(self, value: object) -> str:
        """The name by which the source refers to a value."""
        name = f"v{len(self._values)}"
        self._values[name] = value
        return name

    def column(self, column: Column[Member]) -> str:
        """The name by which the source refers to a row's value in a column."""
        number, _ = self._columns.setdefault(column.key, (len(self._columns), column))
        return f"x{number}"

    def needle(self, column: Column[Member], text: str) -> None:
        """Where an item holds, the column has this text in it."""
        self._needles.append((self._columns[column.key][0], text))

    def compile(self, tests: Sequence[str], relation: str) -> Scan[Member]:
        columns = "".join(f"x{number}, " for number in range(len(self._columns)))
        values = ", ".join(f"{name}={name}" for name in self._values)
        names: dict[str, Any] = {"__builtins__": {"zip": zip}, **self._values}
        # Safe: the source is made of the templates of this module only.
        exec(_code(_SOURCE.format(columns=columns, values=values, test=f" {relation} ".join(tests))), names)  # noqa: S102
        # With `or`, an item without a needle may hold anywhere.
        screens = relation == "and" or len(self._needles) == len(tests)
        return Scan(
            tuple(column for _, column in self._columns.values()),
            names["pick"],
            tuple(self._needles) if screens else (),
            needs_all=relation == "and",
        )


@lru_cache(maxsize=256)
def _code(source: str) -> CodeType:
    return compile(source, "<condition>", "exec")


class _Verdicts:
    """Whether a field's text meets a typed comparison; each distinct text is parsed once."""

    def __init__(self, field: Field, op: str, wanted: Any, *, if_missing: bool) -> None:
        self.known: dict[str, bool] = {"": if_missing}
        self._field = field
        self._compare = _COMPARISONS[op]
        self._wanted = wanted

    def find(self, text: str) -> bool:
        """The verdict on a text that is not known yet; one that can not be read counts as missing."""
        value = parse(self._field, text)
        verdict = self.known[text] = self.known[""] if value is None else self._compare(value, self._wanted)
        return verdict


def _test(account: EngageLabAccount, item: Item, location: Location, writer: _Writer) -> str:
    attribute = _attribute(account, item.field_name, location, writer)
    if item.op not in OPERATORS[attribute.kind]:
        if account.choice("operator_mismatch") == "no_match":
            return "False"
        allowed = ", ".join(OPERATORS[attribute.kind])
        raise Invalid(
            (*location, "op"), f"does not fit {item.field_name}, which is {attribute.kind.value}: use {allowed}"
        )
    if item.op == "exist":
        return _existence_test(account, attribute, item.value, writer)
    if not item.value:
        raise Invalid((*location, "value"), "can not be empty")
    if attribute.field is not None and (problem := value_problem(attribute.field, item.value)) is not None:
        raise Invalid((*location, "value"), problem)
    matches_missing = item.op in _NEGATIONS and account.choice("missing_value") == "differs"
    if attribute.kind is Kind.TIME:
        return _time_test(attribute, item.op, item.value, location, writer, matches_missing=matches_missing)
    if attribute.kind not in (Kind.TEXT, Kind.DROPDOWN, Kind.TAG):
        return _typed_test(attribute, item.op, item.value, writer, matches_missing=matches_missing)
    skips_missing = item.op in _NEGATIONS and not matches_missing
    presence = f"{writer.column(attribute.column)} and " if skips_missing else ""
    if attribute.kind is Kind.TAG:
        return presence + _tag_test(account, attribute, item.op, item.value, writer)
    return presence + _text_test(account, attribute, item.op, item.value, writer)


def _attribute(account: EngageLabAccount, name: str, location: Location, writer: _Writer) -> Attribute:
    folded = name.lower()
    if folded in SYSTEM_ATTRIBUTES:
        return SYSTEM_ATTRIBUTES[folded]
    if folded in SEGMENT_ONLY:
        raise Invalid((*location, "field_name"), f"can not be {name} on list members")
    field = account.field(name)
    if field is None:
        if account.choice("unknown_condition_field") == "reject":
            allowed = ", ".join(account.fields)
            raise Invalid((*location, "field_name"), f"must be a system attribute or one of {allowed}")
        field = Field(name, "text")
    return field_attribute(field)


def _existence_test(account: EngageLabAccount, attribute: Attribute, value: str | None, writer: _Writer) -> str:
    wanted = not value or value.lower() not in _NO or account.choice("exist_value") == "ignore"
    actual = writer.column(attribute.column)
    if attribute.kind is Kind.TIME:
        return f"{actual} is not None" if wanted else f"{actual} is None"
    return actual if wanted else f"not {actual}"


def _text_test(account: EngageLabAccount, attribute: Attribute, op: str, value: str, writer: _Writer) -> str:
    column = attribute.column
    heeds_case = not attribute.is_address and account.choice("text_case") == "sensitive"
    if not heeds_case:
        value = value.lower()
        # Addresses are kept in lower case already, unless letter case tells members apart.
        if not attribute.is_address or account.choice("email_case") == "sensitive":
            column = lower(column)
    test = _TEXT_TESTS[op].format(x=writer.column(column), v=writer.value(value))
    if op in _FINDS_VALUE:
        writer.needle(column, value)
    return test


def _tag_test(account: EngageLabAccount, attribute: Attribute, op: str, value: str, writer: _Writer) -> str:
    tag = account.tags.find("name", value)
    # None is nobody's tag id, so an unknown name matches nobody.
    wanted = None if tag is None else tag.tag_id
    return _TAG_TESTS[op].format(x=writer.column(attribute.column), v=writer.value(wanted))


def _time_test(
    attribute: Attribute, op: str, value: str, location: Location, writer: _Writer, *, matches_missing: bool
) -> str:
    span = times.parse_span(value)
    if span is None:
        raise Invalid((*location, "value"), times.WANTED)
    actual = writer.column(attribute.column)
    test = _TIME_TESTS[op].format(x=actual, lo=writer.value(span[0]), hi=writer.value(span[1]))
    return f"{actual} is None or {test}" if matches_missing else f"{actual} is not None and {test}"


def _typed_test(attribute: Attribute, op: str, value: str, writer: _Writer, *, matches_missing: bool) -> str:
    assert attribute.field is not None
    verdicts = _Verdicts(attribute.field, op, parse(attribute.field, value), if_missing=matches_missing)
    known, find, text = writer.value(verdicts.known), writer.value(verdicts.find), writer.column(attribute.column)
    return f"{known}[{text}] if {text} in {known} else {find}({text})"
