"""Where a block begins and ends, what it can be used as, and which of several holds."""

from __future__ import annotations

import asyncio
import contextvars
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
import httpcore
import httpcore2
import httpx
import pytest
import requests
import urllib3
import uvloop

from emulator import Emulator, intercept
from emulator.client import Client
from emulator.core.errors import UserError
from emulator.interception import EscapedCall
from emulator.interception.routes import ROUTES
from tests.interception.callers import AUTH, EMMA

MEMBERS = f"{EMMA}/members"

PATCHED: list[tuple[Any, str]] = [
    (socket.socket, "connect"),
    (socket.socket, "connect_ex"),
    (socket.socket, "sendto"),
    (uvloop.Loop, "getaddrinfo"),
    (uvloop.Loop, "create_connection"),
    (aiohttp.BaseConnector, "connect"),
    (urllib3.PoolManager, "connection_from_host"),
    (urllib3.ProxyManager, "connection_from_host"),
    (httpcore.ConnectionPool, "handle_request"),
    (httpcore.AsyncConnectionPool, "handle_async_request"),
    (httpcore2.ConnectionPool, "handle_request"),
    (httpcore2.AsyncConnectionPool, "handle_async_request"),
]


def call() -> int:
    return requests.get(MEMBERS, auth=AUTH, timeout=10).status_code


def count(world: Client) -> int:
    return len(world.journal.entries())


def own(owner: Any, name: str) -> Any:
    """The attribute of the class itself, not one that it inherits."""
    return vars(owner).get(name)


def in_thread(function: Callable[[], Any], context: contextvars.Context | None = None) -> Any:
    with ThreadPoolExecutor(1) as pool:
        run = contextvars.Context().run if context is None else context.run
        return pool.submit(run, function).result()


def test_leaving_puts_everything_back_even_after_an_error() -> None:
    before = [own(*each) for each in PATCHED]

    def fail() -> None:
        assert all(own(*each) is not was for each, was in zip(PATCHED, before, strict=True))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), intercept():
        fail()
    assert [own(*each) for each in PATCHED] == before
    assert not ROUTES


def test_patches_of_blocks_that_end_in_any_order_are_all_taken_away() -> None:
    before = [own(*each) for each in PATCHED]
    with Emulator() as emulator:
        blocks = [intercept(to=emulator) for _ in range(3)]
        for block in blocks:
            block.__enter__()
        for index in (1, 0, 2):
            assert call() == 200
            blocks[index].__exit__()
    assert [own(*each) for each in PATCHED] == before


def test_nothing_is_left_when_the_block_can_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [own(*each) for each in PATCHED]
    monkeypatch.setattr("emulator.interception.pools.patch", lambda: [][0])
    with pytest.raises(IndexError), intercept():
        pass
    assert [own(*each) for each in PATCHED] == before
    assert not ROUTES


def test_an_emulator_of_its_own_takes_the_settings_of_one() -> None:
    scenario = {"emma": {"accounts": [{"account_id": 100, "keys": {"a": "b"}, "members": [{"email": "a@b.test"}]}]}}
    with intercept(scenario=scenario, clock="frozen:2024-05-01T12:00:00Z", accounts="closed") as world:
        assert requests.get(MEMBERS, auth=("a", "b"), timeout=10).json()[0]["email"] == "a@b.test"
        assert call() == 401
        assert world.name == "default"
        assert world.clock.get().mode == "frozen"


def test_its_mode_can_be_chosen() -> None:
    with intercept(mode="thread") as world:
        assert world.url.startswith("http://127.0.0.1:")
        assert call() == 200
        assert count(world) == 1


def test_it_leads_to_an_emulator_a_world_or_a_url() -> None:
    with Emulator() as emulator, emulator.world("mine") as mine:
        with intercept(to=emulator) as client:
            assert client is emulator.client
            assert call() == 200
        with intercept(to=mine) as client:
            assert client is mine
            assert call() == 200
        with intercept(to=emulator.async_client.elsewhere("mine")) as client:
            assert (client.name, call()) == ("mine", 200)
        with intercept(to=emulator.url) as client:
            assert (client.name, call()) == ("default", 200)
        with intercept(to=mine.url) as client:
            assert (client.name, call()) == ("mine", 200)
        assert (count(emulator.client), count(mine)) == (2, 3)


def test_the_world_of_the_block_wins_over_the_header() -> None:
    with intercept() as world:
        requests.get(MEMBERS, auth=AUTH, headers={"X-Emulator-World": "elsewhere"}, timeout=10)
        assert count(world) == 1


def test_a_url_where_no_emulator_is_ready_is_refused() -> None:
    with pytest.raises(UserError, match="no emulator is ready at"), intercept(to="http://127.0.0.1:9"):
        pass
    with pytest.raises(UserError, match="is not running"), intercept(to=Emulator()):
        pass
    assert not ROUTES


def test_settings_belong_to_an_emulator_of_its_own() -> None:
    with pytest.raises(UserError, match="clock, accounts: settings are for an emulator of the block's own"):
        intercept(to="http://127.0.0.1:8025", clock="real", accounts="open")
    with pytest.raises(UserError, match="clcok: is no setting; did you mean clock"), intercept(clcok="real"):
        pass


def test_a_function_may_be_decorated() -> None:
    @intercept(accounts="closed")
    def ask(password: str) -> tuple[int, bool]:
        """Ask."""
        return requests.get(MEMBERS, auth=("a", password), timeout=10).status_code, bool(ROUTES)

    assert ask.__doc__ == "Ask."
    assert ask("b") == ask("b") == (401, True)
    assert not ROUTES


