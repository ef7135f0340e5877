"""Tens of thousands of control requests that nobody thought of: no internal error, no hang, no traceback."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter

import pytest

from emulator import create_app
from emulator.app import EmulatorApp
from emulator.control.routes import ROUTES
from emulator.settings import Settings
from tests.generated import BASIC, Made, exchange
from tests.generated_control import WORLDS, ControlRequests

REQUESTS = 30_000
PER_TRAFFIC = 200
LONGEST = 20.0  # seconds for one request


async def make_traffic(app: EmulatorApp, number: int) -> None:
    """Something to look at: members, an import, deliveries, and what met no operation."""
    for world in WORLDS:
        headers = ((b"x-emulator-world", world.encode()), (b"authorization", BASIC))
        await exchange(app, Made("DELETE", "/_emulator/faults", b"", b"", headers))
        for path, document in (
            ("/100/webhooks", {"event": "member_add", "url": "http://192.0.2.1/hook?token=1"}),
            ("/100/members/add", {"email": f"p{number}@shop.test"}),
            ("/100/members", {"members": [{"email": "ann@shop.test"}]}),
            ("/v1/marketing/lists/members", {"members": [{"email": "ann@shop.test"}]}),
            ("/100/nowhere", {}),
        ):
            body = json.dumps(document).encode()
            await exchange(app, Made("POST", path, b"", body, (*headers, (b"content-length", b"%d" % len(body)))))


async def all_requests() -> Counter[tuple[str, int]]:
    """How often each route answered with which status."""
    app = create_app(Settings(journal_entries=50, max_worlds=6, scenario=("emma-documentation",)), ca=b"a certificate")
    requests = ControlRequests(app.state.worlds.vendors, seed=7)
    statuses: Counter[tuple[str, int]] = Counter()
    for number in range(REQUESTS):
        if number % PER_TRAFFIC == 0:
            await asyncio.wait_for(make_traffic(app, number), LONGEST)
        route, made = requests.make()
        try:
            status, body = await asyncio.wait_for(exchange(app, made), LONGEST)
        except TimeoutError:
            pytest.fail(f"no answer to {made}")
        assert status != 500, (made, body)
        if status >= 400:
            assert "error" in json.loads(body), (made, body)
        statuses[route.path, status] += 1
    return statuses


def test_no_control_request_meets_an_internal_error_a_hang_or_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    statuses = asyncio.run(all_requests())
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    # They are no proof of anything if all were refused at the door.
    for route in ROUTES:
        assert sum(count for (path, status), count in statuses.items() if path == route.path and status < 300), (
            route.path
        )
    assert sum(count for (_, status), count in statuses.items() if status < 300) > REQUESTS / 3
    assert sum(count for (_, status), count in statuses.items() if status == 400) > REQUESTS / 20
