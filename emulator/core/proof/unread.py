"""Request keys that nothing reads; found when somebody asks, not when the request is served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec

from emulator.core.journal import Entry
from emulator.core.operation import Body, Operation

if TYPE_CHECKING:
    from pydantic import BaseModel

_MOST = 50  # keys that are named


def unread_keys(operation: Operation, schemas: str, entry: Entry) -> dict[str, list[str]] | None:
    """`{query, body}`; None when the body is not there to be looked at: it was cut, is no JSON or no object."""
    given = dict.fromkeys(key for key, _ in parse_qsl(entry.query.decode("latin-1"), keep_blank_values=True))
    query = [key for key in given if key not in operation.query]
    if not entry.request.strip():
        return {"query": query[:_MOST], "body": []}
    if entry.request_cut:
        return None
    try:
        body = msgspec.json.decode(entry.request)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if isinstance(body, dict):
        keys = list(dict.fromkeys(_of_body(operation, schemas, body)))
    elif body in (None, []):
        keys = []
    else:
        return None
    return {"query": query[:_MOST], "body": keys[:_MOST]}


def _of_body(operation: Operation, schemas: str, body: Mapping[str, Any]) -> Iterator[str]:
    if operation.body is Body.NONE or not isinstance(operation.input, str):
        yield from body
        return
    model: type[BaseModel] = getattr(import_module(schemas), operation.input)
    # The path wins over the body, and what is read of the query is looked for there only.
    elsewhere = {name for name in operation.query if name not in operation.anywhere}
    elsewhere.update(part[1:-1] for part in operation.path.split("/") if part.startswith("{"))
    yield from (key for key in body if key in elsewhere)
    yield from _of_object(model, {key: value for key, value in body.items() if key not in elsewhere}, "")


def _of_object(model: type[BaseModel], given: Mapping[str, Any], prefix: str) -> Iterator[str]:
    # Imported here because it needs pydantic.
    from emulator.core.scenarios.blocks import inner_model

    for key, value in given.items():
        field = model.model_fields.get(key)
        if field is None:
            yield prefix + key
            continue
        inner = inner_model(field.annotation)
        if inner is None:
            continue
        if isinstance(value, dict):
            yield from _of_object(inner, value, f"{prefix}{key}.")
        elif isinstance(value, list):
            for each in value:
                if isinstance(each, dict):
                    yield from _of_object(inner, each, f"{prefix}{key}[].")
