"""From path, query and body to the one validated, typed input of a rule."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec

from emulator.core.errors import Invalid
from emulator.core.operation import Body, Operation
from emulator.core.routing import Params

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

_decode = msgspec.json.Decoder().decode
_decode_keys = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_entries = msgspec.json.Decoder(list[msgspec.Raw]).decode
_PLACE = re.compile(r" - at `\$\.?(?:\.\.\.)?(\w*).*`$")

_REASONS = {
    "missing": "can not be empty",
    "string_type": "must be a string",
    "string_unicode": "must be a text of whole characters",
    "string_too_short": "can not be empty",
    "int_type": "must be an integer",
    "int_parsing": "must be an integer",
    "int_from_float": "must be an integer",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be {ge} or greater",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le:.15g} or less",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "too_short": "can not be empty",
    "too_long": "can not have more than {max_length} entries",
    "extra_forbidden": "is not a known key",
    "string_pattern_mismatch": "must match {pattern}",
    "literal_error": "must be one of {expected}",
}


_SHORT = 64  # bytes in which `[]` is looked for
# What msgspec says of a text that is no number or boolean; its own words speak of Python types.
_WANTED = (("`int", "must be an integer"), ("`bool", "must be true or false"))


class InputReader:
    """Builds inputs; pydantic and a vendor's models are imported when the first one is needed.

    `lenient`: `[]` is as good as no body, and a number or boolean without a value in the query as good as none.
    """

    __slots__ = ("_lenient", "_models", "_module", "_texts")

    def __init__(self, schemas_module: str, *, lenient: bool = False) -> None:
        self._module = schemas_module
        self._lenient = lenient
        self._models: dict[str, type[BaseModel]] = {}
        self._texts: dict[str, frozenset[str]] = {}

    def read(self, operation: Operation, params: Params, query: bytes, body: bytes) -> Any:
        """The operation's input. Raises Invalid."""
        name = operation.input
        if not isinstance(name, str):
            if not (query and operation.query):
                return name(**params)
            given = _parameters(operation, query)
            if self._lenient:
                texts = self._texts.get(operation.id)
                if texts is None:
                    texts = self._texts[operation.id] = _texts(name)
                given = {key: value for key, value in given.items() if value != "" or key in texts}
            return convert(name, given | params)
        values = {} if operation.body is Body.NONE else self._body(operation, body)
        for key in operation.query:
            if key not in operation.anywhere:
                values.pop(key, None)
        if query and operation.query:
            values.update(_parameters(operation, query))
        values.update(params)
        model = self._models.get(name) or self._load(name)
        return validate(model, values)

    def _body(self, operation: Operation, body: bytes) -> dict[str, Any]:
        required = operation.body is Body.REQUIRED
        if self._lenient and len(body) <= _SHORT and b"".join(body.split()) == b"[]":
            body = b""
        if operation.deferred is None or not body.strip():
            return read_object(body, required=required)
        return _read_deferred(body, operation.deferred)

    def _load(self, name: str) -> type[BaseModel]:
        model: type[BaseModel] = getattr(import_module(self._module), name)
        self._models[name] = model
        return model


def _parameters(operation: Operation, query: bytes) -> dict[str, Any]:
    """What the operation reads of the query; of a repeated parameter the last, or all in a list."""
    values: dict[str, Any] = {}
    for key, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if key in operation.lists:
            values.setdefault(key, []).append(value)
        elif key in operation.query:
            values[key] = value
    return values


def _texts(struct: type[Any]) -> frozenset[str]:
    """The fields of a struct that hold text, for which a blank is a value."""
    return frozenset(field.name for field in msgspec.structs.fields(struct) if field.type in (str, str | None))


def read_object(body: bytes, *, required: bool) -> dict[str, Any]:
    """A JSON object, whatever the content type says; where it may be missing, `null` is as good as nothing.

    Raises Invalid.
    """
    if not body.strip():
        if required:
            raise Invalid(("body",), "can not be empty")
        return {}
    try:
        value = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Invalid(("body",), "must be valid JSON") from None
    if value is None and not required:
        return {}
    if not isinstance(value, dict):
        raise Invalid(("body",), "must be a JSON object")
    return value


def _read_deferred(body: bytes, key: str) -> dict[str, Any]:
    """The same, but the entries of the list under `key` stay as they are, because decoding many takes long."""
    try:
        if not body.isascii():
            body.decode()  # what is skipped now must be text all the same
        raw = _decode_keys(body)
        values = {name: _decode(value) for name, value in raw.items() if name != key}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return read_object(body, required=False)  # which says what is wrong
    if key in raw:
        try:
            values[key] = _decode_entries(raw[key])
        except msgspec.DecodeError:
            raise Invalid((key,), "must be a list", "list_type") from None
    return values


def convert(struct: type[Any], values: dict[str, Any]) -> Any:
    """A struct from texts, which become numbers and booleans where it wants them. Raises Invalid."""
    try:
        return msgspec.convert(values, struct, strict=False)
    except msgspec.ValidationError as error:
        text = str(error)
        place = _PLACE.search(text)
        wanted = next((reason for kind, reason in _WANTED if kind in text), "is not valid")
        raise Invalid((place[1],) if place else (), wanted) from None


def validate(model: type[BaseModel], values: object) -> Any:
    """An instance of the model. Raises Invalid for the first thing that is wrong."""
    from pydantic import ValidationError

    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Invalid(first["loc"], reason(first), first["type"]) from None


def reason(error: ErrorDetails) -> str:
    """What is wrong, as the end of a sentence that starts with the parameter's name."""
    text = _REASONS.get(error["type"])
    if text is None:
        # A validator's own ValueError; it is written as such an end already.
        return error["msg"].removeprefix("Value error, ")
    context = error.get("ctx", {})
    if "expected" in context:
        context = {"expected": context["expected"].replace("'", "").replace(" or ", ", ")}
    return text.format(**context)
