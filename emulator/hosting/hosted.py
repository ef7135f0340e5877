"""What every way to run an emulator offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from emulator.client.exchange import Exchange
from emulator.core.errors import UserError

if TYPE_CHECKING:
    from emulator.settings import Settings

Mode = Literal["thread", "process", "in-process"]
MODES: tuple[Mode, ...] = ("thread", "process", "in-process")


class Hosted(Protocol):
    """A running emulator."""

    @property
    def url(self) -> str:
        """Scheme, host and port."""

    @property
    def exchange(self) -> Exchange | None:
        """The way to it where that is no socket."""

    @property
    def ca(self) -> str | None:
        """A file with the certificate authority to trust, if it has TLS."""

    def close(self) -> None:
        """End it. Raises UserError when something that it kept could not be written."""


def host(mode: Mode, settings: Settings) -> Hosted:
    """Run one. Raises UserError."""
    if settings.ready_file is not None:
        raise UserError("ready_file: leave it out; when the block begins it is ready, and `url` says where")
    # Imported here because each needs much that the others do not.
    if mode == "process":
        from emulator.hosting.process import ProcessHosted

        return ProcessHosted(settings)
    if mode == "thread":
        from emulator.hosting.thread import ThreadHosted

        return ThreadHosted(settings)
    from emulator.hosting.in_process import InProcessHosted

    return InProcessHosted(settings)
