"""The certificate that clients of an emulator with TLS are to trust."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from emulator.control.exchange import HEADERS
from emulator.core.errors import UnknownName


async def certificate(request: Request) -> Response:
    """The CA's certificate as PEM."""
    ca: bytes | None = request.app.state.ca
    if ca is None:
        raise UnknownName("there is no CA: the emulator speaks plain HTTP; start it with --tls")
    return Response(ca, headers=HEADERS, media_type="application/x-pem-file")
