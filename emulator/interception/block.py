"""The block, and what it can be used as."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, TypeVar

from emulator.client import AsyncClient, Client
from emulator.core.errors import UserError
from emulator.embedded import Emulator
from emulator.hosting.entering import entered
from emulator.interception.seams import routed

Target = Emulator | Client | AsyncClient | str
F = TypeVar("F", bound=Callable[..., Any])


def intercept(to: Target | None = None, **settings: Any) -> Interception:
    """Send calls of requests, urllib3, httpx and httpx2 for the vendors' hosts into an emulator, and let none escape.

    For a block, `with` or `async with`, that yields the client of the world which the calls go into, or as a decorator
    of a function, `async` or not. `to` is an emulator that runs, a client of one of its worlds, or a URL; without it
    one runs for the block, in this process if `settings`, those of `Emulator`, do not say otherwise. Calls for other
    hosts go where they went. Raises UserError; whatever else looks up a vendor's host meets EscapedCall.
    """
    _refuse_others(to)
    if to is not None and settings:
        raise UserError(
            f"{', '.join(settings)}: settings are for an emulator of the block's own; leave them out, or `to`"
        )
    return Interception(to, settings)


def _refuse_others(to: object) -> None:
    """At once, and not at the first call in the block; not everybody checks types."""
    if to is not None and not isinstance(to, Target):
        mend = "write @intercept() with brackets" if callable(to) else "give an Emulator, a Client or a URL"
        raise UserError(f"to: {to!r} is nothing that calls could go into; {mend}")


class Interception:
    """See `intercept`. A block that ends puts everything back."""

    def __init__(self, to: Target | None, settings: dict[str, Any]) -> None:
        self._to = to
        self._settings = settings
        self._open: list[tuple[ExitStack, ExitStack]] = []

    def __enter__(self) -> Client:
        return self._enter(*self._begin())

    def __exit__(self, *_: object) -> None:
        world, routing = self._open.pop()
        with world:
            routing.close()

    async def __aenter__(self) -> Client:
        return self._enter(*await entered(self._begin, lambda begun: begun[1].close()))

    async def __aexit__(self, *_: object) -> None:
        world, routing = self._open.pop()
        # The route belongs to the context of the task; an emulator may need a while to end.
        try:
            routing.close()
        finally:
            await asyncio.to_thread(world.close)

    def _begin(self) -> tuple[Client, ExitStack]:
        """The world, and what ends with the block."""
        with ExitStack() as ending:
            to = self._to
            if to is None:
                settings: dict[str, Any] = {"mode": "in-process", **self._settings}
                to = ending.enter_context(Emulator(**settings))
            elif isinstance(to, str):
                to = Client(to)
                to.control.check_ready()
            if isinstance(to, Emulator):
                to = to.client
            client = Client.of(to.control) if isinstance(to, AsyncClient) else to
            return client, ending.pop_all()

    def _enter(self, client: Client, world: ExitStack) -> Client:
        with ExitStack() as ending:
            ending.push(world)
            routing = ExitStack()
            routing.enter_context(routed(client))
            ending.pop_all()
        self._open.append((world, routing))
        return client

    def __call__(self, function: F) -> F:
        """The function in a block of its own for each call."""

        @wraps(function)
        def inside(*args: Any, **options: Any) -> Any:
            with Interception(self._to, self._settings):
                return function(*args, **options)

        @wraps(function)
        async def inside_async(*args: Any, **options: Any) -> Any:
            async with Interception(self._to, self._settings):
                return await function(*args, **options)

        wrapped: Any = inside_async if iscoroutinefunction(function) else inside
        decorated: F = wrapped
        return decorated
