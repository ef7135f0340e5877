"""Talks to the control plane of a running emulator. Light on purpose: a container's health check starts it often."""

from __future__ import annotations

import json
import ssl
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from emulator.core.clock import stopwatch
from emulator.core.errors import UserError

DEFAULT_WORLD = "default"
_TIMEOUT = 30.0  # seconds
_LONG = 300.0  # for answers that take long to write
_POLL = 0.05  # seconds


class Unreachable(UserError):
    """No emulator answers there."""


class Refused(UserError):
    """The emulator said no, with this HTTP status."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


class ControlClient:
    """One world of one emulator. Raises UserError when the address is none, Refused and Unreachable.

    `ca` is a file with the certificate to trust for https; `insecure` trusts anybody.
    """

    def __init__(
        self,
        url: str,
        world: str = DEFAULT_WORLD,
        token: str | None = None,
        ca: str | None = None,
        insecure: bool = False,
    ) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = None
        bad_port = port is None and ":" in parts.netloc.rpartition("]")[2]
        if parts.scheme not in ("http", "https") or not parts.hostname or bad_port:
            raise UserError(f"{url!r} is no address of an emulator; write it like http://127.0.0.1:8025")
        path = parts.path.strip("/").split("/")
        if len(path) == 2 and path[0] == "_world" and world == DEFAULT_WORLD:
            world = unquote(path[1])
        elif path != [""]:
            raise UserError(f"{url!r} has a path; write http://HOST:PORT or http://HOST:PORT/_world/NAME")
        self.url = url
        self._host = parts.hostname
        self._tls = None if parts.scheme == "http" else _trust(ca, insecure=insecure)
        self._port = port or (80 if self._tls is None else 443)
        self._headers = {"Content-Type": "application/json"}
        if token:
            if not all("!" <= character <= "~" for character in token):
                raise UserError("--token: a token has visible ASCII characters only")
            self._headers["Authorization"] = f"Bearer {token}"
        self._prefix = f"/_world/{quote(world, safe='')}/_emulator/"

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The JSON answer of `/_emulator/<path>`; a body of bytes is sent as it is, any other as JSON."""
        return json.loads(self._accepted(method, path, body))

    def read(self, path: str) -> bytes:
        """What `/_emulator/<path>` answers, as it came."""
        return self._accepted("GET", path, None, _LONG)

    def is_ready(self) -> bool:
        try:
            return self._exchange("GET", "readyz", None)[0] == 200
        except Unreachable:
            return False

    def wait_until_ready(self, seconds: float) -> bool:
        """Whether it became ready in this time."""
        end = stopwatch() + seconds
        while not self.is_ready():
            if stopwatch() >= end:
                return False
            time.sleep(_POLL)
        return True

    def _accepted(self, method: str, path: str, body: object, timeout: float = _TIMEOUT) -> bytes:
        status, text = self._exchange(method, path, body, timeout)
        if status >= 400:
            answer = json.loads(text)
            raise Refused(str(answer.get("error") if isinstance(answer, dict) else answer), status)
        return text

    def _exchange(self, method: str, path: str, body: object, timeout: float = _TIMEOUT) -> tuple[int, bytes]:
        # Not urllib: a proxy that the environment names must not come between.
        connection = (
            HTTPConnection(self._host, self._port, timeout=timeout)
            if self._tls is None
            else HTTPSConnection(self._host, self._port, timeout=timeout, context=self._tls)
        )
        try:
            content = body if body is None or isinstance(body, bytes) else json.dumps(body)
            connection.request(method, self._prefix + path, content, self._headers)
            response = connection.getresponse()
            if response.getheader("X-Emulator") is None:
                raise Unreachable(f"what answers at {self.url} is no emulator; check --url")
            return response.status, response.read()
        except (OSError, HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise Unreachable(f"no emulator answers at {self.url}: {reason}; start one with `emulator start`") from None
        finally:
            connection.close()


def _trust(ca: str | None, *, insecure: bool) -> ssl.SSLContext:
    """Raises UserError when the file is none."""
    try:
        context = ssl.create_default_context(cafile=ca)
    except OSError as error:  # ssl's errors are some
        raise UserError(f"--ca {ca}: {error.strerror or error}") from None
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
