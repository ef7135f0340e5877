"""The address of a start: whether it may be taken, the socket, what it shows to clients that speak TLS."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from emulator.core.errors import UserError
from emulator.core.vendor import Vendor
from emulator.settings import Settings, is_loopback

if TYPE_CHECKING:
    from emulator.serving.tls import Identity

logger = logging.getLogger("emulator")


def base_url(listener: socket.socket, settings: Settings) -> str:
    """The address that clients on this machine use."""
    return settings.url(listener.getsockname()[1])


def listen(host: str, port: int) -> socket.socket:
    """Raises UserError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise UserError(
            f"can not listen on {host} port {port}: {error.strerror or error}; choose another with --port or --host"
        ) from None


def refuse_exposed_control(settings: Settings) -> None:
    """Raises UserError when others could reach a control plane that anybody may use."""
    if settings.insecure_control or settings.control_token is not None or is_loopback(settings.host):
        return
    raise UserError(
        f"--host {settings.host}: others could reach the control plane there; "
        "add --control-token TOKEN, or --insecure-control if that is wanted"
    )


def warn_of_exposed_control(settings: Settings, listener: socket.socket) -> None:
    if settings.control_token is None and not is_loopback(settings.host):
        logger.warning(
            "anyone who can reach %s port %s can use the control plane; set EMULATOR_CONTROL_TOKEN",
            settings.host,
            listener.getsockname()[1],
        )


def identity_of(
    settings: Settings, listener: socket.socket, vendors: Iterable[Vendor]
) -> AbstractContextManager[Identity | None]:
    """What the port shows clients that speak TLS, if it is to speak it. Raises UserError."""
    if not settings.speaks_tls:
        return contextlib.nullcontext()
    # Imported here because a start without TLS does not need it.
    from emulator.serving.tls import identity

    return identity(settings, listener, (host for vendor in vendors for host in vendor.hosts))
