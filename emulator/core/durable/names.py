"""The names of a world's files, which differ on file systems that ignore letter case, too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from emulator.core.durable.disk import beside, sync_folder

CHECKPOINT = ".json"
_LOG = re.compile(r"\.(\d+)\.log")
_CAPITAL = re.compile(r"[A-Z]")
# Windows takes these for devices, whatever follows the dot.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?=$|\.)")


class WorldNames:
    """Where the checkpoint and the logs of a world are."""

    def __init__(self, folder: Path, stem: str) -> None:
        self._folder = folder
        self._stem = stem
        self.checkpoint = folder / f"{stem}{CHECKPOINT}"

    def log(self, generation: int) -> Path:
        return self._folder / f"{self._stem}.{generation}.log"

    def generations(self) -> list[int]:
        """Those of the logs that there are, ascending."""
        return sorted(self._logs())

    def remove_logs(self, before: int) -> None:
        """Those of lower generations. Raises OSError."""
        old = [generation for generation in self._logs() if generation < before]
        for generation in old:
            self.log(generation).unlink(missing_ok=True)
        if old:
            sync_folder(self._folder)

    def remove(self) -> None:
        """All of them; the logs first, because none may be taken for those of a world that begins as the start."""
        for generation in reversed(self.generations()):
            self.log(generation).unlink(missing_ok=True)
        self.checkpoint.unlink(missing_ok=True)
        beside(self.checkpoint).unlink(missing_ok=True)
        sync_folder(self._folder)

    def _logs(self) -> Iterator[int]:
        for path in self._folder.iterdir():
            match = _LOG.fullmatch(path.name, len(self._stem)) if path.name.startswith(self._stem) else None
            if match is not None:
                yield int(match[1])


def stem_of(world: str) -> str:
    """A world's name as the beginning of a file's."""
    stem = _CAPITAL.sub(lambda match: f"%{ord(match[0]):x}", world)
    return f"%{ord(stem[0]):x}{stem[1:]}" if _DEVICE.match(stem) else stem


def world_of(stem: str) -> str:
    return unquote(stem)


def stems(folder: Path) -> set[str]:
    """Of all worlds that have files in the folder."""
    return {stem for path in folder.iterdir() if (stem := _stem(path.name))}


def _stem(name: str) -> str:
    if name.endswith(CHECKPOINT):
        return name.removesuffix(CHECKPOINT)
    match = re.fullmatch(rf"(.+?){_LOG.pattern}", name)
    return match[1] if match else ""
