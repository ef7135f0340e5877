"""Talks to the control plane of a running emulator.

`Client` and `AsyncClient` have a method for each thing that a tester does, with typed results; `ControlClient` beneath
them knows only requests and JSON. What is imported is light until one of the first two is used, because a container's
health check starts it often.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.client.address import DEFAULT_URL, DEFAULT_WORLD
from emulator.client.exchange import NotVerified, Refused, TimedOut, Unreachable

if TYPE_CHECKING:
    from emulator.client.asynchronous import AsyncClient
    from emulator.client.control import ControlClient
    from emulator.client.synchronous import Client

__all__ = [
    "DEFAULT_URL",
    "DEFAULT_WORLD",
    "AsyncClient",
    "Client",
    "ControlClient",
    "NotVerified",
    "Refused",
    "TimedOut",
    "Unreachable",
]


def __getattr__(name: str) -> Any:
    if name == "Client":
        from emulator.client.synchronous import Client

        return Client
    if name == "ControlClient":
        from emulator.client.control import ControlClient

        return ControlClient
    if name == "AsyncClient":
        from emulator.client.asynchronous import AsyncClient

        return AsyncClient
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
