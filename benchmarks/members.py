"""The members that the emulator is filled with, and the requests about them."""

from __future__ import annotations

import base64
import json

from benchmarks.generators import send
from benchmarks.request import MARK, Request
from benchmarks.servers import Server

BATCH = 1000
_PATH = "/v1/marketing/lists"
_HEADERS = {
    "Authorization": "Basic " + base64.b64encode(b"api_user:api_key").decode(),
    "Content-Type": "application/json; charset=utf-8",
}


def get(member_id: str, world: str = "") -> Request:
    return Request("GET", f"{world}{_PATH}/members/{member_id}", _HEADERS)


def page(limit: int = 10, relation: str = "and", *items: tuple[str, str]) -> Request:
    """The first page of all members or of those whose fields contain texts."""
    conditions = [{"field_name": name, "op": "contain", "value": text} for name, text in items]
    body = json.dumps({"condition": {"relation": relation, "items": conditions}}) if items else ""
    return Request("POST", f"{_PATH}/list_members?limit={limit}", _HEADERS, body)


def save(size: int, kind: str = "member", world: str = "") -> Request:
    """New members, each with all that the document's sample has: phone, name, three fields and a tag."""
    members = [_member(kind, f"{position:03d}") for position in range(size)]
    body = json.dumps({"members": members, "tag_flag": 0, "update_existing": True})
    return Request("POST", f"{world}{_PATH}/members", _HEADERS, body)


def _member(kind: str, position: str) -> dict[str, object]:
    return {
        "email": f"{kind}{MARK}-{position}@example.test",
        "phone": f"13{MARK}{position}",
        "name": f"Member {MARK} {position}",
        "fields": {"Birthday": "03/30", "Age": "42", "City": f"Town {MARK} on the river"},
        "tags": ["testTag"],
    }


class Crowd:
    """The members of one emulator: adds more, all new, and knows how many there are."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._batches = 0
        self._singles = 0

    def __len__(self) -> int:
        return self._batches * BATCH + self._singles

    def grow(self, size: int) -> list[float]:
        """Add batches until there are at least so many members; milliseconds of each."""
        missing = max(0, size - len(self))
        return self.add_batches(-(-missing // BATCH)) if missing else []

    def add_batches(self, count: int) -> list[float]:
        result = send(self._server.port, save(BATCH), count, first=self._batches)
        self._batches += count
        return result["latencies"]

    def add_singles(self, count: int, connections: int) -> list[float]:
        result = send(self._server.port, save(1, "single"), count, first=self._singles, connections=connections)
        self._singles += count
        return result["latencies"]
