"""Reading a curl command as a document prints it."""

from __future__ import annotations

import shlex
from typing import NamedTuple
from urllib.parse import urlsplit


class Request(NamedTuple):
    """What such a command sends; `path` includes the query."""

    method: str
    path: str
    headers: dict[str, str]
    body: str | None = None


def read_curl(command: str) -> Request:
    """Understands -X, -H, -i, --data and the URL; anything else is an error."""
    words = iter(shlex.split(command)[1:])
    method, path, headers, body = "GET", "", {}, None
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(":")
            headers[name] = value.strip()
        elif word == "--data":
            body = next(words)
        elif word.startswith("https://"):
            parts = urlsplit(word)
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        elif word != "-i":
            raise ValueError(f"what is {word!r} in {command!r}?")
    return Request(method, path, headers, body)


def at_target(command: str, target: str) -> list[str]:
    """The command's words for another host, quiet and with the status as a last line."""
    words = shlex.split(command)
    moved = [target + word.removeprefix("https://email.api.engagelab.cc") if "://" in word else word for word in words]
    return [*[word for word in moved if word != "-i"], "--silent", "--show-error", "--write-out", "\n%{http_code}"]
