"""Requests made up from the operation tables: most as a client means them, the rest wrong in all the ways we know."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from pydantic import BaseModel

from emulator.app import EmulatorApp
from emulator.core.call import Message
from emulator.core.operation import Body, Operation
from emulator.core.scenarios.blocks import inner_model
from emulator.core.vendor import Vendor
from tests.emma.telling import NOWHERE

Header = tuple[bytes, bytes]

BASIC = b"Basic cHVibGljX2tleTpwcml2YXRlX2tleQ=="
WORLDS = (b"default", b"other", b"third")
_IDS = (100, 150, 200, 201, 1024, 1025, 1026, 1030, 9, 0, -1, 2**31, 10**17, 10**40)
_OBJECT_IDS = ("6565c12a3b4e0d83d3f58ea0", "8", "0" * 24, "Z" * 24)
# What the scenarios of the documents have, and what is made first.
_KNOWN = {
    "group_id": (150, 151, 152, 1024),
    "from_group_id": (150, 151),
    "to_group_id": (151, 152),
    "field_id": (200, 201, 202, 203, 1024),
    "import_id": (200, 201, 1024),
    "member_id": (200, 201, 202, 1024, 1025, _OBJECT_IDS[0]),
    "webhook_id": (100, 1024, 1025),
}
_EMAILS = ("ann@shop.test", "BOB@shop.test", "a+b@x.test", "no address", "", "ü@ä.test", "a@b", f"{'x' * 300}@y.test")
_LETTERS = ("a", "o", "e", "f", "d", "x", "", "active")
_TEXTS = ("", " ", "text", "0", "-1", "1e400", "true", "null", "\u0000", "\ud800", "ü\u202e", "%00", "../../etc/passwd")
_JUNK: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**30, -(10**19), 1e308, [], {}, [[]], [None], {"": None}),
    *([[[[[]]]]], {"a": {"b": {"c": [1, {"d": None}]}}}, [1, "a", None, {}], ["x"] * 50, "x" * 2000),
)
_RAW = (
    b"",
    b" ",
    b"null",
    b"[]",
    b"{}",
    b"{",
    b"[1,2",
    b'{"a":1}x',
    b"\xff\xfe",
    b'"text"',
    b"12",
    b"NaN",
    b"[" * 3000,
)
_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW")
_OPERATORS = ("==", "!=", ">", ">=", "<", "<=", "exist", "contain", "does not contain", "like", "")
_FIELD_NAMES = ("Email", "Name", "Phone", "Age", "Birthday", "tag", "Tag", "customField", "createTime", "", "x" * 200)


class Made(NamedTuple):
    """One request."""

    method: str
    path: str
    query: bytes
    body: bytes
    headers: tuple[Header, ...]


async def exchange(app: EmulatorApp, made: Made) -> tuple[int, bytes]:
    """Status and body, without a client library. The client waits for its answer, and never hangs up before."""
    scope = {
        "type": "http",
        "method": made.method,
        "path": made.path,
        "raw_path": made.path.encode("utf-8", "replace"),
        "query_string": made.query,
        "headers": [*made.headers],
    }
    sent: list[Message] = []
    waiting: list[Message] = [{"type": "http.request", "body": made.body, "more_body": False}]

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


class Requests:
    """An endless supply; the same seed makes the same requests."""

    def __init__(self, vendors: Sequence[Vendor], seed: int) -> None:
        self._random = Random(seed)
        self._operations = [(vendor, each) for vendor in vendors for each in vendor.operations]
        self._leaves: Mapping[str, Callable[[], object]] = {
            "email": lambda: self._pick(_EMAILS),
            "relation": lambda: self._pick(("and", "or", "xor")),
            "op": lambda: self._pick(_OPERATORS),
            "field_name": lambda: self._pick(_FIELD_NAMES),
            "fields": self._fields,
            "tags": lambda: [self._pick(("vip", "new", "", "x" * 100)) for _ in range(self._random.randrange(4))],
            "tag_flag": lambda: self._pick((0, 1, 2, 2, 3)),
            "limit": lambda: self._pick((1, 10, 100, 101, 0)),
            "offset": lambda: self._pick((0, 1, 1000, -1)),
            "start": lambda: self._pick((0, 2, 500, -1)),
            "end": lambda: self._pick((0, 5, 500, 10**9)),
            "sms": lambda: {"phone_number": self._pick(("+15551234567", 5551234567, "x", None))},
            "event": lambda: self._pick(("member_add", "member_delete", "group_create", "import_finish", "x", "")),
            "url": lambda: self._pick((NOWHERE, NOWHERE, "http://", "shop.test", "ftp://192.0.2.1", "")),
            "method": lambda: self._pick(("get", "POST", "PUT")),
            "criteria": lambda: {"sms": {"promotional_status": self._pick(_LETTERS)}},
        }

    def make(self) -> Made:
        random = self._random
        vendor, operation = random.choice(self._operations)
        method = operation.method if random.random() < 0.97 else random.choice(_METHODS)
        path = "/".join(self._segment(part) for part in operation.path.split("/"))
        if random.random() < 0.02:
            path = self._pick(
                (path + "/", path.replace("/", "//", 1), path + "/x", "/", "//", "/%2e%2e/%00", path[:-3])
            )
        query = self._query(operation) if operation.query or random.random() < 0.05 else b""
        body = b""
        if operation.body is not Body.NONE or random.random() < 0.03:
            body = self._body(vendor, operation)
        hosts = (
            [host.encode() for host in vendor.hosts]
            if random.random() < 0.98
            else [b"127.0.0.1:8025", b"", b"api.e2ma.net"]
        )
        return Made(method, path, query, body, ((b"host", random.choice(hosts)), *self._headers(len(body))))

    def _headers(self, length: int) -> tuple[Header, ...]:
        random = self._random
        headers = [(b"x-emulator-world", random.choice(WORLDS))]
        if random.random() < 0.97:
            headers.append((b"authorization", BASIC))
        elif random.random() < 0.8:
            wrong = (b"", b"Basic", b"Basic !!!", b"Bearer t", b"Basic \xff", b"Digest x", b"Basic Og==", b"x" * 3000)
            headers.append((b"authorization", random.choice(wrong)))
        if random.random() < 0.01:
            headers.append((b"x-emulator-world", random.choice((b"..", b"a/b", b"", b"\xff", b"x" * 100))))
        if length and random.random() < 0.95:
            headers.append((b"content-length", b"%d" % length))
        elif length:
            headers.append((b"transfer-encoding", b"chunked"))
        return tuple(headers)

    def _segment(self, part: str) -> str:
        if not part.startswith("{"):
            return part
        random = self._random
        name = part[1:-1]
        if name == "account_id":
            return "100" if random.random() < 0.97 else str(random.choice((*_IDS, "x", "٣", "1" * 30)))
        if random.random() < 0.1:
            return quote(str(random.choice((*_TEXTS, *_EMAILS))).encode("utf-8", "replace"), safe="")
        if name == "email":
            return quote(str(self._pick(_EMAILS)), safe="+@")
        if name.startswith("status"):
            return str(self._pick(_LETTERS))
        known = _KNOWN[name] if random.random() < 0.8 else (*_IDS, *_OBJECT_IDS)
        return str(random.choice(known))

    def _query(self, operation: Operation) -> bytes:
        random = self._random
        pairs = [(name, self._text(name)) for name in operation.query if random.random() < 0.4]
        if random.random() < 0.05:
            pairs.append((random.choice(("nope", "api_key", "", "count")), self._pick(_TEXTS)))
        if random.random() < 0.01:
            return random.choice((b"&&==;", b"%", b"\xff=\xff", b"start", b"a[]=1", b"%ff=%00"))
        return urlencode(pairs, errors="replace").encode()

    def _text(self, name: str) -> str:
        if self._random.random() < 0.2:
            return str(self._pick(_TEXTS))
        if name in self._leaves:
            return str(self._leaves[name]())
        if name.endswith(("_id", "_types")):
            return str(self._pick(("a", "e", "g,t", "all", 150)))
        return str(self._pick(("true", "false", "1", "0", "x")))

    def _body(self, vendor: Vendor, operation: Operation) -> bytes:
        random = self._random
        if random.random() < 0.03:
            return random.choice(_RAW)
        if not isinstance(operation.input, str):
            return json.dumps(self._junk()).encode()
        model = getattr(import_module(vendor.schemas), operation.input)
        value: object = self._object(model) if random.random() < 0.98 else self._junk()
        body = json.dumps(value).encode()
        return body[: random.randrange(len(body))] if random.random() < 0.01 else body

    def _object(self, model: type[BaseModel]) -> dict[str, object]:
        random = self._random
        made = {
            name: self._value(name, field.annotation)
            for name, field in model.model_fields.items()
            if name != "account_id" and (field.is_required() or random.random() < 0.5) and random.random() < 0.97
        }
        if random.random() < 0.05:
            made[self._pick(_FIELD_NAMES)] = self._junk()
        return made

    def _value(self, name: str, annotation: object) -> object:
        random = self._random
        if random.random() < 0.04:
            return self._junk()
        if name in self._leaves:
            return self._leaves[name]()
        shape = str(annotation)
        inner = inner_model(annotation)
        if inner is not None:
            return [self._object(inner) for _ in range(random.randrange(4))] if "list" in shape else self._object(inner)
        if name == "members":
            return [self._fields() | {"email": self._pick(_EMAILS)} for _ in range(random.randrange(5))]
        if "bool" in shape:
            return random.choice((True, False, 0, 1))
        if "list[int]" in shape or name.endswith("_ids"):
            return [random.choice(_IDS) for _ in range(random.randrange(4))]
        if "int" in shape:
            return random.choice(_IDS)
        if "status" in name:
            return str(self._pick(_LETTERS))
        return self._pick(_TEXTS)

    def _fields(self) -> dict[str, object]:
        names = ("first_name", "last_name", "Age", "Birthday", "customField", "Email", "", "\ud800")
        values = (*_TEXTS, *_JUNK, "12", "03/30", "Ann")
        return {self._pick(names): self._random.choice(values) for _ in range(self._random.randrange(4))}

    def _junk(self) -> object:
        return self._random.choice((*_JUNK, *_TEXTS))

    def _pick(self, choices: Sequence[str] | Sequence[Any]) -> Any:
        return self._random.choice(choices)
