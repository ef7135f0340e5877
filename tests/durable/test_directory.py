"""What a start finds in the directory that an earlier one left."""

from __future__ import annotations

import stat
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.durable.directories import NOON, content, killed, opened
from tests.durable.views import views
from tests.emma.support import add, emails, group, ok, purge, update
from tests.process import running
from tests.support import MEMBERS

NAMES = ["a", "A", "a.5", "A.5", "a.0.log", "a.json", "a.new", "CON", "con.txt", "nul", "COM1", "x" * 64, "X" * 64, "0"]
SCENARIO = """
clock: {mode: frozen, at: 2024-05-01T12:00:00Z}
behaviours: {engagelab.not_found_status: "404"}
emma:
  accounts:
    - account_id: 100
      keys: {public_key: private_key, other_key: other}
      tokens: [token-of-100]
      groups: [{member_group_id: 150, group_name: Newsletter}]
      members: [{member_id: 200, email: ann@shop.test, groups: [150]}]
engagelab:
  accounts:
    - api_user: api_user
      api_key: api_key
      members: [{member_id: 6565c12a3b4e0d83d3f58ea0, email: eve@shop.test}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "worlds"


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    path = tmp_path / "shop.yaml"
    path.write_text(SCENARIO)
    return str(path)


def fill(client: TestClient) -> None:
    """Something of every kind."""
    group_id = group(client)
    member_id = add(client, "ann@shop.test", fields={"first_name": "Ann", "birthday": "1990-01-02"})
    update(client, add(client, "bob@shop.test", group_ids=[group_id]), status_to="o", email="bob2@shop.test")
    ok(client.delete(f"/100/members/{add(client, 'gone@shop.test')}"))
    ok(client.post("/100/members/signup", json={"email": "sue@shop.test", "group_ids": [group_id]}))
    ok(client.post("/100/fields", json={"shortcut_name": "shoe", "display_name": "Shoe", "field_type": "text"}))
    ok(client.post("/_emulator/actions/emma/deliver", json={"account": "100", "member_id": member_id, "mailing_id": 7}))
    rows = [{"email": f"{number}@shop.test", "first_name": "né \u2028 \x00"} for number in range(1200)]
    ok(client.post("/100/members", json={"members": [*rows, {"email": 7}, rows[0]], "group_ids": [group_id]}))
    members = [{"email": "eve@shop.test", "fields": {"Plan": "paid"}, "tags": ["vip"], "name": "Ève\n"}]
    ok(client.post(MEMBERS, json={"members": members, "update_existing": True}))
    ok(client.put("/_emulator/behaviours", json={"emma.job_progress": "manual"}))
    assert client.put("/_emulator/snapshots/before").status_code == 201
    ok(client.post("/100/members", json={"members": [{"email": "late@shop.test"}, {"email": "ann@shop.test"}]}))


def test_a_second_start_answers_byte_for_byte_as_the_first(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        fill(client)
        ok(client.post("/_emulator/clock/advance", json={"by": 0.205}))
        wanted, after_a_kill = views(client), killed(folder)
    for each in (folder, after_a_kill):
        with opened(each) as client:
            assert views(client) == wanted


def test_both_go_on_alike_after_a_restart(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        fill(client)
        ok(client.post("/_emulator/clock/advance", json={"by": 0.203}))
        twin = killed(folder)
        go_on(client)
        wanted = views(client)
    with opened(twin) as client:
        go_on(client)
        assert views(client) == wanted


def go_on(client: TestClient) -> None:
    ok(client.post("/_emulator/clock/advance", json={"by": "1h"}))
    ok(client.post("/_emulator/jobs/2/finish"))
    add(client, "new@shop.test")
    group(client, "More")
    ok(client.post("/100/members", json={"members": [{"email": "more@shop.test"}]}))
    ok(client.post(MEMBERS, json={"members": [{"email": "more@shop.test"}], "update_existing": True}))


@pytest.mark.parametrize("kill", [False, True])
def test_a_restart_returns_to_snapshots_as_they_were(folder: Path, kill: bool) -> None:
    with opened(folder, clock=NOON) as client:
        fill(client)
        ok(client.post("/_emulator/clock/advance", json={"by": "1h"}))
        purge(client, 1025)
        twin = killed(folder) if kill else folder
    with opened(twin) as client:
        add(client, "new@shop.test")
        ok(client.post("/_emulator/snapshots/before/restore"))
        ok(client.post("/_emulator/clock/advance", json={"by": "1h"}))
        result = ok(client.get("/100/members/imports/1024"))
        assert (result["status"], result["num_members_added"], result["num_duplicates"]) == ("o", 1200, 1)
        assert ok(client.get("/_emulator/clock"))["now"] == "2024-05-01T13:00:00Z"
        assert not {"new@shop.test", "bob2@shop.test", "bob@shop.test"} & set(emails(client, deleted=True))


def test_snapshots_that_were_dropped_or_replaced_are_so_after_a_restart(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        add(client, "ann@shop.test")
        for name in ("one", "two", "One"):
            client.put(f"/_emulator/snapshots/{name}")
        add(client, "bob@shop.test")
        client.put("/_emulator/snapshots/two")
        client.delete("/_emulator/snapshots/one")
        wanted, twin = client.get("/_emulator/snapshots").content, killed(folder)
    for each in (folder, twin):
        with opened(each) as client:
            assert client.get("/_emulator/snapshots").content == wanted
            ok(client.post("/_emulator/snapshots/One/restore"))
            assert emails(client) == ["ann@shop.test"]
            ok(client.post("/_emulator/snapshots/two/restore"))
            assert emails(client) == ["ann@shop.test", "bob@shop.test"]


def test_a_scenario_fills_an_empty_directory_only(tmp_path: Path, folder: Path, scenario: str) -> None:
    store = ("--store", f"tinydb:{folder}")
    with running(tmp_path, *store, "--scenario", scenario) as started:
        assert fetch(started.url, "/100/members/count-me-not").status_code == 404
        assert fetch(started.url, "/100/members/200").json()["email"] == "ann@shop.test"
        assert started.stop()[2] == ""
    with running(tmp_path, *store, "--scenario", "messy-list", "--clock", "frozen:2030-01-01T00:00:00Z") as started:
        assert fetch(started.url, "/100/members/200").json()["email"] == "ann@shop.test"
        assert fetch(started.url, "/_emulator/clock").json()["now"] == "2024-05-01T12:00:00Z"
        errors = started.stop()[2]
    assert f"{folder} holds worlds and goes on with them; passed over: --scenario, --clock" in errors
    assert errors.count("\n") == 1


def fetch(url: str, path: str) -> httpx2.Response:
    return httpx2.get(url + path, auth=("public_key", "private_key"), trust_env=False, timeout=30)


def test_a_reset_after_a_restart_returns_to_the_scenario_of_the_first_start(folder: Path, scenario: str) -> None:
    with opened(folder, scenario=(scenario,)) as client:
        wanted = views(client)
        add(client, "bob@shop.test")
        ok(client.put("/_emulator/behaviours", json={"engagelab.not_found_status": "200"}))
        twin = killed(folder)
    for each in (folder, twin):
        with opened(each) as client:
            assert views(client) != wanted
            ok(client.post("/_emulator/reset"))
            assert views(client) == wanted
            assert views(client, "/_world/new") == wanted


def test_a_reset_stays_one_after_a_kill(folder: Path, scenario: str) -> None:
    with opened(folder, scenario=(scenario,)) as client:
        add(client, "bob@shop.test")
        ok(client.post("/_emulator/reset", json={"scopes": ["data"]}))
        add(client, "cat@shop.test")
        ok(client.post("/_emulator/reset", json={"clock": {"mode": "frozen", "at": "2020-01-01T00:00:00Z"}}))
        add(client, "dan@shop.test")
        wanted, twin = views(client), killed(folder)
    with opened(twin) as client:
        assert views(client) == wanted


def test_a_state_that_was_loaded_is_there_after_a_kill(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        fill(client)
        client.put("/_emulator/snapshots/full")
        ok(client.put("/_emulator/state", content=SCENARIO))
        ok(client.post("/100/members", json={"members": [{"email": "bob@shop.test"}]}))
        wanted, twin = views(client), killed(folder)
    with opened(twin) as client:
        assert views(client) == wanted
        ok(client.post("/_emulator/snapshots/full/restore"))
        assert len(ok(client.get("/_emulator/jobs"))["jobs"]) == 2


def test_accounts_that_a_scenario_declares_keep_their_keys(folder: Path, scenario: str) -> None:
    with opened(folder, scenario=(scenario,), accounts="closed"):
        pass
    with opened(folder, accounts="closed") as client:
        for key in (("public_key", "private_key"), ("other_key", "other")):
            assert client.get("/100/members", auth=key).status_code == 200
        assert client.get("/100/members", headers={"Authorization": "Bearer token-of-100"}).status_code == 200
        assert client.get("/100/members", auth=("public_key", "wrong")).status_code == 401
        assert client.get("/101/members", auth=("public_key", "private_key")).status_code == 403
        assert client.post("/v1/marketing/lists/list_members", json={}).status_code == 200
        assert client.post("/v1/marketing/lists/list_members", json={}, auth=("api_user", "no")).status_code == 401


def test_accounts_that_came_into_being_exist_after_a_restart_with_accounts_closed(folder: Path) -> None:
    with opened(folder) as client:
        client.get("/100/members")
        wanted, twin = client.get("/_emulator/worlds").json()["worlds"][0]["accounts"], killed(folder)
    assert wanted == {"emma": ["100"], "engagelab": []}
    for each in (folder, twin):
        with opened(each, accounts="closed") as client:
            assert client.get("/_emulator/worlds").json()["worlds"][0]["accounts"] == wanted
            assert client.get("/101/members").status_code == 401


def test_worlds_keep_apart_whatever_their_names(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        for name in NAMES:
            ok(client.post(f"/_world/{name}/100/members/add", json={"email": f"{name}@shop.test"}))
        twin = killed(folder)
    lowered = [each.lower() for each in content(folder)]
    assert len(set(lowered)) == len(lowered)
    devices = {"con", "prn", "aux", "nul", "com1", "lpt1"}
    assert not devices & {each.split(".")[0] for each in lowered}
    for each in (folder, twin):
        with opened(each) as client:
            names = [world["name"] for world in client.get("/_emulator/worlds").json()["worlds"]]
            assert sorted(names) == sorted([*NAMES, "default"])
            for name in NAMES:
                rows = ok(client.get(f"/_world/{name}/100/members"))
                assert [row["email"] for row in rows] == [f"{name}@shop.test"]


def test_a_dropped_world_stays_dropped_and_its_namesakes_stay(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        for name in ("a", "A", "a.5", "b"):
            ok(client.post(f"/_world/{name}/100/members/add", json={"email": f"{name}@shop.test"}))
        assert client.delete("/_emulator/worlds/a").status_code == 200
        assert not [name for name in content(folder) if name.startswith(("a.0", "a.json"))]
        twin = killed(folder)
    for each in (folder, twin):
        with opened(each) as client:
            names = [world["name"] for world in client.get("/_emulator/worlds").json()["worlds"]]
            assert sorted(names) == ["A", "a.5", "b", "default"]


def test_a_world_that_is_made_again_has_nothing_of_the_dropped_one(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        for email in ("ann@shop.test", "bob@shop.test"):
            ok(client.post("/_world/a/100/members/add", json={"email": email}))
            client.put("/_world/a/_emulator/snapshots/s")
            assert client.delete("/_emulator/worlds/a").status_code == 200
        assert client.post("/_emulator/worlds", json={"name": "a"}).status_code == 201
        twin = killed(folder)
    for each in (folder, twin):
        with opened(each) as client:
            assert ok(client.get("/_world/a/100/members")) == []
            assert client.get("/_world/a/_emulator/snapshots").json() == {"snapshots": []}


def test_a_world_without_changes_is_known_after_a_kill(folder: Path) -> None:
    with opened(folder) as client:
        client.post("/_emulator/worlds", json={"name": "empty"})
        twin = killed(folder)
    with opened(twin) as client:
        assert "empty" in [world["name"] for world in client.get("/_emulator/worlds").json()["worlds"]]


@pytest.mark.parametrize("kill", [False, True])
def test_a_frozen_clock_stands_where_it_stood_and_a_shifted_one_has_gone_on(folder: Path, kill: bool) -> None:
    with opened(folder) as client:
        frozen, shifted = "/_world/frozen/_emulator/clock", "/_world/shifted/_emulator/clock"
        client.put(frozen, json={"mode": "frozen", "at": "2030-01-01T00:00:00Z"})
        ok(client.post(f"{frozen}/advance", json={"by": "1d"}))
        client.put(shifted, json={"mode": "shifted", "at": "2040-01-01T00:00:00Z"})
        twin = killed(folder) if kill else folder
    with opened(twin) as client:
        assert ok(client.get(frozen)) == {"mode": "frozen", "now": "2030-01-02T00:00:00Z"}
        after = ok(client.get(shifted))
        assert after["mode"] == "shifted"
        assert "2040-01-01T00:00:00.0" < after["now"] < "2040-01-01T01"
        assert ok(client.get("/_emulator/clock"))["mode"] == "real"


@pytest.mark.parametrize("kill", [False, True])
def test_jobs_that_wait_for_a_tester_still_wait_and_others_go_on(folder: Path, kill: bool) -> None:
    with opened(folder, clock=NOON) as client:
        for number, progress in enumerate(["manual", "time", "time", "time"], 1):
            ok(client.put("/_emulator/behaviours", json={"emma.job_progress": progress}))
            ok(client.post("/100/members", json={"members": [{"email": f"{number}@shop.test"}]}))
        ok(client.post("/_emulator/jobs/2/hold"))
        ok(client.post("/_emulator/jobs/3/fail", json={"message": "too many columns"}))
        wanted, twin = client.get("/_emulator/jobs").content, killed(folder) if kill else folder
    with opened(twin) as client:
        assert client.get("/_emulator/jobs").content == wanted
        ok(client.post("/_emulator/clock/advance", json={"by": "1h"}))
        assert emails(client) == ["4@shop.test"]
        ok(client.post("/_emulator/jobs/2/release"))
        ok(client.post("/_emulator/jobs/1/finish"))
        assert emails(client) == ["4@shop.test", "2@shop.test", "1@shop.test"]
        assert ok(client.get("/100/members/imports/1026"))["error_message"] == "too many columns"
        ok(client.post("/100/members", json={"members": [{"email": "5@shop.test"}]}))
        assert ok(client.get("/_emulator/jobs"))["jobs"][-1]["id"] == 5


def test_files_and_folder_are_for_their_owner_only(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        add(client)
        purge(client, add(client, "bob@shop.test"))
        add(client, "cat@shop.test")
        names = {path.name for path in folder.iterdir()}
        assert {".lock", "_start.json", "default.json", "default.1.log"} <= names
        for path in folder.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_temporary_file_of_a_killed_emulator_is_in_nobodys_way(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        add(client)
        twin = killed(folder)
    for name in ("default.json.new", "_start.json.new"):
        (twin / name).write_bytes(b'{"emul')
    with opened(twin) as client:
        assert emails(client) == ["ann@shop.test"]
        add(client, "bob@shop.test")
    assert "default.json.new" not in content(twin)


def test_a_first_start_that_was_killed_is_a_first_start_again(folder: Path, scenario: str) -> None:
    folder.mkdir()
    (folder / "_start.json.new").write_bytes(b'{"emul')
    with opened(folder, scenario=(scenario,)) as client:
        assert emails(client) == ["ann@shop.test"]


def test_a_directory_can_be_moved(folder: Path) -> None:
    with opened(folder, clock=NOON) as client:
        add(client)
    moved = folder.rename(folder.with_name("elsewhere"))
    with opened(moved) as client:
        assert emails(client) == ["ann@shop.test"]
