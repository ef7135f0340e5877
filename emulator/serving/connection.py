"""What a fault may do with a connection: ASGI has no words for it, so the server's protocol offers it."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from emulator.core.failures.sending import CONNECTION

_NO_LINGERING = struct.pack("ii", 1, 0)
_FAREWELL = 0.5  # seconds that a TLS client has to confirm the end of a connection when the server ends


class SeverableProtocol(HttpToolsProtocol):
    """uvicorn's protocol, whose connection the pipeline can end; see `core.failures.sending.Connection`."""

    _serving: RequestResponseCycle | None = None
    _parting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._extensions = {CONNECTION: self}
        self._end: asyncio.Future[None] = self.loop.create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._extensions = {}
        if self._parting is not None:
            self._parting.cancel()  # a transport that is closed for good can not be asked for its buffer
        # uvicorn tells the last request that arrived; with pipelining another one is being served.
        if self._serving is not None and not self._serving.response_complete:
            self._leave(self._serving)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = self._extensions  # type: ignore[typeddict-item]

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._serving = cycle
        super()._start_asgi_task(cycle, app)

    def _unsupported_upgrade_warning(self) -> None:
        """Not a line in the log: nothing here speaks WebSocket, and no library would change that."""

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        if self.transport.is_closing():
            return  # its descriptor may be another connection's by now
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self._leave(self._serving or self.cycle)
        self.transport.abort()

    def cut(self) -> None:
        """Close the connection after what was sent so far."""
        self._leave(self._serving or self.cycle)
        self.transport.close()

    def hurry(self) -> asyncio.Future[None]:
        """Is done when the server ends."""
        return self._end

    def shutdown(self) -> None:
        if not self._end.done():
            self._end.set_result(None)
            if self.transport.get_extra_info("ssl_object") is not None:
                self._parting = self.loop.call_later(_FAREWELL, self._part)
        super().shutdown()

    def _part(self) -> None:
        """Wait no longer for the goodbye of a TLS client: one with a pool of connections says it when it likes."""
        if self.transport.is_closing() and not self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self._parting = self.loop.call_later(_FAREWELL, self._part)

    def _leave(self, cycle: RequestResponseCycle) -> None:
        """Nothing more is to be sent, and that is no mistake of the application's."""
        cycle.disconnected = True
        cycle.message_event.set()
