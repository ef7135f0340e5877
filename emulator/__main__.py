"""The command `emulator`, which `python -m emulator` is, too."""

from __future__ import annotations

import sys


def main() -> int:
    """Run it; the exit code. Whoever presses Ctrl-C while it is still being imported is spared a traceback."""
    try:
        from emulator.cli import main

        return main()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
