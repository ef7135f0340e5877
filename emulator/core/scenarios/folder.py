"""Where a scenario finds the files that it names: in or below its own folder, and nowhere else."""

from __future__ import annotations

import posixpath
from abc import ABC, abstractmethod
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple


class OutOfReach(Exception):
    """A file that a scenario names can not be had; the text is the end of a sentence that starts with its name."""


class Folder(ABC):
    """Files by their path from here, with slashes."""

    def find(self, name: str, beside: str = "") -> NamedFile:
        """The file that the one with the path `beside` calls `name`. Raises OutOfReach."""
        if posixpath.isabs(name) or "\0" in name or Path(name).is_absolute():
            raise OutOfReach("must be written relative to the file that names it")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(beside), name))
        if path == ".." or path.startswith("../"):
            raise OutOfReach("lies outside the folder of the scenario; move it into that folder or below")
        file = NamedFile(self, path)
        file.open().close()
        return file

    @abstractmethod
    def open(self, path: str) -> BinaryIO:
        """The file at a path that does not lead out of here by itself. Raises OutOfReach."""

    @abstractmethod
    def shown(self, path: str) -> str:
        """What people call the file at this path."""


class NamedFile(NamedTuple):
    """A file that a scenario named, which exists."""

    folder: Folder
    path: str

    @property
    def name(self) -> str:
        return self.folder.shown(self.path)

    def open(self) -> BinaryIO:
        return self.folder.open(self.path)

    def read(self) -> bytes:
        """All of it. Raises OutOfReach."""
        try:
            with self.open() as file:
                return file.read()
        except OSError as error:
            raise OutOfReach(f"can not be read: {error.strerror or error}") from None


class DiskFolder(Folder):
    """The folder of a scenario on disk; links that lead out of it are not followed."""

    def __init__(self, shown: Path) -> None:
        self._shown = shown
        self._root = shown.resolve()

    def open(self, path: str) -> BinaryIO:
        try:
            file = (self._root / path).resolve(strict=True)
            if not file.is_relative_to(self._root):
                raise OutOfReach("leads out of the folder of the scenario; put the file itself there")
            if not file.is_file():
                raise OutOfReach("is no file")
            return file.open("rb")
        except OSError as error:
            raise OutOfReach(f"can not be read: {error.strerror or error}") from None
        except RuntimeError:  # what Python 3.11 says of links that go in a circle
            raise OutOfReach("can not be read: its links go in a circle") from None

    def shown(self, path: str) -> str:
        return str(self._shown / path)


class SentFolder(Folder):
    """Files that came along with a scenario over HTTP."""

    def __init__(self, files: Mapping[str, bytes], shown: Path) -> None:
        self._files = files
        self._shown = shown

    def open(self, path: str) -> BinaryIO:
        if path not in self._files:
            raise OutOfReach("was not sent along")
        return BytesIO(self._files[path])

    def shown(self, path: str) -> str:
        return str(self._shown / path)


class NoFolder(Folder):
    """What a scenario has that is no file on disk."""

    def find(self, name: str, beside: str = "") -> NamedFile:
        raise OutOfReach(
            "can not be read, because a scenario that comes without a folder has no files beside it; "
            "`emulator seed FILE` sends along what FILE names"
        )

    def open(self, path: str) -> BinaryIO:
        raise AssertionError("nothing is found here")

    def shown(self, path: str) -> str:
        return path
