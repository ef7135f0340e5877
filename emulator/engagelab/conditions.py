"""Conditions on members: checked against the table of operators, then compiled into one flat test over rows.

Source: vendor-docs/engagelab-members.txt, Batch delete and Member list; reference/engagelab.md section 4 (the vendor's
own table of operators by field type is not public, so section 4.2 is a reconstruction).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from types import CodeType
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.core.errors import Invalid, Location
from emulator.core.store.table import Filter
from emulator.engagelab import times
from emulator.engagelab.account import EngageLabAccount, Member
from emulator.engagelab.fields import Field, FieldType, parse, value_problem

if TYPE_CHECKING:
    from emulator.engagelab.schemas import Condition, Item


class Kind(Enum):
    """What a condition compares; it decides which operators fit."""

    TEXT = "a text"
    NUMBER = "a number"
    DATE = "a date"
    BIRTHDAY = "a birthday"
    DROPDOWN = "a dropdown"
    TAG = "the tags"
    TIME = "a time"


_TEXT_OPERATORS = ("==", "!=", "exist", "contain", "does not contain")
_ORDER_OPERATORS = ("==", "!=", ">", ">=", "<", "<=", "exist")
OPERATORS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: _TEXT_OPERATORS,
    Kind.TAG: _TEXT_OPERATORS,
    Kind.NUMBER: _ORDER_OPERATORS,
    Kind.DATE: _ORDER_OPERATORS,
    Kind.BIRTHDAY: _ORDER_OPERATORS,
    Kind.TIME: _ORDER_OPERATORS,
    Kind.DROPDOWN: ("==", "!=", "exist"),
}

_KIND_OF_FIELD = {
    FieldType.TEXT: Kind.TEXT,
    FieldType.NUMBER: Kind.NUMBER,
    FieldType.DATE: Kind.DATE,
    FieldType.BIRTHDAY: Kind.BIRTHDAY,
    FieldType.DROPDOWN: Kind.DROPDOWN,
}


class Attribute(NamedTuple):
    """What a field name means: its kind, and the expression that reads it from a `row`, None when not set."""

    kind: Kind
    expression: str
    is_address: bool = False
    field: Field | None = None


# System attributes by lower-case name; their names are matched in any letter case.
_ATTRIBUTES = {
    "email": Attribute(Kind.TEXT, "row.address", is_address=True),
    "domain": Attribute(Kind.TEXT, "row.address.rpartition('@')[2]", is_address=True),
    "name": Attribute(Kind.TEXT, "row.name"),
    "phone": Attribute(Kind.TEXT, "row.phone"),
    "tag": Attribute(Kind.TAG, "row.tag_ids"),
    "createtime": Attribute(Kind.TIME, "row.created"),
    "updatetime": Attribute(Kind.TIME, "row.updated"),
    "unsubscribetime": Attribute(Kind.TIME, "row.unsubscribed"),
}
_SEGMENT_ONLY = frozenset({"campaign", "segment"})

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_NEGATIONS = frozenset({"!=", "does not contain"})

# {x} is the attribute, {v} the value, {lo} and {hi} the ends of a half-open span of seconds.
_TEXT_TESTS = {
    "==": "{x} == {v}",
    "!=": "{x} != {v}",
    "contain": "{v} in ({x} or '')",
    "does not contain": "{v} not in ({x} or '')",
}
_TAG_TESTS = {
    "==": "{v} in {x}",
    "!=": "{v} not in {x}",
    "contain": "{v} in {x}",
    "does not contain": "{v} not in {x}",
}
_TIME_TESTS = {
    "==": "{lo} <= {x} < {hi}",
    "!=": "not {lo} <= {x} < {hi}",
    ">": "{x} >= {hi}",
    ">=": "{x} >= {lo}",
    "<": "{x} < {lo}",
    "<=": "{x} < {hi}",
}
_NO = frozenset({"false", "0"})


def compile_condition(account: EngageLabAccount, condition: Condition) -> Filter[Member]:
    """A function that picks the members which meet the condition. Raises Invalid, naming the item that is wrong."""
    names = _Names()
    tests = [
        f"({_test(account, item, ('condition', 'items', position), names)})"
        for position, item in enumerate(condition.items)
    ]
    # Safe: the source is made of the templates and expressions above; what the caller sent is in `names` only.
    pick: Filter[Member] = eval(_code(f" {condition.relation} ".join(tests)), names.values)  # noqa: S307
    return pick


class _Names:
    """The values that a compiled condition refers to, by the names it has for them."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {"__builtins__": {}}

    def add(self, value: object) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return name


class _Verdicts(dict[str | None, bool]):
    """Whether a field's text meets a typed comparison; each distinct text is parsed once."""

    def __init__(self, field: Field, op: str, wanted: Any, *, if_missing: bool) -> None:
        super().__init__({None: if_missing})
        self._field = field
        self._compare = _COMPARISONS[op]
        self._wanted = wanted

    def __missing__(self, text: str) -> bool:
        value = parse(self._field, text)
        verdict = self[text] = self[None] if value is None else self._compare(value, self._wanted)
        return verdict


