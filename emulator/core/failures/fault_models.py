"""What a tester says of a fault, as pydantic models: types only."""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Any, Literal

from msgspec import json
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from emulator.core.failures.effects import MOST_SECONDS
from emulator.core.names import is_name

_DEEPEST = 20  # objects and lists in one another, in what a body is compared with
_SPANS = f"must be seconds, above 0 and at most {MOST_SECONDS:g}, or a list of two of them: from and to"


def _read_delay(value: Any) -> Any:
    span = value if isinstance(value, list) and len(value) == 2 else [value, value]
    for seconds in span:
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 < seconds <= MOST_SECONDS:
            raise ValueError(_SPANS)
    if span[0] > span[1]:
        raise ValueError(f"{_SPANS}; {span[0]:g} is after {span[1]:g}")
    return float(span[0]), float(span[1])


def _read_account(value: Any) -> Any:
    if _is_text(value) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    raise ValueError("must be an account's id")


def _read_text_or_texts(value: Any) -> Any:
    if isinstance(value, dict) and value:
        texts = {key: _written(each) for key, each in value.items()}
        if all(_is_text(key) and _is_text(each) for key, each in texts.items()):
            return texts
    if _is_text(value) and value:
        return value
    raise ValueError("must be a text that occurs in the query, or an object of parameters and their values")


def _read_body(value: Any) -> Any:
    if not isinstance(value, str | dict | list) or not value:
        raise ValueError("must be a text that occurs in the body, or an object of keys and their values")
    if not _is_json(value, _DEEPEST):
        raise ValueError("can never be in a body: put dates into quotes, nest it less deeply, use whole characters")
    return value


def _written(value: Any) -> Any:
    """A number or boolean, as it stands in a query."""
    return json.encode(value).decode() if isinstance(value, int | float) else value


def _is_json(value: Any, depth: int) -> bool:
    if isinstance(value, dict):
        return depth > 0 and all(_is_text(key) and _is_json(each, depth - 1) for key, each in value.items())
    if isinstance(value, list):
        return depth > 0 and all(_is_json(each, depth - 1) for each in value)
    if isinstance(value, float):
        return isfinite(value)
    return value is None or isinstance(value, bool | int) or _is_text(value)


def _is_text(value: Any) -> bool:
    """Whether it is a text that can be sent: YAML and JSON may write half a character."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def _read_id(value: str) -> str:
    if not is_name(value):
        raise ValueError("must have 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first")
    return value


_SPAN = {"type": "number", "exclusiveMinimum": 0, "maximum": MOST_SECONDS}
_Seconds = Annotated[float, Field(gt=0, le=MOST_SECONDS)]
_Delay = Annotated[
    Any,
    AfterValidator(_read_delay),
    WithJsonSchema({"anyOf": [_SPAN, {"type": "array", "items": _SPAN, "minItems": 2, "maxItems": 2}]}),
]
_TEXT_OR_OBJECT = {"type": ["string", "object"]}


class _Told(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class ToldMatch(_Told):
    """What a request must have; see `Matcher`."""

    path: Annotated[str, Field(min_length=1)] | None = None
    query: Annotated[Any, AfterValidator(_read_text_or_texts), WithJsonSchema(_TEXT_OR_OBJECT)] = None
    body: Annotated[Any, AfterValidator(_read_body), WithJsonSchema({"type": ["string", "object", "array"]})] = None


class ToldFault(_Told):
    """One fault, as scenarios and the control plane have it."""

    id: Annotated[str, AfterValidator(_read_id)] | None = None
    operation: Annotated[str, Field(min_length=1)] = "*"
    vendor: str | None = None
    account: Annotated[Any, AfterValidator(_read_account), WithJsonSchema({"type": ["string", "integer"]})] = None
    match: ToldMatch | None = None
    status: int | None = None
    message: Annotated[str, Field(max_length=1000)] | None = None
    code: Annotated[int, Field(ge=0, lt=10**9)] | None = None
    delay: _Delay = None
    answer: Literal["reset", "empty", "truncated", "malformed", "slow"] | None = None
    seconds: _Seconds | None = None
    nth: Annotated[int, Field(ge=1)] | None = None
    first: Annotated[int, Field(ge=1)] | None = None
    probability: Annotated[float, Field(gt=0, le=1)] | None = None
    when: Literal["before", "after"] | None = None
