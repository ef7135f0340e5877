"""HTTP as the emulator's own server speaks it: with limits."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from emulator.serving.connection import SeverableProtocol
from emulator.serving.limits import LONG_HEADERS, LONG_URL, MOST_HEADER_BYTES, MOST_URL_BYTES


class LimitedProtocol(SeverableProtocol):
    """uvicorn's protocol, which has no limits of its own, with limits on the URL and the headers."""

    _header_bytes = 0
    _refusal: tuple[int, str] | None = None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._header_bytes = 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > MOST_URL_BYTES:
            self._refuse(*LONG_URL)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MOST_HEADER_BYTES:
            self._refuse(*LONG_HEADERS)
        HttpToolsProtocol.on_header(self, name, value)  # super() costs as much as the rest of this

    def shutdown(self) -> None:
        # A request that is still arriving has changed nothing yet; waiting for the rest of it would hold up the end.
        if self.cycle is not None and self.cycle.more_body and not self.cycle.response_complete:
            self.transport.close()
        super().shutdown()

    def _refuse(self, status: int, message: str) -> None:
        self._refusal = (status, message)
        # The parser stops at an exception, and uvicorn then calls send_400_response.
        raise ValueError(message)

    def send_400_response(self, msg: str) -> None:
        if self._refusal is None:
            super().send_400_response(msg)
            return
        status, message = self._refusal
        headers = (
            f"content-type: text/plain; charset=utf-8\r\ncontent-length: {len(message)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(STATUS_LINE[status] + headers.encode() + message.encode())
        self.transport.close()
