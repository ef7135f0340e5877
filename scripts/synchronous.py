"""Writes the client for code without an event loop from the one for code with it, so that they can not drift apart.

`--check` only says whether it is current.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

CLIENT = Path(__file__).parent.parent / "emulator" / "client"
SOURCE, TARGET = CLIENT / "asynchronous", CLIENT / "synchronous"
_REPLACEMENTS = (
    (r"\basync def\b", "def"),
    (r"\bawait ", ""),
    (r"\bread_async\b", "read"),
    (r"\bAsync([A-Z])", r"\1"),
    (r"\basynchronous\b", "synchronous"),
    ("The client for code with an event loop", "The client for code without an event loop"),
)
_ORIGIN = "# Written by scripts/synchronous.py; change the file of this name in emulator/client/asynchronous.\n"


def synchronous(text: str) -> str:
    """The same module without `async` and `await`."""
    for pattern, replacement in _REPLACEMENTS:
        text = re.sub(pattern, replacement, text)
    return _formatted(_ORIGIN + text)


def _formatted(text: str) -> str:
    for command in (["check", "--select", "I", "--fix", "--quiet"], ["format", "--quiet"]):
        done = subprocess.run(  # noqa: S603 - our own linter
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(TARGET / "module.py"), "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
        )
        text = done.stdout
    return text


def outdated() -> dict[Path, str]:
    """Files that are not as they should be, with what they should be."""
    wanted = {TARGET / file.name: synchronous(file.read_text()) for file in sorted(SOURCE.glob("*.py"))}
    surplus = {file: "" for file in TARGET.glob("*.py") if file not in wanted}
    return {file: text for file, text in (wanted | surplus).items() if not file.exists() or file.read_text() != text}


def main() -> int:
    wrong = outdated()
    if "--check" in sys.argv:
        for file in wrong:
            print(f"{file.relative_to(CLIENT.parent.parent)} is not current; run python -m scripts.synchronous")
        return 1 if wrong else 0
    for file, text in wrong.items():
        if text:
            file.write_text(text)
        else:
            file.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
