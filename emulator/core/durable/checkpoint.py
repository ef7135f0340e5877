"""A checkpoint: an ordinary TinyDB file, `{table: {number: document}}`, that is replaced whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import msgspec
from tinydb.storages import Storage

from emulator.core.durable import disk
from emulator.core.durable.steps import encode

Table = tuple[str, Iterable[object]]
"""A table's name and its documents."""

_TOGETHER = 100  # documents that are encoded at once; other threads wait for no more


class CheckpointStorage(Storage):
    """TinyDB's storage of a checkpoint."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def read(self) -> dict[str, dict[str, Any]] | None:
        """All documents by table and number; None if there is no file. Raises OSError and msgspec's errors."""
        if not self._path.exists():
            return None
        return msgspec.json.decode(self._path.read_bytes(), type=dict[str, dict[str, Any]])

    def read_raw(self) -> dict[str, list[msgspec.Raw]]:
        """The same with documents as they are written. Raises OSError and msgspec's errors."""
        tables = msgspec.json.decode(self._path.read_bytes(), type=dict[str, dict[str, msgspec.Raw]])
        return {name: list(documents.values()) for name, documents in tables.items()}

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace the file. Raises OSError."""
        disk.replace(self._path, _file(data.items()))

    def write_tables(
        self,
        tables: Iterable[Table],
        pause: Callable[[], None] = lambda: None,
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """The same, with documents that are numbered from 1 while they are written, and a pause after each piece;
        `around` the instant in which the file is replaced.
        """
        pieces = _file((name, _Numbered(documents)) for name, documents in tables)
        disk.replace(self._path, _paced(pieces, pause), around)


class _Numbered:
    def __init__(self, documents: Iterable[object]) -> None:
        self._documents = documents

    def items(self) -> Iterator[tuple[int, object]]:
        return enumerate(self._documents, 1)


def _paced(pieces: Iterable[bytes], pause: Callable[[], None]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece
        pause()


def _file(tables: Iterable[tuple[str, Any]]) -> Iterator[bytes]:
    """The text of the file in pieces, a document to a line."""
    before = b"{"
    for name, documents in tables:
        yield before + b"\n" + encode(name) + b": {"
        before = b"},"
        lines: list[bytes] = []
        between = b"\n"
        for number, document in documents.items():
            lines.append(b'"%d": %s' % (int(number), encode(document)))
            if len(lines) == _TOGETHER:
                yield between + b",\n".join(lines)
                lines, between = [], b",\n"
        if lines:
            yield between + b",\n".join(lines)
    yield b"{}\n" if before == b"{" else b"}}\n"