@lru_cache(maxsize=256)
def _code(test: str) -> CodeType:
    return compile(f"lambda rows: [row for row in rows if {test}]", "<condition>", "eval")


def _test(account: EngageLabAccount, item: Item, location: Location, names: _Names) -> str:
    attribute = _attribute(account, item.field_name, location, names)
    if item.op not in OPERATORS[attribute.kind]:
        if account.choice("operator_mismatch") == "no_match":
            return "False"
        allowed = ", ".join(OPERATORS[attribute.kind])
        raise Invalid(
            (*location, "op"), f"does not fit {item.field_name}, which is {attribute.kind.value}: use {allowed}"
        )
    if item.op == "exist":
        return _existence_test(account, attribute, item.value)
    if not item.value:
        raise Invalid((*location, "value"), "can not be empty")
    if attribute.kind is Kind.TIME:
        return _time_test(account, attribute, item.op, item.value, location, names)
    if attribute.kind is Kind.TAG:
        return _tag_test(account, attribute, item.op, item.value, names)
    if attribute.field is not None:
        problem = value_problem(attribute.field, item.value)
        if problem is not None:
            raise Invalid((*location, "value"), problem)
    if attribute.kind in (Kind.TEXT, Kind.DROPDOWN):
        return _text_test(account, attribute, item.op, item.value, names)
    return _typed_test(account, attribute, item.op, item.value, names)


def _attribute(account: EngageLabAccount, name: str, location: Location, names: _Names) -> Attribute:
    folded = name.lower()
    if folded in _ATTRIBUTES:
        return _ATTRIBUTES[folded]
    if folded in _SEGMENT_ONLY:
        raise Invalid((*location, "field_name"), f"can not be {name} on list members")
    field = account.field(name)
    if field is None:
        if account.choice("unknown_condition_field") == "reject":
            raise Invalid(
                (*location, "field_name"), f"must be a system attribute or one of {', '.join(account.fields)}"
            )
        field = Field(name, FieldType.TEXT)
    expression = f"row.fields.get({names.add(field.name)})"
    return Attribute(_KIND_OF_FIELD[field.type], expression, field=field)


def _existence_test(account: EngageLabAccount, attribute: Attribute, value: str | None) -> str:
    wanted = True
    if value and account.choice("exist_value") == "honour":
        wanted = value.lower() not in _NO
    if attribute.kind is Kind.TAG:
        return attribute.expression if wanted else f"not {attribute.expression}"
    return f"{attribute.expression} is not None" if wanted else f"{attribute.expression} is None"


def _text_test(account: EngageLabAccount, attribute: Attribute, op: str, value: str, names: _Names) -> str:
    expression = attribute.expression
    if attribute.is_address:
        value = value.lower()
        if account.choice("email_case") == "sensitive":
            expression = f"{expression}.lower()"
    elif account.choice("text_case") == "insensitive":
        value = value.lower()
        expression = f"({expression} or '').lower()"
    test = _TEXT_TESTS[op].format(x=expression, v=names.add(value))
    return f"{attribute.expression} is not None and {test}" if _skips_missing(account, op) else test


def _tag_test(account: EngageLabAccount, attribute: Attribute, op: str, value: str, names: _Names) -> str:
    tag = account.tags.find("name", value)
    # None is nobody's tag id, so an unknown name matches nobody.
    test = _TAG_TESTS[op].format(x=attribute.expression, v=names.add(tag and tag.tag_id))
    return f"{attribute.expression} and {test}" if _skips_missing(account, op) else test


def _time_test(
    account: EngageLabAccount, attribute: Attribute, op: str, value: str, location: Location, names: _Names
) -> str:
    span = times.parse_span(value)
    if span is None:
        raise Invalid((*location, "value"), times.WANTED)
    test = _TIME_TESTS[op].format(x=attribute.expression, lo=names.add(span[0]), hi=names.add(span[1]))
    if op in _NEGATIONS and not _skips_missing(account, op):
        return f"{attribute.expression} is None or {test}"
    return f"{attribute.expression} is not None and {test}"


def _typed_test(account: EngageLabAccount, attribute: Attribute, op: str, value: str, names: _Names) -> str:
    assert attribute.field is not None
    matches_missing = op in _NEGATIONS and not _skips_missing(account, op)
    verdicts = _Verdicts(attribute.field, op, parse(attribute.field, value), if_missing=matches_missing)
    return f"{names.add(verdicts)}[{attribute.expression}]"


def _skips_missing(account: EngageLabAccount, op: str) -> bool:
    return op in _NEGATIONS and account.choice("missing_value") == "no_match"
