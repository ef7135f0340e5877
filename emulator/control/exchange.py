"""What all control endpoints share: the world they speak of, JSON in, JSON and errors out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import DecodeError, json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from emulator import __version__
from emulator.core.call import WORLD, read_body
from emulator.core.driver import touch
from emulator.core.errors import Invalid, NotReady, TooLarge, UserError
from emulator.core.input import read_object
from emulator.core.world import World
from emulator.core.worlds import Worlds

HEADERS = {"X-Emulator": __version__}
"""By this header a client knows that it talks to an emulator."""


def reply(value: object, status: int = 200) -> Response:
    return Response(json.encode(value), status, HEADERS, "application/json")


def worlds_of(request: Request) -> Worlds:
    """The worlds, once they can be used. Raises NotReady."""
    worlds: Worlds = request.app.state.worlds
    if not worlds.ready:
        raise NotReady("the scenario is still being loaded; wait until GET /_emulator/readyz answers 200")
    return worlds


def world_of(request: Request) -> World:
    """The world that the path prefix or the header names, made if need be; what is due in it proceeds."""
    world = worlds_of(request).get(request.scope[WORLD])
    if world.busy:
        touch(world)
    return world


async def json_object(request: Request, *allowed: str) -> dict[str, Any]:
    """The body, `{}` if there is none; with `allowed`, no other keys. Raises UserError."""
    try:
        values = read_object(await body_of(request), required=False)
    except Invalid as problem:
        raise UserError(f"the {problem}") from None
    unknown = sorted(values.keys() - set(allowed))
    if allowed and unknown:
        raise UserError(f"unknown key {unknown[0]!r}; allowed are {', '.join(allowed)}")
    return values


def query_of(request: Request, **allowed: Sequence[str]) -> dict[str, str]:
    """The query's parameters, each one of its choices if it has any. Raises UserError."""
    values = dict(request.query_params)
    for name, value in values.items():
        if name not in allowed:
            raise UserError(f"unknown parameter {name!r}; allowed are {', '.join(allowed)}")
        if allowed[name] and value not in allowed[name]:
            raise UserError(f"{name}: {value!r} is no choice; choose {' or '.join(allowed[name])}")
    return values


async def json_value(request: Request) -> Any:
    """The body, whatever it is. Raises UserError."""
    try:
        return json.decode(await body_of(request))
    except (DecodeError, UnicodeDecodeError, RecursionError):
        raise UserError("the body must be valid JSON") from None


async def body_of(request: Request) -> bytes:
    """The body as it came. Raises UserError."""
    declared = request.headers.get("content-length", "0")
    limit: int = request.app.state.max_body
    try:
        return await read_body(request.receive, int(declared) if declared.isdigit() else 0, limit)
    except TooLarge as problem:
        raise UserError(f"{problem}; start with a higher --max-body") from None


async def on_user_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, UserError)
    return reply({"error": str(error)}, error.status)


async def on_http_error(request: Request, error: Exception) -> Response:
    """A path or method that the control plane does not have."""
    assert isinstance(error, HTTPException)
    # Not request.url, which does not take every query.
    text = f"{request.method} {request.scope['path']}: {error.detail.lower()}; GET /_emulator lists what there is"
    return reply({"error": text}, error.status_code)


async def on_client_gone(request: Request, error: Exception) -> Response:
    """Nobody will read this."""
    return Response(status_code=400)


async def on_bug(request: Request, error: Exception) -> Response:
    return reply({"error": "internal error of the emulator; its log has the traceback"}, 500)
