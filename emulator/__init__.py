"""The Audience Emulator: a local stand-in for e-mail-marketing APIs.

Public names: `Emulator` (one for as long as a block lasts), `intercept` (sends calls for the vendors' hosts into one),
`create_app` (an ASGI application) and `__version__`; the clients of one that runs are in `emulator.client`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing's own would be imported by each start of the command
if TYPE_CHECKING:
    from typing import Any

    from emulator.app import create_app
    from emulator.embedded import Emulator
    from emulator.interception import intercept

__all__ = ["Emulator", "__version__", "create_app", "intercept"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # `emulator ready` and other client verbs must not pay for importing the server.
    if name == "create_app":
        from emulator.app import create_app

        return create_app
    if name == "Emulator":
        from emulator.embedded import Emulator

        return Emulator
    if name == "intercept":
        from emulator.interception import intercept

        return intercept
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
