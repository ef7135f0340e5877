"""As much of a Docker engine as testcontainers talks to. What it starts is no container but a real emulator process,
told what the image and the container say, with folders in place of those of the container.
"""

from __future__ import annotations

import io
import json
import re
import socket
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.dockerfile import stages
from tests.process import COMMAND, SECONDS, environment

FINAL = stages()[-1]


@dataclass
class Container:
    """What was asked for, and what became of it."""

    id: str
    asked: dict[str, Any]
    root: Path
    ports: dict[str, int]
    process: subprocess.Popen[bytes] | None = None
    log: bytes = b""

    @property
    def variables(self) -> dict[str, str]:
        told: list[str] = self.asked["Env"] or []
        return FINAL.pairs("ENV") | dict(each.split("=", 1) for each in told)

    def start(self) -> None:
        variables = {name: value for name, value in self.variables.items() if name.startswith("EMULATOR_")}
        for place in ("/scenarios", "/data"):
            folder = self.root / place[1:]
            folder.mkdir(exist_ok=True)
            variables = {name: value.replace(place, str(folder)) for name, value in variables.items()}
        port = self.ports[f"{variables['EMULATOR_PORT']}/tcp"]
        command = [*COMMAND, *FINAL.last("CMD").words]
        variables |= {"EMULATOR_PORT": str(port), "EMULATOR_HOST": "127.0.0.1"}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, env=environment(**variables), stdout=pipe, stderr=subprocess.STDOUT)

    def remove(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.log, _ = self.process.communicate(timeout=SECONDS)

    def described(self) -> dict[str, Any]:
        runs = self.process is not None and self.process.poll() is None
        ports = {inside: [{"HostIp": "127.0.0.1", "HostPort": str(port)}] for inside, port in self.ports.items()}
        status = "running" if runs else "created" if self.process is None else "exited"
        return {
            "Id": self.id,
            "Name": "/emulator",
            "State": {"Status": status, "Running": runs},
            "Config": self.asked,
            "NetworkSettings": {"Ports": ports if runs else {}},
        }


@dataclass
class Engine:
    """The containers that there are and were, and the requests that nobody expected."""

    folder: Path
    images: tuple[str, ...]
    url: str = ""
    containers: dict[str, Container] = field(default_factory=dict)
    removed: list[Container] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def create(self, asked: dict[str, Any]) -> Container:
        number = f"{len(self.containers) + len(self.removed) + 1:064x}"
        root = self.folder / number
        root.mkdir()
        for bind in (asked.get("HostConfig") or {}).get("Binds") or []:
            source, place, _ = bind.split(":")
            (root / place[1:]).symlink_to(source)
        container = Container(number, asked, root, {port: _free_port() for port in asked.get("ExposedPorts") or {}})
        self.containers[number] = container
        return container


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    engine: Engine

    def _answer(self) -> None:
        method, path = self.command, re.sub(r"^/v[\d.]+", "", self.path).partition("?")[0]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        known = re.match(r"/containers/([0-9a-f]{64})(.*)", path)
        container = self.engine.containers.get(known[1]) if known else None
        if (method, path) == ("GET", "/version"):
            self._send(200, {"ApiVersion": "1.50", "MinAPIVersion": "1.24", "Version": "28.2.2"})
        elif image := re.fullmatch(r"/images/(.+)/json", path):
            there = image[1] in self.engine.images
            self._send(200, {"Id": "sha256:1", "RepoTags": [image[1]]}) if there else self._send(404, _error(image[1]))
        elif (method, path) == ("POST", "/images/create"):
            self._send(404, _error("pull access denied"))
        elif (method, path) == ("POST", "/containers/create"):
            self._send(201, {"Id": self.engine.create(json.loads(body)).id, "Warnings": []})
        elif known and container:
            self._of_container(method, known[2], container, body)
        else:
            self.engine.unknown.append(f"{method} {self.path}")
            self._send(404, _error(path))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer  # noqa: N815 - http.server looks for these names

    def _of_container(self, method: str, rest: str, container: Container, body: bytes) -> None:
        match method, rest:
            case "GET", "/json":
                self._send(200, container.described())
            case "PUT", "/archive":
                with tarfile.open(fileobj=io.BytesIO(body)) as archive:
                    archive.extractall(container.root, filter="tar")
                self._send(200, {})
            case "POST", "/start":
                container.start()
                self._send(204, None)
            case "GET", "/logs":
                self._send(200, None)
            case "DELETE", "":
                container.remove()
                self.engine.removed.append(self.engine.containers.pop(container.id))
                self._send(204, None)
            case _:
                self.engine.unknown.append(f"{method} {self.path}")
                self._send(404, _error(rest))

    def _send(self, status: int, value: object) -> None:
        content = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nobody wants to know."""


@contextmanager
def running(folder: Path, *images: str) -> Iterator[Engine]:
    """An engine that has these images; what it still runs in the end is killed."""
    engine = Engine(folder, images)
    handler = type("Requests", (_Requests,), {"engine": engine})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        engine.url = f"tcp://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield engine
        finally:
            server.shutdown()
            for container in engine.containers.values():
                with suppress(ProcessLookupError):
                    container.remove()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _error(text: str) -> dict[str, str]:
    return {"message": f"No such thing: {text}"}
