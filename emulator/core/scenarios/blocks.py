"""Reading a vendor's block of a scenario with its pydantic models: one clear line for whatever is wrong."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, TypeVar, get_args, get_origin

from pydantic import BaseModel, PlainValidator, ValidationError
from pydantic_core import ErrorDetails

from emulator.core.errors import Invalid, Location
from emulator.core.input import reason
from emulator.core.scenarios.sheet import Reader, Sheet, read_entries, read_truth, read_whole

M = TypeVar("M", bound=BaseModel)


def _sheet(value: object) -> Sheet:
    if isinstance(value, Sheet):
        return value
    raise ValueError("must be the name of a CSV file")


SheetFile = Annotated[Sheet, PlainValidator(_sheet, json_schema_input_type=str)]
"""The name of a CSV file, as a model sees it: `sheet.py` has found the file already."""


def read_block(model: type[M], block: object) -> M:
    """The block as the model; none is as good as an empty one. Raises Invalid."""
    try:
        return model.model_validate({} if block is None else block)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        # A misspelt key may be a required one, of which pydantic says first that it is missing.
        first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
        location, text = first["loc"], _reason(model, first)
        if location[-1:] == ("[key]",):
            mend = "" if first["type"] == "literal_error" else "; put it into quotes"
            location, text = (*location[:-2], str(location[-2])), f"{text} as a key{mend}"
        raise Invalid(location, text, first["type"]) from None


def inner_model(annotation: object) -> type[BaseModel] | None:
    """The model that a field holds, directly, in a list or perhaps."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := inner_model(each)) is not None), None)


def column_readers(model: type[BaseModel], prefix: str = "") -> dict[str, Reader]:
    """The keys of a model that a cell of a table can hold, those of inner models with a dot, and what reads them."""
    readers: dict[str, Reader] = {}
    for name, field in model.model_fields.items():
        inner = inner_model(field.annotation)
        if inner is not None:
            readers |= column_readers(inner, f"{prefix}{name}.")
        elif _holds(field.annotation, list):
            read = read_whole if _holds(field.annotation, int) else str
            readers[prefix + name] = _reader_of_entries(read)
        elif not _holds(field.annotation, dict):
            kinds: tuple[tuple[type, Reader], ...] = ((bool, read_truth), (int, read_whole))
            readers[prefix + name] = next((read for kind, read in kinds if _holds(field.annotation, kind)), str)
    return readers


def _reader_of_entries(read: Reader) -> Reader:
    return lambda text: [read(entry) for entry in read_entries(text)]


def _holds(annotation: object, kind: type) -> bool:
    return annotation is kind or get_origin(annotation) is kind or any(_holds(e, kind) for e in get_args(annotation))


def _reason(model: type[BaseModel], error: ErrorDetails) -> str:
    if error["type"] == "missing":
        return "is required"
    if error["type"] != "extra_forbidden":
        return reason(error)
    allowed = _allowed(model, error["loc"][:-1])
    close = get_close_matches(str(error["loc"][-1]), allowed, n=1)
    return "is not a known key; " + (f"did you mean {close[0]}?" if close else f"allowed are {', '.join(allowed)}")


def _allowed(model: type[BaseModel], location: Location) -> list[str]:
    """The keys of the object at this place."""
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            model = inner_model(model.model_fields[part].annotation) or model
    return list(model.model_fields)
