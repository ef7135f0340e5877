# Written by scripts/synchronous.py; change the file of this name in emulator/client/asynchronous.
"""The client for code without an event loop."""

from __future__ import annotations

from emulator.client.synchronous.client import Client

__all__ = ["Client"]
