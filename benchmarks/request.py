"""A request as the load generators want it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from benchmarks.load import NUMBER

MARK = NUMBER.decode()


@dataclass(frozen=True)
class Request:
    """One HTTP request to 127.0.0.1; MARK in its body stands for a number that differs each time."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    def numbered(self, number: int) -> Request:
        """The request with a number in place of the marks."""
        return replace(self, body=self.body.replace(MARK, f"{number:08d}"))

    def text(self, port: int) -> str:
        """The request as it goes over the wire, for a connection that stays open."""
        headers = {"Host": f"127.0.0.1:{port}", **self.headers}
        if self.body or self.method != "GET":
            headers["Content-Length"] = str(len(self.body.encode()))
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", self.body])

    def lua(self) -> str:
        """The request as a script for wrk, which has no other way to send a body. ASCII only."""
        lines = [f"wrk.method = {json.dumps(self.method)}"]
        lines += [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in self.headers.items()]
        if self.body:
            lines.append(f"wrk.body = {json.dumps(self.body)}")
        return "\n".join(lines) + "\n"
