"""From a control request to a typed result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from emulator.client.control import LONG, ControlClient

T = TypeVar("T")


def escaped(name: object) -> str:
    """A name as a segment of a path."""
    return quote(str(name), safe="")


class AsyncRequests:
    """What all parts of a client send their requests by."""

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    async def get(
        self,
        path: str,
        kind: type[T],
        *,
        key: str | None = None,
        method: str = "GET",
        query: Mapping[str, Any] | None = None,
        body: object = None,
        timeout: float = LONG,
    ) -> T:
        """The answer, or what stands under a key of it. A query's values of None are left out, lists repeated."""
        given = {name: _written(value) for name, value in (query or {}).items() if value is not None}
        target = f"{path}?{urlencode(given, doseq=True)}" if given else path
        answer: Any = msgspec.json.decode(await self._control.read_async(target, method, body, timeout))
        return msgspec.convert(answer if key is None else answer[key], kind)


def _written(value: Any) -> Any:
    """A value as it stands in a query."""
    if isinstance(value, list | tuple):
        return [_written(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else value
