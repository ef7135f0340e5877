"""What tests of TLS share: the trust that an emulator prints, and one without uvloop."""

from __future__ import annotations

import os
import shlex
import socket
import ssl
from pathlib import Path

from tests.process import SECONDS, Running

HIDE_UVLOOP = "raise ImportError('a test hides it')\n"


def printed_trust(emulator: Running) -> dict[str, str]:
    """The variables that it has printed after its first line."""
    assert emulator.process.stdout is not None
    lines = [emulator.process.stdout.readline() for _ in range(5)][1:]
    words = [shlex.split(line) for line in lines]
    assert all(len(each) == 2 and each[0] == "export" for each in words), lines
    return dict(each[1].split("=", 1) for each in words)


def trusting(trust: dict[str, str]) -> dict[str, str]:
    """The environment of a client that was told nothing else, proxies neither."""
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | trust


def without_uvloop(folder: Path) -> dict[str, str]:
    """The variables that make a process use asyncio's own loop."""
    folder.joinpath("uvloop.py").write_text(HIDE_UVLOOP)
    return {"PYTHONPATH": str(folder)}


def connect(emulator: Running, ca_file: str, name: str = "localhost", **versions: ssl.TLSVersion) -> ssl.SSLSocket:
    """A connection that trusts this CA only, to whom it calls by this name."""
    context = ssl.create_default_context(cafile=ca_file)
    for which, version in versions.items():
        setattr(context, which, version)
    connection = socket.create_connection(emulator.address, timeout=SECONDS)
    try:
        return context.wrap_socket(connection, server_hostname=name)
    except BaseException:
        connection.close()
        raise


def exchange(connection: ssl.SSLSocket, request: bytes) -> bytes:
    """Send bytes, read until the server closes the connection, and close it."""
    with connection:
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        return answer
