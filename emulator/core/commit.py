"""What an answer says is on disk before it leaves, and nothing is changed while that can not be."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from emulator.core.errors import NotStored
from emulator.core.operation import Operation

if TYPE_CHECKING:
    from emulator.core.durable.file import WorldFile
    from emulator.core.vendor import Account


async def recover(file: WorldFile) -> None:
    """Write what there is; after a failure, try again."""
    with contextlib.suppress(NotStored):
        await file.flush(erased=file.failure is not None)


def admit(file: WorldFile, operation: Operation, account: Account) -> None:
    """Raises NotStored for an operation that changes something, while the world can not be written."""
    if _reads(operation):
        return
    if file.failure is not None:
        raise NotStored(file.failure)
    file.touch(account)


async def commit(file: WorldFile, operation: Operation, account: Account) -> None:
    """Raises NotStored, but not for an operation that only reads."""
    if _reads(operation):
        await recover(file)
    else:
        file.touch(account)
        await file.flush()


def _reads(operation: Operation) -> bool:
    return operation.reads or operation.method == "GET"
