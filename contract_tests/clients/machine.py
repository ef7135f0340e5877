"""A machine on which the vendors' names lead to an emulator: one of its own, or this one with diverted clients."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from emulator.app import make_vendors
from tests.process import SECONDS, Running, running
from tests.secure import printed_trust, trusting

_HERE = Path(__file__).parent
_START = ["--tls", "--scenario", "engagelab-documentation", "--scenario", "emma-documentation", "--accounts", "closed"]

HOSTS = sorted(host for vendor in make_vendors() for host in vendor.hosts)


class Machine(NamedTuple):
    """Where clients run: with what before their command, and in which environment."""

    before: Sequence[str]
    environment: Mapping[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.before, *command],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )


@contextmanager
def own_machine(folder: Path) -> Iterator[Machine]:
    """One with a line in /etc/hosts, no network but loopback, and the emulator on port 443: nothing is diverted."""
    hosts = folder / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {' '.join(HOSTS)}\n")
    inside = ["unshare", "--net", "--mount", sys.executable, str(_HERE / "enter.py"), str(hosts)]
    with running(folder, *_START, "--port", "443", before=inside) as emulator:
        enter = ["nsenter", "--net", "--mount", f"--target={emulator.process.pid}"]
        yield Machine(enter, trusting(printed_trust(emulator)))


@contextmanager
def diverted_clients(folder: Path) -> Iterator[Machine]:
    """This one, where curl and Node are told by their environment that connections to the names go to the emulator."""
    with running(folder, *_START) as emulator:
        yield Machine([], trusting(printed_trust(emulator)) | _diverting(folder, emulator))


def _diverting(folder: Path, emulator: Running) -> dict[str, str]:
    host, port = emulator.address
    lines = [f'connect-to = "{name}:443:{host}:{port}"\n' for name in HOSTS]
    folder.joinpath(".curlrc").write_text("".join(lines))
    node = {"NODE_OPTIONS": f"--require {_HERE / 'divert.js'}", "DIVERT_NAMES": ",".join(HOSTS)}
    return {"CURL_HOME": str(folder), "DIVERT_PORT": str(port)} | node


def why_no_own_machine(folder: Path) -> str | None:
    """What stands against it here, if anything does."""
    for program in ("unshare", "nsenter", "mount"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    hosts = folder / "hosts"
    hosts.touch()
    command = ["unshare", "--net", "--mount", sys.executable, str(_HERE / "enter.py"), str(hosts), "true"]
    tried = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    return None if tried.returncode == 0 else f"no namespace can be made: {tried.stderr.strip()[-200:]}"
