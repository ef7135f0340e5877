"""A command whose standard files are a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.process import COMMAND, SECONDS, environment


class Screen:
    """What a command wrote to its terminal so far."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self._descriptor = descriptor
        self._text = b""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        try:
            while chunk := os.read(self._descriptor, 65536):
                self._text += chunk
        except OSError:  # so a terminal ends
            pass

    @property
    def text(self) -> str:
        return self._text.decode()

    def ended(self) -> tuple[int, str]:
        """Exit code and text, once it is over."""
        code = self.process.wait(timeout=SECONDS)
        self._reader.join()
        return code, self.text


@contextmanager
def terminal(*arguments: str, **variables: str) -> Iterator[Screen]:
    """Run a verb in one."""
    main, other = pty.openpty()
    termios.tcsetwinsize(other, (24, 100))
    there = environment(TERM="xterm") | variables
    with subprocess.Popen([*COMMAND, *arguments], stdin=other, stdout=other, stderr=other, env=there) as process:
        os.close(other)
        screen = Screen(process, main)
        try:
            yield screen
        finally:
            if process.poll() is None:
                process.kill()
            screen.ended()
    os.close(main)
