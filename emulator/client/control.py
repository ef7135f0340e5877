"""Control requests to one world: JSON out, JSON in, and refusals as one line."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

from emulator.client.address import DEFAULT_WORLD, Address, read_address
from emulator.client.encoding import encoded
from emulator.client.exchange import Exchange, Refused, Reply, Request, Unreachable
from emulator.client.sockets import SocketExchange
from emulator.core.clock import stopwatch
from emulator.core.errors import UserError

TIMEOUT = 30.0  # seconds
LONG = 300.0  # for answers that take long to write, and scenarios that take long to load
_POLL = 0.05  # seconds
_MARK = "x-emulator"


class ControlClient:
    """One world of one emulator. Raises UserError when the address is none, Refused and Unreachable.

    `ca` and `insecure` are for an emulator with TLS, see `SocketExchange`; `exchange` is another way to it.
    """

    def __init__(
        self,
        url: str,
        world: str = DEFAULT_WORLD,
        token: str | None = None,
        *,
        ca: str | None = None,
        insecure: bool = False,
        exchange: Exchange | None = None,
    ) -> None:
        self.address: Address = read_address(url, world)
        self.exchange = exchange or SocketExchange(self.address, ca=ca, insecure=insecure)
        self._headers = [("Content-Type", "application/json")]
        if token:
            if not all("!" <= character <= "~" for character in token):
                raise UserError("--token: a token has visible ASCII characters only")
            self._headers.append(("Authorization", f"Bearer {token}"))

    @property
    def url(self) -> str:
        """What requests to the world's vendors begin with."""
        return self.address.url

    @property
    def world(self) -> str:
        return self.address.world

    def elsewhere(self, world: str) -> ControlClient:
        """The same for another world."""
        twin = object.__new__(ControlClient)
        twin.address = self.address._replace(world=world)
        twin.exchange = self.exchange
        twin._headers = self._headers
        return twin

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The JSON answer of `/_emulator/<path>`; a body of bytes is sent as it is, any other as JSON."""
        return json.loads(self.read(path, method, body, TIMEOUT))

    def read(self, path: str, method: str = "GET", body: object = None, timeout: float = LONG) -> bytes:
        """What `/_emulator/<path>` answers, as it came."""
        return self._accepted(self._send(self._request(method, path, body, timeout)))

    async def read_async(self, path: str, method: str = "GET", body: object = None, timeout: float = LONG) -> bytes:
        """The same without blocking the event loop."""
        try:
            reply = await self.exchange.send_async(self._request(method, path, body, timeout))
        except (OSError, ValueError) as error:
            raise self._unreachable(error) from None
        return self._accepted(reply)

    def is_ready(self) -> bool:
        try:
            return self._send(self._request("GET", "readyz", None, TIMEOUT)).status == 200
        except Unreachable:
            return False

    def check_ready(self) -> None:
        """Raises UserError that says why it is not, if it is not."""
        status = self._send(self._request("GET", "readyz", None, TIMEOUT), "is ready").status
        if status != 200:
            raise UserError(
                f"the emulator at {self.address.origin} is still loading its scenario; "
                "wait until GET /_emulator/readyz answers 200"
            )

    def wait_until_ready(self, seconds: float) -> bool:
        """Whether it became ready in this time."""
        end = stopwatch() + seconds
        while not self.is_ready():
            if stopwatch() >= end:
                return False
            time.sleep(_POLL)
        return True

    def _request(self, method: str, path: str, body: object, timeout: float) -> Request:
        content = body if body is None or isinstance(body, bytes) else encoded(body)
        target = f"/_world/{quote(self.address.world, safe='')}/_emulator/{path}"
        return Request(method, target, self._headers, content, timeout)

    def _send(self, request: Request, wanted: str = "answers") -> Reply:
        try:
            reply = self.exchange.send(request)
        except (OSError, ValueError) as error:
            raise self._unreachable(error, wanted) from None
        if reply.header(_MARK) is None:
            raise self._no_emulator()
        return reply

    def _accepted(self, reply: Reply) -> bytes:
        if reply.header(_MARK) is None:
            raise self._no_emulator()
        if reply.status >= 400:
            answer = json.loads(reply.body)
            raise Refused(str(answer.get("error") if isinstance(answer, dict) else answer), reply.status)
        return reply.body

    def _no_emulator(self) -> Unreachable:
        return Unreachable(f"what answers at {self.address.origin} is no emulator; check --url")

    def _unreachable(self, error: Exception, wanted: str = "answers") -> Unreachable:
        distrust = getattr(error, "verify_message", None)  # of ssl.SSLCertVerificationError
        if distrust is not None:
            return Unreachable(
                f"the certificate of {self.address.origin} is not trusted: {distrust}; "
                "give the ca.pem of the emulator with --ca, in Python as ca=..."
            )
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        hung_up = isinstance(error, ConnectionError) and not isinstance(error, ConnectionRefusedError)
        if hung_up and not self.address.secure:
            return Unreachable(
                f"what answers at {self.address.origin} speaks no plain HTTP: {reason}; "
                "if it was started with --tls, write https://"
            )
        return Unreachable(f"no emulator {wanted} at {self.address.origin}: {reason}; start one with `emulator start`")
