"""For test suites: a container with the emulator, accounts to test with, and what is shown when a test fails.

`EmulatorContainer` needs the extra `testcontainers`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.testing.container import EmulatorContainer

__all__ = ["EmulatorContainer"]


def __getattr__(name: str) -> Any:
    if name == "EmulatorContainer":
        # Imported here because the pytest plugin does without the library.
        from emulator.testing.container import EmulatorContainer

        return EmulatorContainer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
