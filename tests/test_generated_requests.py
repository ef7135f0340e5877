"""A hundred thousand requests that nobody thought of: no internal error, and no memory that does not come back."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections import Counter

import msgspec

from emulator import create_app
from emulator.app import EmulatorApp
from emulator.settings import Settings
from tests.generated import WORLDS, Made, Requests, exchange

ROUNDS = 10
PER_ROUND = 10_000
PER_RESET = 250
WARM = 3
"""Rounds after which caches are as full as they get."""
MOST_GROWTH = 2000
"""Blocks of the memory allocator: a leak of one object in fifty requests would be 1400 over the rounds that count."""


async def control(app: EmulatorApp, world: bytes, method: str, path: str, body: object = None) -> tuple[int, bytes]:
    content = b"" if body is None else msgspec.json.encode(body)
    length = (b"content-length", b"%d" % len(content))
    return await exchange(app, Made(method, path, b"", content, ((b"x-emulator-world", world), length)))


async def one_round(app: EmulatorApp, requests: Requests, number: int, hosts: Counter[bytes]) -> Counter[int]:
    """Statuses of the requests, whose hosts are counted; every world is as at the start in the end."""
    statuses: Counter[int] = Counter()
    for index in range(PER_ROUND):
        if index % PER_RESET == 0:  # or soon nothing would be left, since they purge and delete
            for world in WORLDS:
                await control(app, world, "POST", "/_emulator/reset", {"scopes": ["data"]})
        made = requests.make()
        status, body = await exchange(app, made)
        assert status != 500, (made, body)
        hosts[made.headers[0][1]] += status == 200
        statuses[status] += 1
    # Other choices take other ways through the rules.
    declared = app.state.worlds.start.behaviours.declared.values()
    chosen = {each.id: each.choices[number % len(each.choices)] for each in declared if each.choices}
    for world in WORLDS:
        for method, path in (("GET", "/_emulator/journal"), ("GET", "/_emulator/advice")):
            status, body = await control(app, world, method, path)
            assert status == 200, body
        assert (await control(app, world, "POST", "/_emulator/reset", {}))[0] == 200
        for behaviour, choice in chosen.items():
            status, body = await control(app, world, "PUT", "/_emulator/behaviours", {behaviour: choice})
            assert status in (200, 409), body
    return statuses


async def all_rounds() -> tuple[Counter[int], Counter[bytes], list[int]]:
    app = create_app(Settings(journal_entries=100, scenario=("emma-documentation", "engagelab-documentation")))
    requests = Requests(app.state.worlds.vendors, seed=5)
    statuses: Counter[int] = Counter()
    hosts: Counter[bytes] = Counter()
    blocks = []
    for number in range(ROUNDS):
        statuses += await one_round(app, requests, number, hosts)
        for world in WORLDS:
            await control(app, world, "POST", "/_emulator/reset", {"scopes": ["data", "journal"]})
        gc.collect()
        blocks.append(sys.getallocatedblocks())
    return statuses, hosts, blocks


def test_a_hundred_thousand_requests_meet_no_internal_error_and_leave_no_memory_behind() -> None:
    statuses, hosts, blocks = asyncio.run(all_rounds())
    assert sum(statuses.values()) == 100_000
    # They are no proof of anything if all were refused at the door.
    assert statuses[200] > 25_000
    assert statuses[400] > 5_000
    assert statuses[404] > 5_000
    assert statuses[401] > 500
    for vendor, least in ((b"e2ma", 20_000), (b"engagelab", 2_000)):
        assert sum(count for host, count in hosts.items() if vendor in host) > least, hosts
    assert max(blocks[WARM:]) - blocks[WARM - 1] < MOST_GROWTH, blocks
