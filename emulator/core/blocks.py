"""Reading a vendor's block of a scenario with its pydantic models: one clear line for whatever is wrong."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from emulator.core.errors import Invalid, Location
from emulator.core.input import reason

M = TypeVar("M", bound=BaseModel)


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