def test_an_async_function_may_be_decorated() -> None:
    @intercept()
    async def ask() -> int:
        await asyncio.sleep(0)
        async with httpx.AsyncClient(auth=AUTH) as client:
            return (await client.get(MEMBERS)).status_code

    assert asyncio.run(ask()) == 200
    assert not ROUTES


def test_a_block_may_be_async() -> None:
    async def ask() -> int:
        async with intercept(mode="process") as world, httpx.AsyncClient(auth=AUTH) as client:
            await client.get(MEMBERS)
            return await asyncio.to_thread(count, world)

    assert asyncio.run(ask()) == 1
    assert not ROUTES


def test_of_nested_blocks_the_inner_one_holds() -> None:
    with intercept() as outer:
        with intercept() as inner:
            call()
            in_thread(call)
            assert (count(outer), count(inner)) == (0, 2)
        call()
        in_thread(call)
        assert count(outer) == 2


def test_blocks_in_threads_beside_each_other_have_their_own_worlds() -> None:
    with Emulator() as emulator:
        both = threading.Barrier(2)

        def work(name: str) -> int:
            with emulator.world(name) as world, intercept(to=world):
                both.wait()
                for _ in range(5):
                    call()
                both.wait()
                return count(world)

        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(work, ["a", "b"])) == [5, 5]


def test_tasks_beside_each_other_have_their_own_worlds() -> None:
    async def work() -> int:
        async with intercept() as world, httpx.AsyncClient(auth=AUTH) as client:
            await asyncio.gather(*[client.get(MEMBERS) for _ in range(5)])
            return await asyncio.to_thread(count, world)

    async def both() -> list[int]:
        return list(await asyncio.gather(work(), work()))

    assert asyncio.run(both()) == [5, 5]


def test_a_thread_of_neither_block_is_not_guessed_for() -> None:
    with Emulator() as emulator, emulator.world("a") as a, emulator.world("b") as b:
        first, second = intercept(to=a), intercept(to=b)
        context = contextvars.Context()
        context.run(first.__enter__)
        with second:
            with pytest.raises(EscapedCall, match=f"interceptions into {a.url} and {b.url} are open"):
                in_thread(call)
            assert in_thread(call, context) == 200
            assert in_thread(call, contextvars.copy_context()) == 200
        assert in_thread(call) == 200
        context.run(first.__exit__)
        assert (count(a), count(b)) == (2, 1)


def test_blocks_beside_each_other_that_lead_to_the_same_world_need_no_choice() -> None:
    with Emulator() as emulator:
        first = intercept(to=emulator.url)
        contextvars.Context().run(first.__enter__)
        with intercept(to=emulator):
            assert in_thread(call) == 200
        first.__exit__()


def test_blocks_may_end_in_another_order_and_another_context_than_they_began() -> None:
    with Emulator() as emulator, emulator.world("a") as a, emulator.world("b") as b, emulator.world("c") as c:
        blocks = [intercept(to=each) for each in (a, b, c)]
        for block in blocks:
            block.__enter__()
        contextvars.Context().run(blocks[1].__exit__)
        call()
        assert in_thread(call) == 200
        contextvars.Context().run(blocks[2].__exit__)
        call()
        assert in_thread(call) == 200
        blocks[0].__exit__()
        assert [count(each) for each in (a, b, c)] == [2, 0, 2]
    assert not ROUTES


def test_a_pool_from_inside_of_a_block_reaches_nobody_after_it() -> None:
    with intercept():
        pool = urllib3.PoolManager(retries=False).connection_from_url("https://api.e2ma.net")
        assert pool.request("GET", "/100/members").status == 401
    with pytest.raises(urllib3.exceptions.ProtocolError, match="the interception is over"):
        pool.request("GET", "/100/members")


@pytest.mark.parametrize(
    ("missing", "client"),
    [
        (["httpcore", "httpcore2", "httpx", "httpx2"], "requests"),
        (["urllib3", "requests", "httpcore2", "httpx2"], "httpx"),
        (["urllib3", "requests", "httpcore", "httpx"], "httpx2"),
        (["urllib3", "requests", "httpcore", "httpcore2", "httpx", "httpx2"], None),
    ],
)
def test_it_works_with_the_libraries_that_are_there(missing: list[str], client: str | None) -> None:
    program = f"""
import socket, sys
for name in {missing!r}:
    sys.modules[name] = None
import emulator
with emulator.intercept():
    if {client!r}:
        library = __import__({client!r})
        assert library.get({MEMBERS!r}, auth=("a", "b")).status_code == 200
    try:
        socket.getaddrinfo("api.e2ma.net", 443)
    except OSError as error:
        print(type(error).__name__)
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("EscapedCall\n", "", 0)


def test_the_package_loads_nothing_of_it_before_it_is_used() -> None:
    program = "import emulator, sys; emulator.__all__; print([n for n in sys.modules if n.startswith('emulator')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "['emulator']\n"


def test_what_calls_can_not_go_into_is_refused_at_once() -> None:
    with pytest.raises(UserError, match="give an Emulator, a Client or a URL"):
        intercept(to=5)  # type: ignore[arg-type]
    with pytest.raises(UserError, match=r"write @intercept\(\) with brackets"):

        @intercept  # type: ignore[arg-type]
        def call() -> None: ...
