"""From path, query and body to the one validated, typed input of a rule."""

from __future__ import annotations

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

_REASONS = {
    "missing": "can not be empty",
    "string_type": "must be a string",
    "string_too_short": "can not be empty",
    "int_type": "must be an integer",
    "int_parsing": "must be an integer",
    "int_from_float": "must be an integer",
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


class InputReader:
    """Builds inputs; pydantic and a vendor's models are imported when the first one is needed."""

    __slots__ = ("_models", "_module")

    def __init__(self, schemas_module: str) -> None:
        self._module = schemas_module
        self._models: dict[str, type[BaseModel]] = {}

    def read(self, operation: Operation, params: Params, query: bytes, body: bytes) -> Any:
        """The operation's input. Raises Invalid."""
        name = operation.input
        if not isinstance(name, str):
            return name(**params)
        values = {} if operation.body is Body.NONE else read_object(body, required=operation.body is Body.REQUIRED)
        for key in operation.query:
            values.pop(key, None)
        if operation.query and query:
            given = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
            values.update((key, value) for key, value in given if key in operation.query)
        values.update(params)
        model = self._models.get(name) or self._load(name)
        return validate(model, values)

    def _load(self, name: str) -> type[BaseModel]:
        model: type[BaseModel] = getattr(import_module(self._module), name)
        self._models[name] = model
        return model


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
