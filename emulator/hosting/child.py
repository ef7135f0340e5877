"""`python -m emulator.hosting.child start ...`: `emulator start` for a process that must not outlive its parent.

The parent holds the other end of its standard input. That ends when the parent does, however it does.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from emulator.__main__ import main

_STANDARD_INPUT = 0


def _end_with_the_parent() -> None:
    while os.read(_STANDARD_INPUT, 1):
        pass
    signal.raise_signal(signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_parent, name="emulator-parent", daemon=True).start()
    sys.exit(main())
