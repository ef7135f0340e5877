"""Calls to one account of Emma."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx2
import pytest

from contract_tests.conftest import Send

Call = Callable[..., httpx2.Response]


@pytest.fixture
def call(request: pytest.FixtureRequest, send: Send) -> Call:
    """Send a request to the account: (method, path behind the account, body)."""
    account = request.config.getoption("--account")

    def call(method: str, path: str, body: object = None) -> httpx2.Response:
        return send(method, f"/{account}{path}", None if body is None else json.dumps(body))

    return call
