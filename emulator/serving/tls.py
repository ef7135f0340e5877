"""What the port shows clients that speak TLS: a certificate for every name under which they may know it."""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from emulator.core.errors import UserError, reason_of
from emulator.serving.authority import CA_FILE, Authority
from emulator.settings import Settings

_ALWAYS = ("localhost", "127.0.0.1", "::1")


class Identity(NamedTuple):
    """Certificate and key of the port, and the certificate of the CA that signed them."""

    context: ssl.SSLContext
    ca: bytes
    ca_file: Path


@contextmanager
def identity(settings: Settings, listener: socket.socket, hosts: Iterable[str]) -> Iterator[Identity]:
    """For the names of this machine, those allowed, and `hosts`; a file that must not stay is removed in the end.

    Raises UserError.
    """
    names = _names(settings, listener.getsockname()[0], hosts)
    if settings.tls_directory is not None:
        directory = Path(settings.tls_directory).absolute()
        authority = Authority.kept(directory)
        scratch = directory if os.access(directory, os.W_OK) else None
        yield Identity(_context(authority, names, scratch), authority.certificate, directory / CA_FILE)
        return
    authority = Authority.new()
    with _passing_folder() as folder:
        file = folder / CA_FILE
        try:
            file.write_bytes(authority.certificate)
        except OSError as error:
            raise _no_folder(error) from None
        yield Identity(_context(authority, names, folder), authority.certificate, file)


@contextmanager
def _passing_folder() -> Iterator[Path]:
    """A folder of our own in the one for temporary files."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="emulator-", ignore_cleanup_errors=True)
    except OSError as error:
        raise _no_folder(error) from None
    with folder as path:
        yield Path(path)


def _context(authority: Authority, names: list[str], scratch: Path | None) -> ssl.SSLContext:
    try:
        return authority.context(names, scratch)
    except OSError as error:
        raise _no_folder(error) from None


def _no_folder(error: OSError) -> UserError:
    return UserError(
        f"--tls: no temporary file can be written: {reason_of(error)}; "
        "set TMPDIR or --tls-directory to a folder where that is possible"
    )


def _names(settings: Settings, bound: str, hosts: Iterable[str]) -> list[str]:
    """Without those that no certificate can have; one that was asked for must be possible. Raises UserError."""
    for name in settings.allowed_host:
        if not _can_be_certified(name):
            raise UserError(f"--allowed-host {name}: no certificate can have this name; use letters, digits, - and .")
    maybe = (settings.host, bound.partition("%")[0], socket.gethostname())
    found = [name for name in maybe if _can_be_certified(name)]
    return list(dict.fromkeys([*_ALWAYS, *found, *sorted(hosts), *settings.allowed_host]))


def _can_be_certified(name: str) -> bool:
    try:
        return not ipaddress.ip_address(name).is_unspecified
    except ValueError:
        return _is_host_name(name)


def _is_host_name(name: str) -> bool:
    # Imported here because it comes with trustme.
    import idna

    try:
        return bool(idna.encode(name, uts46=True))
    except UnicodeError:
        return False
