"""Control requests made up from the table of control routes: most as a tester means them, the rest wrong in all the
ways we know.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from starlette.routing import Route

from emulator.control.routes import ROUTES
from emulator.core.behaviours import Behaviour
from emulator.core.proof.explanation import routes_of
from emulator.core.vendor import Vendor
from tests.generated import Header, Made

WORLDS = ("default", "other", "third")
_BAD_WORLDS = ("..", "a/b", "", "\xff", "x" * 100, "%00")
_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW")
_TEXTS = (
    *("", " ", "text", "0", "-1", "1e400", "true", "null", "nan", "inf", "\u0000", "\ud800", "ü\u202e", "%00", "٣"),
    *("../../etc/passwd", "a b", "x" * 5000, "9" * 400, "1e999999999", "[", "..a..b", "a[0", "$", "*", "[!", "--5"),
)


def _nested(depth: int, inner: object = 1) -> object:
    for _ in range(depth):
        inner = {"a": inner, "members": [inner]} if depth < 10 else {"a": inner}
    return inner


_JUNK: tuple[object, ...] = (
    *(_nested(5), _nested(25), _nested(300), [_nested(900)], ["\ud800"], {"\ud800": "\ud800"}, {"a": ["\udfff", 1]}),
    *(None, True, False, 0, -1, 1.5, 10**30, -(10**19), 1e308, 5e-324, 10**400, [], {}, [[]], [None], {"": None}),
    *([1, "a", None, {}], ["x"] * 50, {"a": {"b": {"c": [1, {"d": None}]}}}, float("nan"), float("inf")),
    *([{}] * 200, {str(number): number for number in range(200)}, *_TEXTS),
)
_RAW = (
    *(b"", b" ", b"null", b"[]", b"{}", b"{", b"[1,2", b'{"a":1}x', b"\xff\xfe", b'"text"', b"12", b"NaN", b"\x00"),
    *(b"[" * 30_000, b'{"a":' * 30_000, b"[" * 500 + b"]" * 500, b'{"a":1,"a":2}', b'{"expect":' + b"[" * 900),
    *(
        b"a: &a [*a, *a]",
        b"? [a]",
        b"!!python/object:os.system x",
        b"\xef\xbb\xbf{}",
        b"a:\n\t- b",
        b'{"\\ud800": "\\ud800"}',
    ),
)
_INSTANTS = (
    "2024-05-01T12:00:00Z",
    "2030-01-01",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2024-13-01",
    1,
    "now",
)
_DURATIONS = (0, 1, 60, "1d2h30m", "5s", 0.5, -1, 1e9, 1e18, "1w", "99999999999d", "", "d", 10**30)
_NUMBERS = (0, 1, 2, 100, "1", "0", 5)


class ControlRequests:
    """An endless supply; the same seed makes the same requests."""

    def __init__(self, vendors: Sequence[Vendor], seed: int) -> None:
        self._random = Random(seed)
        self._vendors = [vendor.id for vendor in vendors]
        self._operations = [*routes_of(vendors)]
        self._behaviours: list[Behaviour] = [each for vendor in vendors for each in vendor.behaviours]
        self._actions = [
            (vendor.id, name, action.keys) for vendor in vendors for name, action in vendor.actions.items()
        ]
        self._keys: Sequence[str] = ()
        self._spoiling = 0.0
        self.parameters: Mapping[str, Callable[[], object]] = {
            "name": lambda: self._pick((*WORLDS, "kept", "before", "w1", "w2", "start", "now")),
            "vendor": lambda: self._pick(self._vendors),
            "action": lambda: "",
            "job": lambda: self._pick((1, 2, 3, 99, "x")),
            "delivery": lambda: self._pick((1, 2, 99, "x")),
            "fault": lambda: self._pick(("fault-1", "a", "b")),
            "entry": lambda: self._pick((1, 2, 50, "last", "x", 10**12)),
        }
        self.queries: Mapping[str, Mapping[str, Callable[[], object]]] = {
            "/_emulator/journal": self._filters() | {"limit": self._number},
            "/_emulator/journal/wait": self._filters() | {"count": self._number},
            "/_emulator/webhooks": {
                "event": lambda: self._pick(("member_add", "x")),
                "state": lambda: self._pick(("delivered", "refused", "x")),
                "vendor": self.parameters["vendor"],
                "account": lambda: self._pick((100, "api_user")),
                "webhook": self._number,
                "after": self._number,
                "limit": self._number,
            },
            "/_emulator/state": {
                "format": lambda: self._pick(("json", "yaml")),
                "credentials": lambda: self._pick(("include", "omit")),
                "unfinished": lambda: "fail",
                "snapshot": self.parameters["name"],
            },
            "/_emulator/credentials": {"vendor": self.parameters["vendor"]},
            "/_emulator/state/diff": {"from": self._state, "to": self._state, "limit": self._number},
        }
        self.bodies: Mapping[tuple[str, str], Callable[[], object]] = {
            ("PUT", "/_emulator/behaviours"): self._choices,
            ("POST", "/_emulator/worlds"): lambda: {
                "name": self.parameters["name"](),
                "once": self._pick((True, False)),
            },
            ("POST", "/_emulator/reset"): self._reset,
            ("PUT", "/_emulator/state"): self._scenario,
            ("PATCH", "/_emulator/state"): self._accounts,
            ("POST", "/_emulator/actions/{vendor}/{action}"): self._arguments,
            ("POST", "/_emulator/jobs/{job}/fail"): lambda: {"message": "no"},
            ("POST", "/_emulator/webhooks/flush"): lambda: {"timeout": self._pick((0, 0.01, 601, -1))},
            ("PUT", "/_emulator/clock"): self._clock,
            ("POST", "/_emulator/clock/advance"): self._advance,
            ("PUT", "/_emulator/faults"): lambda: [self._fault() for _ in range(self._random.randrange(4))],
            ("POST", "/_emulator/faults"): self._fault,
            ("PUT", "/_emulator/limits"): self._limits,
            ("POST", "/_emulator/journal/verify"): self._verification,
        }

    def make(self) -> tuple[Route, Made]:
        """A request, and the route that it is about."""
        random = self._random
        route: Route = random.choice(ROUTES)
        method = random.choice(sorted(route.methods or ())) if random.random() < 0.96 else random.choice(_METHODS)
        path = self._path(route.path)
        if random.random() < 0.02:
            path = self._pick(
                (path + "/", path.replace("/", "//", 1), path + "/x", "/_emulator/", path[:-2], path + "%")
            )
        headers: list[Header] = []
        world = random.choice(WORLDS) if random.random() < 0.98 else random.choice(_BAD_WORLDS)
        if random.random() < 0.5:
            path = f"/_world/{quote(world, safe='')}{path}"
        else:
            headers.append((b"x-emulator-world", world.encode("latin-1")))
        body = self._body(method, route.path)
        if body and random.random() < 0.9:
            headers.append((b"content-length", b"%d" % len(body)))
        return route, Made(method, path, self._query(route.path), body, tuple(headers))

    def _path(self, template: str) -> str:
        if template.endswith("{vendor}/{action}"):
            vendor, action, self._keys = self._random.choice(self._actions)
            template = template.replace("{vendor}", vendor).replace("{action}", action)
        if template.startswith("/_emulator/scenarios/"):
            template = template.replace("{name}", self._pick(("{name}", "newsletter", "empty", "messy-list")))
        parts = [self._segment(part[1:-1]) if part.startswith("{") else part for part in template.split("/")]
        return "/".join(parts)

    def _segment(self, name: str) -> str:
        value = self.parameters[name]() if self._random.random() < 0.9 else self._pick(_TEXTS)
        return quote(str(value).encode("utf-8", "replace"), safe="")

    def _query(self, path: str) -> bytes:
        random = self._random
        known = self.queries.get(path, {})
        pairs = [(name, self._text(make)) for name, make in known.items() if random.random() < 0.25]
        if path.endswith("/wait"):  # ten seconds, if nothing is said
            pairs.append(("timeout", self._pick(("0", "0.001", "0.01", "-1", "601", "nan", "1e400", "x", ""))))
        if random.random() < 0.03:
            pairs.append((random.choice(("nope", "", "limit", "vendor")), str(self._pick(_TEXTS))))
        if random.random() < 0.01 and not path.endswith("/wait"):
            return random.choice((b"&&==;", b"%", b"\xff=\xff", b"limit", b"a[]=1", b"%ff=%00", b"body=%ff"))
        return urlencode(pairs, errors="replace").encode()

    def _text(self, make: Callable[[], object]) -> str:
        return str(make() if self._random.random() < 0.85 else self._pick(_TEXTS))

    def _body(self, method: str, path: str) -> bytes:
        random = self._random
        if random.random() < 0.04:
            return random.choice(_RAW)
        make = self.bodies.get((method, path))
        if make is None:
            return b"" if random.random() < 0.95 else json.dumps(self._junk()).encode()
        self._spoiling = random.choice((0.0, 0.0, 0.02, 0.2))
        body = json.dumps(self._spoilt(make())).encode()
        return body[: random.randrange(len(body))] if random.random() < 0.02 else body

    def _spoilt(self, value: object) -> object:
        """The same, with junk in place of one thing or another in it."""
        if self._random.random() < self._spoiling:
            return self._junk()
        if isinstance(value, dict):
            spoilt = {key: self._spoilt(each) for key, each in value.items()}
            if self._random.random() < self._spoiling:
                spoilt[self._pick(("colour", "", "id", "limit", "x" * 3000, "\ud800"))] = self._junk()
            return spoilt
        if isinstance(value, list):
            return [self._spoilt(each) for each in value]
        return value

    def _filters(self) -> dict[str, Callable[[], object]]:
        return {
            "operation": lambda: self._pick((*self._operations, "emma.*", "*.list", "[", "*")),
            "vendor": lambda: self._pick(self._vendors),
            "account": lambda: self._pick((100, "api_user", "nobody")),
            "method": lambda: self._pick(("GET", "post", "PUT")),
            "path": lambda: self._pick(("/100/members", "a")),
            "status": lambda: self._pick((200, "4xx", 999)),
            "body": lambda: self._pick(
                ("email", "email=ann@shop.test", "..email", "members[0].email", "a['b']=1", "a[*].b")
            ),
            "response": lambda: self._pick(("..code=30036", "[0]", "x")),
            "after": self._number,
            "matched": lambda: self._pick(("true", "false")),
        }

    def _some(self, makers: Mapping[str, Callable[[], object]], share: float = 0.25) -> dict[str, object]:
        return {name: make() for name, make in makers.items() if self._random.random() < share}

    def _verification(self) -> object:
        random = self._random
        counts = {"count": self._number, "at_least": self._number, "at_most": self._number}
        filters = self._filters() | {
            "body": lambda: self._pick(({"email": "ann@shop.test"}, ["email", "..x"], "email"))
        }
        expect = [self._some(filters) | self._some(counts, 0.2) for _ in range(random.randrange(4))]
        document: dict[str, object] = {"expect": expect} if random.random() < 0.7 else dict(*expect[:1])
        switches = {name: lambda: self._pick((True, False)) for name in ("in_order", "exactly")}
        return document | self._some(switches, 0.3) | ({"where": self._some(filters)} if random.random() < 0.4 else {})

    def _fault(self) -> dict[str, object]:
        return self._some(
            {
                "id": lambda: self._pick(("a", "b", "c")),
                "operation": lambda: self._pick((*self._operations, "emma.*", "*", "[")),
                "vendor": lambda: self._pick(self._vendors),
                "account": lambda: self._pick((100, "100", "shop")),
                "match": lambda: self._some(
                    {
                        "path": lambda: "members",
                        "query": lambda: self._pick(("a=1", {"a": 1, "token": "s"}, {"a": [1]})),
                        "body": lambda: self._pick(("ann", {"members": [{"email": "ann@shop.test"}]}, [1])),
                    },
                    0.5,
                ),
                "status": lambda: self._pick((400, 500, 503, 99)),
                "message": lambda: "no",
                "code": lambda: self._pick((30000, -1)),
                "delay": lambda: self._pick((0.001, [0.001, 0.002], [2, 1], 301)),
                "answer": lambda: self._pick(("reset", "empty", "truncated", "malformed", "slow", "gone")),
                "seconds": lambda: 0.001,
                "nth": self._number,
                "first": self._number,
                "probability": lambda: self._pick((0.5, 1, 0, 2)),
                "when": lambda: self._pick(("before", "after", "never")),
            },
            0.3,
        )

    def _new_world(self) -> object:
        return {"name": self.parameters["name"](), "once": self._pick((True, False))}

    def _accounts(self) -> object:
        """Part of a scenario that can be added; now and then more, which is refused."""
        document = self._scenario()
        if isinstance(document, dict) and self._random.random() < 0.9:
            return {key: value for key, value in document.items() if key in self._vendors}
        return document

    def _scenario(self) -> object:
        member = {"email": self._pick(("ann@shop.test", "no address", "")), "fields": {"first_name": "Ann"}}
        group = {"member_group_id": self._number(), "group_name": "News"}
        webhook = {"event": "member_add", "url": "http://192.0.2.1/hook?token=1", "method": "POST"}
        emma = {
            "account_id": 100,
            "members": [member],
            "groups": [group],
            "webhooks": [webhook],
            "next_ids": {"member": 9},
        }
        other = {
            "api_user": "shop",
            "tags": [{"tag_name": "vip"}],
            "members": [{"email": "ann@shop.test", "tags": ["vip"]}],
        }
        generate = {"members": self._pick((0, 3, -1)), "seed": self._number(), "percent": {"opted_out": self._number()}}
        document = self._some(
            {
                "clock": self._clock,
                "behaviours": self._choices,
                "emma": lambda: {"accounts": [self._part(emma)]},
                "engagelab": lambda: {"accounts": [self._part(other)]},
                "faults": lambda: [self._fault()],
                "limits": self._limits,
                "remarks": lambda: ["x"],
                "include": lambda: self._pick(("other.yaml", ["a"], "../../etc/passwd")),
            },
            0.35,
        )
        if self._random.random() < 0.1:
            document["emma"] = {"accounts": [{"account_id": 100, "generate": [generate], "members_from": "people.csv"}]}
        if self._random.random() < 0.1:
            files = {"shop.yaml": json.dumps(document), "people.csv": "email,first_name\nann@shop.test,Ann\n"}
            return {"scenario": self._pick(("shop.yaml", "x")), "files": files} | self._some({"folder": lambda: "a/b"})
        return document

    def _part(self, document: Mapping[str, object]) -> dict[str, object]:
        return {key: value for key, value in document.items() if self._random.random() < 0.8}

    def _arguments(self) -> object:
        known: Mapping[str, Callable[[], object]] = {
            "account": lambda: self._pick((100, "100", "api_user", "nobody")),
            **{key: lambda: self._pick((200, "201", 1024, "text", True, "2024-05-01T12:00:00Z")) for key in self._keys},
        }
        return self._some(known, 0.8)

    def _choices(self) -> dict[str, object]:
        chosen = self._random.sample(self._behaviours, self._random.randrange(3))
        return {each.id: self._pick((*each.choices, *_NUMBERS, "off")) for each in chosen}

    def _reset(self) -> object:
        scopes = ("data", "journal", "clock", "behaviours", "faults", "limits", "webhooks")
        count = self._random.randrange(len(scopes))
        return self._some({"scopes": lambda: self._random.sample(scopes, count), "clock": self._clock}, 0.6)

    def _clock(self) -> dict[str, object]:
        return {"mode": self._pick(("real", "frozen", "shifted"))} | self._some(
            {"at": lambda: self._pick(_INSTANTS)}, 0.5
        )

    def _advance(self) -> object:
        return self._some({"by": lambda: self._pick(_DURATIONS), "to": lambda: self._pick(_INSTANTS)}, 0.5)

    def _limits(self) -> dict[str, object]:
        limit = {"calls": self._number(), "seconds": self._pick(_NUMBERS)}
        return {vendor: self._pick((True, False, limit)) for vendor in self._vendors if self._random.random() < 0.7}

    def _state(self) -> object:
        return self._pick(("start", "now", "kept", "before", "state:start", "snapshot:kept", "state:x"))

    def _number(self) -> object:
        return self._pick(_NUMBERS)

    def _junk(self) -> object:
        return self._random.choice(_JUNK)

    def _pick(self, choices: Sequence[Any]) -> Any:
        return self._random.choice(choices)
