"""What a container engine does, for tests where there is none: the Dockerfile's steps are run in a folder that is the
root of their file system, and the result is started in namespaces of its own, read-only, as its own user.

The base image is this machine's system and Python, which are mounted into that folder.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from docker.utils import exclude_paths

from tests.dockerfile import ROOT, Stage, Step, stages
from tests.process import SECONDS

PATH = "/base:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SYSTEM = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "dev")
_PYTHON = Path(sys.base_prefix)
_LOOPBACK = """
import fcntl, socket, struct
with socket.socket() as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP
"""


def why_not() -> str:
    """Why this machine can not do it; empty if it can."""
    tools = [tool for tool in ("unshare", "nsenter", "setpriv", "mount", "chroot") if shutil.which(tool) is None]
    if tools:
        return f"it needs {' and '.join(tools)}, of Linux"
    done = subprocess.run(["unshare", "--mount", "--net", "true"], capture_output=True, check=False)
    return "" if done.returncode == 0 else "it needs root that may make namespaces"


class Image(NamedTuple):
    """A folder that is the root of a file system, and what the Dockerfile says of it."""

    root: Path
    stage: Stage

    @property
    def variables(self) -> dict[str, str]:
        return self.stage.variables({"PATH": PATH})


def build(folder: Path) -> Image:
    """Run the Dockerfile; the last stage."""
    images: dict[str, Image] = {}
    for number, stage in enumerate(stages()):
        image = images[stage.name] = Image(folder / f"stage{number}", stage)
        _lay_base(image.root)
        for step in stage.steps:
            _follow(step, image, images)
    return image


def _lay_base(root: Path) -> None:
    """Files that steps may change are copied; the others are mounted when something runs."""
    (root / "base").mkdir(parents=True)
    (root / "base" / "python").symlink_to(Path(sys.executable).resolve())
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)
    shutil.copytree("/etc", root / "etc", symlinks=True, ignore_dangling_symlinks=True)
    for name in _SYSTEM:
        if Path("/", name).is_symlink():
            (root / name).symlink_to(Path("/", name).readlink())
        elif Path("/", name).is_dir():
            (root / name).mkdir()


def _follow(step: Step, image: Image, images: Mapping[str, Image]) -> None:
    root, words = image.root, step.words if step.instruction not in ("RUN", "HEALTHCHECK") else []
    folder = next((each.value for each in image.stage.steps if each.instruction == "WORKDIR"), "/")
    match step.instruction:
        case "RUN":
            command = ["sh", "-euc", f"cd {folder if (root / folder[1:]).is_dir() else '/'}\n{step.value}"]
            done = subprocess.run(
                _boxed(root, command, outside=_others()),
                env=_installing() | image.variables,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout
        case "WORKDIR":
            (root / step.value[1:]).mkdir(parents=True, exist_ok=True)
        case "COPY" if words[0].startswith("--from="):
            source = images[words[0].removeprefix("--from=")].root
            # Links, because nobody changes the files and there are many.
            shutil.copytree(source / words[1][1:], root / words[2][1:], symlinks=True, copy_function=os.link)
        case "COPY":
            _copy_context(words[:-1], root / folder[1:] / words[-1])


def _copy_context(names: Iterable[str], target: Path) -> None:
    """From the checkout, without what .dockerignore leaves out."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    context = [ROOT / path for path in exclude_paths(str(ROOT), [line for line in lines if line[:1] not in ("", "#")])]
    for name in names:
        whole = ROOT / name
        for path in context:
            if path.is_file() and path.is_relative_to(whole):
                copy = target / path.relative_to(whole) if whole.is_dir() else target / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, copy)


def _installing() -> dict[str, str]:
    """How pip finds packages from here."""
    wanted = ("PIP_", "HTTP_", "HTTPS_", "NO_", "http_", "https_", "no_", "SSL_")
    return {name: value for name, value in os.environ.items() if name.startswith(wanted)}


def _others() -> list[Path]:
    """Folders of this machine that the settings of pip may name."""
    taken = {*_SYSTEM, "etc", "tmp", "proc", "sys", "data", "scenarios", "src", "base", "opt", _PYTHON.parts[1]}
    folders = [path for path in Path("/").iterdir() if path.name not in taken and path.is_dir()]
    return folders + ([path for path in Path("/opt").iterdir() if path.is_dir()] if Path("/opt").is_dir() else [])


def _boxed(
    root: Path, command: Sequence[str], *, outside: Sequence[Path] = (), binds: Mapping[str, Path] | None = None
) -> list[str]:
    """The command with this root; with `binds`, folders by their place inside, all else is read-only."""
    lines = ["set -eu", f"mount --bind {root} {root}"]
    within = [Path("/", name) for name in _SYSTEM if (root / name).is_dir() and not (root / name).is_symlink()]
    within += [] if _PYTHON.is_relative_to("/usr") else [_PYTHON]
    for path in (*within, *outside):
        lines += [f"mkdir -p {root}{path}", f"mount --rbind {path} {root}{path}"]
    if binds is not None:
        lines += [f"mount -o remount,bind,ro {root}{path}" for path in within if path.name != "dev"]
        lines += [f"mount --bind {path} {root}{place}" for place, path in binds.items()]
        lines += [f"mount -o remount,bind,ro {root}"]
        lines += ["echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start"]  # as Docker does
    lines.append(f'exec chroot {root} "$@"')
    return [
        "unshare",
        "--mount",
        *(["--net"] if binds is not None else []),
        "sh",
        "-c",
        "\n".join(lines),
        "sh",
        *command,
    ]


class Box(NamedTuple):
    """A container that runs."""

    process: subprocess.Popen[str]
    image: Image
    variables: Mapping[str, str]

    def execute(self, *command: str) -> subprocess.CompletedProcess[str]:
        """What `docker exec` does, and the engine for a health check."""
        inside = ["nsenter", "--target", str(self.process.pid), "--mount", "--net", "--root"]
        return subprocess.run(
            [*inside, f"--wd={self.image.root}/", *_as_user(self.image.stage), *command],
            env=dict(self.variables),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def stop(self) -> tuple[int, str, str]:
        """What `docker stop` does: exit code, standard output, standard error."""
        self.process.send_signal(signal.Signals[self.image.stage.last("STOPSIGNAL").value])
        output, errors = self.process.communicate(timeout=10)
        return self.process.returncode, output, errors


@contextmanager
def running(image: Image, binds: Mapping[str, Path], **variables: str) -> Iterator[Box]:
    """Start ENTRYPOINT and CMD with a read-only file system but for `binds`, no home and no privileges."""
    stage, variables = image.stage, image.variables | variables
    folder = stage.last("WORKDIR").value
    up = [
        "/base/python",
        "-c",
        f"{_LOOPBACK}\nimport os, sys\nos.chdir({folder!r})\nos.execvp(sys.argv[1], sys.argv[1:])",
    ]
    command = [*up, *_as_user(stage), *stage.last("ENTRYPOINT").words, *stage.last("CMD").words]
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        _boxed(image.root, command, binds=binds), env=variables, stdout=pipe, stderr=pipe, text=True
    )
    try:
        yield Box(process, image, variables)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate(timeout=SECONDS)


def _as_user(stage: Stage) -> list[str]:
    user, _, group = stage.last("USER").value.partition(":")
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--bounding-set=-all", "--no-new-privs"]
