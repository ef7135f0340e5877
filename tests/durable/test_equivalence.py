"""Whatever is called, and however often the emulator is stopped or killed meanwhile: a kept world answers as one in
memory does.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from starlette.testclient import TestClient

from emulator import create_app
from emulator.app import EmulatorApp
from emulator.core.world import SCOPES
from emulator.settings import Settings
from tests.emma.calls import START, Call, calls, import_row
from tests.emma.support import AUTH as EMMA
from tests.emma.support import FIELDS, GROUPS, MEMBERS
from tests.emma.telling import NOWHERE, WEBHOOKS
from tests.stores import kill
from tests.support import AUTH as ENGAGELAB
from tests.support import LISTS
from tests.support import MEMBERS as CONTACTS

NOW = {"mode": "frozen", "at": "2024-05-01T12:00:00Z"}
BEHAVIOURS = {
    "emma.job_progress": ["immediate", "time", "manual"],
    "emma.deletion": ["archive", "erase"],
    "emma.purge_by_id": ["any", "archived"],
    "engagelab.not_found_status": ["200", "400", "404"],
}
SCENARIO = """
engagelab: {accounts: [{api_user: api_user, tags: [{tag_id: 6565c12a3b4e0d83d3f50001, tag_name: vip}]}]}
emma: {accounts: [{account_id: 100, groups: [{group_name: First}], members: [{email: eve@shop.test, groups: [1024]}]}]}
"""

names = st.sampled_from(["one", "two"])
worlds = st.sampled_from(["default", "Other"])
contact = st.fixed_dictionaries(
    {"email": st.sampled_from(["ann@shop.test", "Ann@shop.test", "bob@shop.test", "broken"])},
    optional={
        "name": st.sampled_from(["Ann", "Zoë", ""]),
        "tags": st.lists(st.sampled_from(["vip", "new"]), max_size=2, unique=True),
        "fields": st.fixed_dictionaries({}, optional={"Age": st.just("31"), "Shoes": st.sampled_from(["42", ""])}),
    },
)
controls = st.one_of(
    st.builds(lambda name: ("PUT", f"snapshots/{name}", None), names),
    st.builds(lambda name: ("POST", f"snapshots/{name}/restore", None), names),
    st.builds(lambda name: ("DELETE", f"snapshots/{name}", None), names),
    st.just(("PUT", "state", SCENARIO)),
    st.sampled_from([*BEHAVIOURS]).flatmap(
        lambda each: st.builds(lambda choice: ("PUT", "behaviours", {each: choice}), st.sampled_from(BEHAVIOURS[each]))
    ),
    st.builds(
        lambda scopes: ("POST", "reset", {"scopes": scopes, "clock": NOW}),
        st.lists(st.sampled_from(SCOPES), unique=True),
    ),
    st.builds(
        lambda job, verb: ("POST", f"jobs/{job}/{verb}", {}),
        st.integers(1, 3),
        st.sampled_from(["finish", "fail", "hold", "release"]),
    ),
)
READS = (
    f"{MEMBERS}?deleted=true",
    f"{GROUPS}?group_types=all",
    f"{FIELDS}?deleted=true",
    WEBHOOKS,
    f"{MEMBERS}/imports",
    f"{MEMBERS}/imports/1024/members?all=true",
    f"{GROUPS}/1024/members?deleted=true",
    f"{MEMBERS}/1024/mailings",
    "/_emulator/jobs",
    "/_emulator/mail",
    "/_emulator/snapshots",
    "/_emulator/clock",
)


def app_of(client: TestClient) -> EmulatorApp:
    assert isinstance(client.app, EmulatorApp)
    return client.app


class BothStores(RuleBasedStateMachine):
    """Sends the same to both, and compares what they answer."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.memory = TestClient(create_app(Settings(clock=NOW)))
        self.disk = self.opened()

    def opened(self) -> TestClient:
        clock = None if any(self.folder.iterdir()) else NOW
        return TestClient(create_app(Settings(store=str(self.folder), clock=clock)))

    def both(self, method: str, path: str, world: str = "default", auth: str = EMMA, **body: Any) -> None:
        answers = [
            client.request(method, f"/_world/{world}{path}", headers={"Authorization": auth}, **body)
            for client in (self.memory, self.disk)
        ]
        assert [answers[1].status_code, answers[1].text] == [answers[0].status_code, answers[0].text], (method, path)

    def same_everywhere(self) -> None:
        for world in ("default", "Other"):
            for path in READS:
                self.both("GET", path, world)
            self.both("POST", f"{LISTS}/list_members?limit=100", world, ENGAGELAB, json={})

    @rule(world=worlds)
    def begin(self, world: str) -> None:
        for call in START:
            self.emma(call, world)

    @rule(made=calls, world=worlds)
    def several(self, made: list[Call], world: str) -> None:
        for call in made[len(START) :]:
            self.emma(call, world)

    @rule(rows=st.lists(import_row, min_size=1, max_size=5), world=worlds)
    def begin_an_import(self, rows: list[Any], world: str) -> None:
        self.emma(Call("POST", MEMBERS, {"members": rows, "group_ids": [1024]}), world)

    @rule(status=st.sampled_from("ao"), world=worlds)
    def begin_a_removal(self, status: str, world: str) -> None:
        self.emma(Call("DELETE", f"{GROUPS}/1024/members/remove?member_status_id={status}"), world)

    @rule(event=st.sampled_from(["member_add", "member_delete", "import_finish"]), world=worlds)
    def declare_a_webhook(self, event: str, world: str) -> None:
        self.emma(Call("POST", WEBHOOKS, {"event": event, "url": NOWHERE}), world)

    @rule(number=st.integers(1024, 1025), body=st.sampled_from([None, {"method": "get"}, {"url": "broken"}]))
    def change_a_webhook(self, number: int, body: dict[str, str] | None) -> None:
        self.emma(Call("DELETE" if body is None else "PUT", f"{WEBHOOKS}/{number}", body), "default")

    @rule(member_id=st.integers(1024, 1026), world=worlds)
    def purge(self, member_id: int, world: str) -> None:
        self.emma(Call("POST", f"{MEMBERS}/purge", {"member_ids": [member_id]}), world)

    @rule(by=st.sampled_from([0.1, 0.3, 5]), world=worlds)
    def pass_time(self, by: float, world: str) -> None:
        self.both("POST", "/_emulator/clock/advance", world, json={"by": by})

    def emma(self, call: Call, world: str) -> None:
        self.both(call.method, call.path, world, **({} if call.body is None else {"json": call.body}))

    @rule(contacts=st.lists(contact, min_size=1, max_size=3), world=worlds)
    def save_contacts(self, contacts: list[dict[str, Any]], world: str) -> None:
        body = {"members": contacts, "update_existing": True}
        self.both("POST", CONTACTS, world, ENGAGELAB, json=body)

    @rule(control=controls, world=worlds)
    def control(self, control: tuple[str, str, Any], world: str) -> None:
        method, path, body = control
        content = {"content": body} if isinstance(body, str) else {"json": body}
        self.both(method, f"/_emulator/{path}", world, **content)

    @rule()
    def drop_a_world(self) -> None:
        self.both("DELETE", "/_emulator/worlds/Other")

    @rule()
    def killed(self) -> None:
        kill(app_of(self.disk))
        self.disk = self.opened()
        self.same_everywhere()

    @rule()
    def stopped(self) -> None:
        app_of(self.disk).close()
        assert not [path.name for path in self.folder.iterdir() if path.suffix not in ("", ".json")]
        self.disk = self.opened()
        self.same_everywhere()

    def teardown(self) -> None:
        self.same_everywhere()
        app_of(self.disk).close()
        shutil.rmtree(self.folder)


TestBothStores = BothStores.TestCase
TestBothStores.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
