"""The way to an emulator over a socket. Not urllib: a proxy that the environment names must not come between."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING

from emulator.client.address import Address
from emulator.client.exchange import Reply, Request
from emulator.core.errors import UserError

if TYPE_CHECKING:
    from ssl import SSLContext


class SocketExchange:
    """A connection for each request.

    `ca` is a file with the certificate of the authority to trust, beside those that the machine trusts; `insecure`
    trusts anybody, which is for questions whose answer proves nothing.
    """

    def __init__(self, address: Address, *, ca: str | None = None, insecure: bool = False) -> None:
        self._address = address
        self._tls = _trust(ca, insecure=insecure) if address.secure else None

    def send(self, request: Request) -> Reply:
        connection = self._connect(request.timeout)
        try:
            connection.request(request.method, request.target, request.body, dict(request.headers))
            response = connection.getresponse()
            headers = [(name.lower(), value) for name, value in response.getheaders()]
            return Reply(response.status, headers, response.read())
        except HTTPException as error:
            raise ConnectionError(str(error) or type(error).__name__) from error
        finally:
            connection.close()

    async def send_async(self, request: Request) -> Reply:
        import asyncio  # here, because most who ask are a command that asks once

        return await asyncio.to_thread(self.send, request)

    def _connect(self, timeout: float) -> HTTPConnection:
        host, port = self._address.host, self._address.port
        if self._tls is None:
            return HTTPConnection(host, port, timeout=timeout)
        return HTTPSConnection(host, port, timeout=timeout, context=self._tls)


def _trust(ca: str | None, *, insecure: bool) -> SSLContext:
    import ssl  # here, because most emulators speak plain HTTP

    context = ssl.create_default_context()
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif ca is not None:
        try:
            context.load_verify_locations(ca)
        except (OSError, ssl.SSLError) as error:
            raise UserError(f"--ca {ca}: {error.strerror or error}; give the ca.pem of the emulator") from None
    return context
