"""Clients that write without a pause, each with a model of what it was told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from random import Random
from threading import Event
from typing import Any, ClassVar

import httpx2

from tests.support import AUTH, LISTS, MEMBERS

State = dict[str, Any]
Send = Callable[[], httpx2.Response]
PAGE = 500
BAD, TWICE, SEEDS = 2, 3, 2  # rows of each import without an address, with one that comes again, of members there


class Client:
    """`known` is what answers have promised; `doubt` what else holds if the request that got no answer was obeyed.

    Everything that it writes is its own, so that the others change nothing of it.
    """

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.known: State = {}
        self.doubt: State = {}
        self.answered = 0
        self._random = Random(f"{name} {seed}")
        self._numbers = count(1)

    def open(self, url: str) -> None:
        self.http = httpx2.Client(base_url=url, headers={"Authorization": AUTH}, trust_env=False, timeout=60)

    def write_until(self, stop: Event) -> None:
        """Returns when it is told to, or when nobody is there any more."""
        while not stop.is_set():
            send, self.doubt = self.next()
            try:
                answer = send()
            except httpx2.TransportError:
                return
            assert answer.status_code in (200, 201), (self.name, answer.status_code, answer.text)
            self.known = _present(self.known | self.doubt)
            self.doubt = {}
            self.answered += 1
            self.learn(answer)

    def settle(self) -> None:
        """What is there must be what was promised, with all of the request in doubt or nothing of it."""
        there = self.look()
        before = _present(self.known)
        after = _present(self.known | self.doubt)
        assert there in (before, after), (self.name, _differences(before, there), self.doubt)
        self.known, self.doubt = dict(there), {}

    def next(self) -> tuple[Send, State]:
        """A request, and what it changes of the model; None for what is no more."""
        raise NotImplementedError

    def learn(self, answer: httpx2.Response) -> None:
        """Remember what only the answer says."""

    def look(self) -> State:
        """What is there now, in the form of the model."""
        raise NotImplementedError

    def _new(self) -> str:
        return f"{self.name}-{next(self._numbers)}"


class EmmaClient(Client):
    """Adds, changes, archives and purges members, and moves them between two groups."""

    def __init__(self, name: str, seed: int, ids: dict[int, str]) -> None:
        super().__init__(name, seed)
        self.purged: list[str] = []
        self._ids = ids
        self._id_of: dict[str, int] = {}
        self._groups: list[int] = []

    def prepare(self, groups: list[int]) -> None:
        self._groups = groups

    def next(self) -> tuple[Send, State]:
        emails = sorted(self._id_of.keys() & self.known.keys())
        if len(emails) < 5 or (len(emails) < 60 and self._random.random() < 0.4):
            return self._add()
        email = self._random.choice(emails)
        return self._random.choice([self._update, self._update, self._archive, self._purge, self._join, self._leave])(
            email
        )

    def learn(self, answer: httpx2.Response) -> None:
        body = answer.json()
        if isinstance(body, dict) and "member_id" in body:
            self._remember(self._added, body["member_id"])
        else:
            assert body, body

    def look(self) -> State:
        there: State = {}
        for row in pages(self.http, "/100/members"):
            if row["email"].startswith(f"{self.name}-"):
                self._remember(row["email"], row["member_id"])
                there[row["email"]] = (row["fields"]["first_name"], ())
        for group_id in self._groups:
            for row in pages(self.http, f"/100/groups/{group_id}/members"):
                if row["email"] in there:
                    name, groups = there[row["email"]]
                    there[row["email"]] = (name, (*groups, group_id))
        return there

    def settle(self) -> None:
        doubted = [email for email, after in self.doubt.items() if after is None]
        super().settle()
        # Whom nobody was told to be gone may be gone or not; the files are not searched for those.
        self.purged = [email for email in self.purged if email not in doubted]

    def _add(self) -> tuple[Send, State]:
        self._added = f"{self._new()}@shop.test"
        groups = tuple(sorted(self._random.sample(self._groups, self._random.randint(0, 2))))
        body = {"email": self._added, "fields": {"first_name": "new"}, "group_ids": groups}
        return lambda: self.http.post("/100/members/add", json=body), {self._added: ("new", groups)}

    def _update(self, email: str) -> tuple[Send, State]:
        name = self._new()
        path, body = self._path(email), {"fields": {"first_name": name}}
        return lambda: self.http.put(path, json=body), {email: (name, self.known[email][1])}

    def _archive(self, email: str) -> tuple[Send, State]:
        path = self._path(email)
        return lambda: self.http.delete(path), {email: None}

    def _purge(self, email: str) -> tuple[Send, State]:
        body = {"member_ids": [self._id_of[email]]}

        def send() -> httpx2.Response:
            answer = self.http.post("/100/members/purge", json=body)
            self.purged.append(email)
            return answer

        return send, {email: None}

    def _join(self, email: str) -> tuple[Send, State]:
        name, groups = self.known[email]
        joined = self._random.choice(self._groups)
        path, body = f"{self._path(email)}/groups", {"group_ids": [joined]}
        return lambda: self.http.put(path, json=body), {email: (name, tuple(sorted({*groups, joined})))}

    def _leave(self, email: str) -> tuple[Send, State]:
        name, groups = self.known[email]
        if not groups:
            return self._join(email)
        path, body = f"{self._path(email)}/groups/remove", {"group_ids": list(groups)}
        return lambda: self.http.put(path, json=body), {email: (name, ())}

    def _path(self, email: str) -> str:
        return f"/100/members/{self._id_of[email]}"

    def _remember(self, email: str, member_id: int) -> None:
        assert self._ids.setdefault(member_id, email) == email, f"{member_id} was given to two"
        self._id_of[email] = member_id


class EngageLabClient(Client):
    """Saves batches, and changes and deletes members, in an account of its own."""

    def __init__(self, name: str, seed: int) -> None:
        super().__init__(name, seed)
        self._id_of: dict[str, str] = {}

    def open(self, url: str) -> None:
        super().open(url)
        self.http.auth = (self.name, "key")

    def next(self) -> tuple[Send, State]:
        emails = sorted(self._id_of.keys() & self.known.keys())
        if len(emails) < 5 or (len(emails) < 80 and self._random.random() < 0.4):
            return self._save(self._random.sample(emails, min(3, len(emails))))
        email = self._random.choice(emails)
        path = f"{MEMBERS}/{self._id_of[email]}"
        if self._random.random() < 0.5:
            return lambda: self.http.delete(path), {email: None}
        name = self._new()
        return lambda: self.http.put(path, json={"name": name}), {email: name}

    def learn(self, answer: httpx2.Response) -> None:
        for row in answer.json().get("created_members", ()):
            self._remember(row["email"], row["member_id"])

    def look(self) -> State:
        there: State = {}
        while True:
            query = {"limit": 100, "offset": len(there)}
            page = self.http.post(f"{LISTS}/list_members", params=query, json={}).json()["result"]
            for row in page:
                self._remember(row["email"], row["member_id"])
                there[row["email"]] = row["name"]
            if len(page) < 100:
                return there

    def _save(self, emails: list[str]) -> tuple[Send, State]:
        name = self._new()
        after = dict.fromkeys([*emails, *(f"{self._new()}@shop.test" for _ in range(4))], name)
        members = [{"email": email, "name": name} for email in after]
        return lambda: self.http.post(MEMBERS, json={"members": members, "update_existing": True}), after

    def _remember(self, email: str, member_id: str) -> None:
        assert self._id_of.setdefault(email, member_id) == member_id, f"{email} has another id"


class ImportClient(Client):
    """Imports, one after the other, into account 200, where two members are from the beginning."""

    def next(self) -> tuple[Send, State]:
        size = self._random.choice([20, 100, 400])
        rows: list[dict[str, Any]] = [{"email": f"{self._new()}@shop.test"} for _ in range(size)]
        rows += [dict(row) for row in rows[:TWICE]]
        rows += [{"first_name": "nobody"}] * BAD
        rows += [{"email": f"seed-{number}@shop.test"} for number in range(SEEDS)]
        return lambda: self.http.post("/200/members", json={"members": rows}), {self._new(): size}

    def look(self) -> State:
        # Under which number an import is known is nothing that could be known before the answer.
        sizes = [row["num_members"] - TWICE - BAD - SEEDS for row in pages(self.http, "/200/members/imports")]
        names = [*self.known, *self.doubt]
        assert len(self.known) <= len(sizes) <= len(names)
        return dict(zip(names, sizes, strict=False))


class SnapshotClient(Client):
    """Adds to a world of its own, keeps its states and returns to them."""

    _AT: ClassVar[str] = "/_world/states"

    def __init__(self, name: str, seed: int) -> None:
        super().__init__(name, seed)
        self.known = {"members": ()}
        self._taken: dict[str, str] = {}

    def next(self) -> tuple[Send, State]:
        kept = sorted(self.known.keys() - {"members"})
        turn = self._random.random()
        if turn < 0.4 or (not kept and turn > 0.6):
            email = f"{self._new()}@shop.test"
            after = {"members": (*self.known["members"], email)}
            return lambda: self.http.post(f"{self._AT}/1/members/add", json={"email": email}), after
        name = self._random.choice(["s1", "s2", "S2", "s3"]) if turn < 0.6 else self._random.choice(kept)
        path = f"{self._AT}/_emulator/snapshots/{name}"
        if turn < 0.6:
            return lambda: self.http.put(path), {name: self.known["members"]}
        if turn < 0.9:
            return lambda: self.http.post(f"{path}/restore"), {"members": self.known[name]}
        return lambda: self.http.delete(path), {name: None}

    def learn(self, answer: httpx2.Response) -> None:
        body = answer.json()
        if answer.status_code == 201:
            self._taken[body["name"]] = body["at"]

    def look(self) -> State:
        there: State = {"members": self._members()}
        for each in self.http.get(f"{self._AT}/_emulator/snapshots").json()["snapshots"]:
            name = each["name"]
            # What is in it is seen in the end, and whenever it is restored.
            replaced = name in self.doubt and each["at"] != self._taken.get(name)
            there[name] = self.doubt[name] if replaced else self.known[name]
            self._taken[name] = each["at"]
        return there

    def look_into_snapshots(self) -> None:
        for name in sorted(self.known.keys() - {"members"}):
            assert self.http.post(f"{self._AT}/_emulator/snapshots/{name}/restore").status_code == 200
            assert self._members() == self.known[name]

    def _members(self) -> tuple[str, ...]:
        return tuple(row["email"] for row in pages(self.http, f"{self._AT}/1/members"))


class WorldsClient(Client):
    """Makes worlds and drops them, and chooses a behaviour in the default one."""

    def __init__(self, name: str, seed: int) -> None:
        super().__init__(name, seed)
        self.known = {"choice": "empty"}

    def next(self) -> tuple[Send, State]:
        names = sorted(self.known.keys() - {"choice"})
        turn = self._random.random()
        if turn < 0.3:
            choice = self._random.choice(["empty", "not_found"])
            body = {"emma.optout_detail_of_others": choice}
            return lambda: self.http.put("/_emulator/behaviours", json=body), {"choice": choice}
        if turn < 0.7 or not names:
            name = self._random.choice([self._new(), self._new().upper()])
            return lambda: self.http.post("/_emulator/worlds", json={"name": name}), {name: True}
        name = self._random.choice(names)
        return lambda: self.http.delete(f"/_emulator/worlds/{name}"), {name: None}

    def look(self) -> State:
        worlds = [each["name"] for each in self.http.get("/_emulator/worlds").json()["worlds"]]
        behaviours = self.http.get("/_emulator/behaviours").json()["behaviours"]
        choice = next(each["choice"] for each in behaviours if each["id"] == "emma.optout_detail_of_others")
        there = {name: True for name in worlds if name.lower().startswith(self.name)}
        return there | {"choice": choice}


class ClockClient(Client):
    """Moves the time of the default world."""

    def next(self) -> tuple[Send, State]:
        by = self._random.choice([0.1, 1, 30])
        return lambda: self.http.post("/_emulator/clock/advance", json={"by": by}), {}

    def learn(self, answer: httpx2.Response) -> None:
        self._latest = answer.json()["now"]

    def settle(self) -> None:
        assert self.http.get("/_emulator/clock").json()["now"] > getattr(self, "_latest", "")


def pages(http: httpx2.Client, path: str) -> list[dict[str, Any]]:
    """All rows of one of Emma's listings."""
    rows: list[dict[str, Any]] = []
    while True:
        page = http.get(path, params={"start": len(rows), "end": len(rows) + PAGE}).json()
        rows += page
        if len(page) < PAGE:
            return rows


def _present(state: Mapping[str, Any]) -> State:
    return {key: value for key, value in state.items() if value is not None}


def _differences(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> State:
    keys = wanted.keys() | there.keys()
    return {key: (wanted.get(key), there.get(key)) for key in keys if wanted.get(key) != there.get(key)}
