"""`Emulator`: one for as long as a block lasts, however it runs."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx2
import pytest

from emulator import Emulator
from emulator.client import Unreachable
from emulator.core.errors import UserError
from emulator.hosting.hosted import MODES, Mode
from tests.process import environment

AUTH = ("public_key", "private_key")
ANN = {"emma": {"accounts": [{"account_id": 100, "members": [{"member_id": 7, "email": "ann@shop.test"}]}]}}
each_mode = pytest.mark.parametrize("mode", MODES)
each_socket = pytest.mark.parametrize("mode", ["thread", "process"])


def client_of(emulator: Emulator, **more: Any) -> httpx2.Client:
    if emulator.mode == "in-process":
        more["transport"] = emulator.transport
    return httpx2.Client(base_url=emulator.url, auth=AUTH, trust_env=False, **more)


@each_mode
def test_it_answers_inside_of_its_block_and_no_longer(mode: Mode) -> None:
    with Emulator(mode=mode) as emulator, client_of(emulator) as client:
        assert client.post("/100/members/add", json={"email": "ann@shop.test"}).json()["added"]
        control = emulator.client
    if mode != "in-process":
        with pytest.raises(Unreachable):
            control.clock.get()
    with pytest.raises(UserError, match="is not running"):
        _ = emulator.url


@each_mode
def test_it_takes_what_a_start_can_be_told(mode: Mode) -> None:
    with Emulator(
        mode=mode,
        scenario=[ANN, "engagelab-documentation"],
        clock="frozen:2024-05-01T12:00:00Z",
        behaviours={"emma.paging_end": "inclusive", "emma.job_units_per_second": 50},
        accounts="closed",
        max_worlds=2,
    ) as emulator:
        world = emulator.client
        assert world.clock.get().now.year == 2024
        chosen = {each.id: each.choice for each in world.behaviours.all()}
        assert (chosen["emma.paging_end"], chosen["emma.job_units_per_second"]) == ("inclusive", "50")
        assert world.worlds.all()[0].accounts["emma"] == ["100"]
        with client_of(emulator) as client:
            assert client.get("/100/members").status_code == 401
        with emulator.world(), pytest.raises(UserError, match="2 worlds already"), emulator.world():
            pass


@each_mode
def test_what_can_not_be_is_one_line(mode: Mode) -> None:
    for settings, words in (
        ({"scenario": "nothing"}, "'nothing' is unknown"),
        ({"clock": "noon"}, "--clock: 'noon' is not valid"),
        ({"behaviours": {"emma.no": "x"}}, "emma.no"),
        ({"ready_file": "x"}, "ready_file: leave it out"),
        ({"scenari": "x"}, "scenari: is no setting; did you mean scenario?"),
    ):
        with pytest.raises(UserError, match=words) as error, Emulator(mode=mode, **settings):
            pass
        assert "\n" not in str(error.value)


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for mode in ("thread", "process"):
            with pytest.raises(UserError, match="can not listen on"), Emulator(mode=mode, port=taken.getsockname()[1]):
                pass


@each_mode
def test_worlds_of_a_block_are_dropped_with_it_and_share_nothing(mode: Mode) -> None:
    with Emulator(mode=mode) as emulator, client_of(emulator) as client:
        with emulator.world() as one, emulator.world("mine") as other:
            client.post(f"{one.url}/100/members/add", json={"email": "ann@shop.test"})
            assert client.get(f"{other.url}/100/members").json() == []
            assert other.name == "mine"
            assert len(emulator.client.worlds.all()) == 3
        assert [world.name for world in emulator.client.worlds.all()] == ["default"]


@each_mode
def test_a_block_may_drop_its_world_itself(mode: Mode) -> None:
    with Emulator(mode=mode) as emulator, emulator.world() as world:
        world.worlds.drop(world.name)


@each_mode
def test_what_goes_wrong_in_a_block_is_not_hidden_by_an_emulator_that_has_ended(mode: Mode) -> None:
    def block(emulator: Emulator) -> None:
        with emulator.world():
            emulator.close()
            raise LookupError("of the block")

    with Emulator(mode=mode) as emulator, pytest.raises(LookupError, match="of the block"):
        block(emulator)


@each_mode
def test_a_block_with_an_event_loop_has_a_world_of_its_own(mode: Mode) -> None:
    async def go() -> None:
        async with Emulator(mode=mode) as emulator:
            async with emulator.async_world() as world:
                await world.seed(ANN)
                names = [each.name for each in await world.worlds.all()]
                assert names == ["default", world.name]
            with pytest.raises(LookupError, match="of the block"):
                async with emulator.async_world("mine"):
                    raise LookupError("of the block")
            assert [each.name for each in await emulator.async_client.worlds.all()] == ["default"]

    asyncio.run(go())


@each_mode
@pytest.mark.parametrize("after", [0.0, 0.05, 2.0])
def test_a_start_that_is_cancelled_leaves_nothing_running(mode: Mode, after: float) -> None:
    emulator = Emulator(mode=mode, scenario="messy-list")
    closed = emulator.close
    ended: list[str] = []

    def close() -> None:
        if emulator._hosted is not None:
            ended.append(emulator.url)
        closed()

    emulator.close = close  # type: ignore[method-assign] # to see that it was called

    async def go() -> None:
        starting = asyncio.ensure_future(emulator.__aenter__())
        await asyncio.sleep(after)
        if starting.done():
            await emulator.__aexit__()
        else:
            starting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await starting

    asyncio.run(go())
    with pytest.raises(UserError, match="is not running"):
        _ = emulator.client
    assert after == 0 or len(ended) == 1


@each_mode
def test_worlds_on_disk_go_on_at_the_next_start(mode: Mode, tmp_path: Path) -> None:
    for expected in (0, 1):
        with Emulator(mode=mode, store=f"tinydb:{tmp_path / 'kept'}") as emulator, client_of(emulator) as client:
            assert len(client.get("/100/members").json()) == expected
            client.post("/100/members/add", json={"email": "ann@shop.test"})


@each_mode
def test_faults_are_what_a_client_meets_on_a_socket(mode: Mode) -> None:
    with Emulator(mode=mode) as emulator, client_of(emulator) as client:
        faults = emulator.client.faults
        faults.replace({"operation": "*", "answer": "reset"})
        with pytest.raises(httpx2.ReadError):
            client.get("/100/members")
        faults.replace({"operation": "*", "answer": "empty"})
        with pytest.raises(httpx2.RemoteProtocolError):
            client.get("/100/members")
        faults.replace({"operation": "*", "answer": "truncated"})
        with pytest.raises(httpx2.RemoteProtocolError):
            client.get("/100/members")
        faults.replace({"operation": "*", "delay": 5})
        with pytest.raises(httpx2.ReadTimeout):
            client.get("/100/members", timeout=0.1)
        faults.replace({"operation": "emma.members.add", "answer": "reset", "when": "after"})
        with pytest.raises(httpx2.ReadError):
            client.post("/100/members/add", json={"email": "ann@shop.test"})
        assert len(client.get("/100/members").json()) == 1


@each_mode
def test_a_client_that_went_away_is_journalled_as_such(mode: Mode) -> None:
    with Emulator(mode=mode) as emulator, client_of(emulator) as client:
        emulator.client.faults.add(operation="*", delay=60)
        with pytest.raises(httpx2.ReadTimeout):
            client.get("/100/members", timeout=0.1)
        seen = emulator.client.wait(timeout=10)
        assert emulator.client.journal.entry(seen.entries[0]).status is None


@each_mode
def test_code_with_an_event_loop_can_use_it(mode: Mode) -> None:
    async def go() -> None:
        async with Emulator(mode=mode, clock="frozen") as emulator:
            transport = {"transport": emulator.transport} if mode == "in-process" else {}
            async with httpx2.AsyncClient(base_url=emulator.url, auth=AUTH, trust_env=False, **transport) as client:
                answers = await asyncio.gather(*(client.get("/100/members") for _ in range(20)))
            assert {answer.status_code for answer in answers} == {200}
            assert (await emulator.async_client.verify(count=20)).ok

    asyncio.run(go())


@each_mode
def test_many_threads_can_use_it_at_once(mode: Mode) -> None:
    with Emulator(mode=mode) as emulator:
        added: list[int] = []

        def add(number: int) -> None:
            with client_of(emulator) as client:
                for each in range(10):
                    body = {"email": f"m{number}-{each}@shop.test"}
                    added.append(client.post("/100/members/add", json=body).json()["member_id"])

        threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(added)) == 80


@each_socket
def test_it_speaks_tls_and_says_whom_to_trust(mode: Mode) -> None:
    with Emulator(mode=mode, tls=True) as emulator:
        assert emulator.url.startswith("https://")
        trust = ssl.create_default_context(cafile=emulator.ca)
        with client_of(emulator, verify=trust) as client:
            assert client.get("/100/members").status_code == 200
        assert emulator.client.clock.get().mode == "real"
        ca = Path(str(emulator.ca))
        assert ca.exists()
    assert not ca.exists()


def test_one_without_a_socket_speaks_no_tls() -> None:
    with pytest.raises(UserError, match="speaks no TLS"), Emulator(mode="in-process", tls=True):
        pass


@each_socket
def test_one_with_a_socket_has_no_transport(mode: Mode) -> None:
    with Emulator(mode=mode) as emulator, pytest.raises(UserError, match="has a url"):
        _ = emulator.transport


def test_one_without_a_socket_opens_none() -> None:
    code = """
