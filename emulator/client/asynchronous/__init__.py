"""The client for code with an event loop."""

from __future__ import annotations

from emulator.client.asynchronous.client import AsyncClient

__all__ = ["AsyncClient"]
