"""The way to an emulator over a socket. Not urllib: a proxy that the environment names must not come between."""

from __future__ import annotations

from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR
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
        return _Sending(self._connection(request.timeout), request).run()

    async def send_async(self, request: Request) -> Reply:
        from emulator.client.loops import in_thread  # here, because most who ask are a command that asks once

        sending = _Sending(self._connection(request.timeout), request)
        return await in_thread(sending.run, sending.abandon)

    def _connection(self, timeout: float) -> HTTPConnection:
        host, port = self._address.host, self._address.port
        if self._tls is None:
            return HTTPConnection(host, port, timeout=timeout)
        return HTTPSConnection(host, port, timeout=timeout, context=self._tls)


class _Sending:
    """One request on its connection."""

    def __init__(self, connection: HTTPConnection, request: Request) -> None:
        self._connection = connection
        self._request = request
        self._abandoned = False

    def run(self) -> Reply:
        """Raises OSError or ValueError when no reply comes."""
        connection, request = self._connection, self._request
        try:
            connection.connect()
            if self._abandoned:
                raise ConnectionAbortedError("nobody waits for the answer any more")
            connection.request(request.method, request.target, request.body, dict(request.headers))
            response = connection.getresponse()
            headers = [(name.lower(), value) for name, value in response.getheaders()]
            return Reply(response.status, headers, response.read())
        except HTTPException as error:
            raise ConnectionError(str(error) or type(error).__name__) from error
        finally:
            connection.close()

    def abandon(self) -> None:
        """Let the thread that waits for the answer go, and let the emulator see that its client is gone."""
        self._abandoned = True
        connected = self._connection.sock
        if connected is not None:
            with suppress(OSError):
                connected.shutdown(SHUT_RDWR)


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