import socket
socket.socket.bind = socket.socket.connect = None
import httpx2
from emulator import Emulator
with Emulator(mode="in-process") as emulator:
    with httpx2.Client(transport=emulator.transport, base_url=emulator.url, auth=("a", "b")) as client:
        assert client.get("/100/members").json() == []
    assert emulator.client.verify(count=1).ok
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment())
    assert (done.returncode, done.stderr) == (0, "")


@each_mode
def test_with_a_token_its_own_client_brings_it(mode: Mode) -> None:
    token = "correct-horse-battery"
    with Emulator(mode=mode, control_token=token) as emulator:
        assert emulator.client.clock.get().mode == "real"
        with client_of(emulator) as client:
            assert client.get("/_emulator/clock").status_code == 401


def test_its_access_log_shows_no_credentials(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "uvicorn.access")
    with Emulator(access_log=True) as emulator, client_of(emulator) as client:
        client.get("/100/members?api_key=secret-one&token=secret-two")
    assert "/100/members?" in caplog.text
    assert "secret" not in caplog.text


def test_a_process_that_was_killed_is_told_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    before = subprocess.Popen.__init__

    def note(self: Any, *arguments: Any, **more: Any) -> None:
        started.append(self)
        before(self, *arguments, **more)

    monkeypatch.setattr(subprocess.Popen, "__init__", note)
    emulator = Emulator(mode="process")
    emulator.start()
    started[0].kill()
    started[0].wait()
    with pytest.raises(UserError, match="process had ended with -9"):
        emulator.close()


def test_settings_of_another_emulator_in_the_environment_do_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMULATOR_SCENARIO", "nothing")
    monkeypatch.setenv("EMULATOR_CLOCK", "frozen:2020-01-01")
    for mode in MODES:
        with Emulator(mode=mode) as emulator:
            assert emulator.client.clock.get().mode == "real"


@each_mode
def test_a_call_that_comes_too_late_does_not_bring_its_world_back(mode: Mode) -> None:
    with Emulator(mode=mode) as emulator, client_of(emulator) as client:
        with emulator.world() as world:
            pass
        assert client.get(f"{world.url}/100/members").status_code == 404
        assert [each.name for each in emulator.client.worlds.all()] == ["default"]
