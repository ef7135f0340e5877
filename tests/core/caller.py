"""A way to talk to the pipeline without a socket, in which the test decides how the request arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec import json

from emulator.core.call import Message, Receive, Scope, Send
from emulator.core.pipeline import Pipeline
from emulator.core.senders import Names
from emulator.core.world import World
from emulator.core.worlds import Worlds

BASIC = (b"authorization", b"Basic YW5uOnNlY3JldA==")  # ann:secret
MAX_BODY = 1000


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.decode(self.body)


class Caller:
    """A client that decides how each piece of its request arrives."""

    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds
        self.behind: list[Scope] = []
        self.pipeline = Pipeline(self._behind, worlds=worlds, max_body=MAX_BODY, names=Names([]))

    def world(self, name: str = "default") -> World:
        return self.worlds.get(name)

    def __call__(
        self, method: str, path: str, body: bytes = b"", *headers: tuple[bytes, bytes], auth: bool = True
    ) -> Reply:
        length = [(b"content-length", b"%d" % len(body))] if body else []
        reply = self.send(method, path, [body], *length, *([BASIC] if auth else []), *headers)
        assert reply is not None
        return reply

    def send(
        self, method: str, path: str, chunks: Sequence[bytes | None], *headers: tuple[bytes, bytes]
    ) -> Reply | None:
        """Send the body in these chunks, where None is a hang-up; no reply if the server sent nothing."""
        waiting = [
            {"type": "http.disconnect"}
            if chunk is None
            else {"type": "http.request", "body": chunk, "more_body": index < len(chunks)}
            for index, chunk in enumerate(chunks, start=1)
        ]
        sent: list[Message] = []

        async def receive() -> Message:
            return waiting.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        raw, _, query = path.encode().partition(b"?")
        asyncio.run(self.pipeline(scope(method, raw, *headers, query=query), receive, send))
        self.unread = len(waiting)
        if not sent:
            return None
        start, end = sent
        names = {name.decode(): value.decode() for name, value in start["headers"]}
        return Reply(start["status"], names, end["body"])

    def hand_over(self, scope: Scope) -> None:
        """Send something that has no messages."""

        async def receive() -> Message:
            raise AssertionError("there is nothing to receive")

        async def send(message: Message) -> None:
            raise AssertionError("there is nobody to send to")

        asyncio.run(self.pipeline(scope, receive, send))

    async def _behind(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.behind.append(scope)


def scope(method: str, raw_path: bytes, *headers: tuple[bytes, bytes], query: bytes = b"") -> Scope:
    """An ASGI scope as a server makes it."""
    return {
        "type": "http",
        "method": method,
        "path": raw_path.decode(),
        "raw_path": raw_path,
        "query_string": query,
        "headers": [*headers],
    }
