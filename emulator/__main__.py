"""The command `emulator`, which `python -m emulator` is, too."""

from __future__ import annotations

import sys


def main() -> int:
    """Run it; the exit code. Whoever presses Ctrl-C while it is still being imported is spared a traceback."""
    try:
        import os
        import signal

        before = signal.getsignal(signal.SIGINT)
        if before is signal.default_int_handler:  # else somebody wants it ignored
            # Python loses an exception in some places of an import, and nothing is to be put in order yet.
            signal.signal(signal.SIGINT, lambda *_: os._exit(130))
        from emulator.cli import main

        signal.signal(signal.SIGINT, before)
        return main()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
