"""The same call by every client that `intercept` knows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx
import httpx2
import requests
import urllib3

AUTH = ("public_key", "private_key")
EMMA = "https://api.e2ma.net/100"
ENGAGELAB = "https://email.api.engagelab.cc/v1/marketing/lists"


class Answer(NamedTuple):
    """What a client got."""

    status: int
    body: Any


Caller = Callable[..., Answer]


def by_requests(method: str, url: str, **options: Any) -> Answer:
    response = requests.request(method, url, auth=AUTH, timeout=options.pop("timeout", 10), **options)
    return Answer(response.status_code, response.json())


def by_urllib3(method: str, url: str, **options: Any) -> Answer:
    headers = urllib3.make_headers(basic_auth=":".join(AUTH))
    response = urllib3.PoolManager(headers=headers).request(method, url, retries=False, **options)
    return Answer(response.status, json.loads(response.data))


def by_httpx(method: str, url: str, **options: Any) -> Answer:
    with httpx.Client(auth=AUTH) as client:
        response = client.request(method, url, **options)
    return Answer(response.status_code, response.json())


def by_httpx2(method: str, url: str, **options: Any) -> Answer:
    with httpx2.Client(auth=AUTH) as client:
        response = client.request(method, url, **options)
    return Answer(response.status_code, response.json())


def by_async_httpx(method: str, url: str, **options: Any) -> Answer:
    async def call() -> httpx.Response:
        async with httpx.AsyncClient(auth=AUTH) as client:
            return await client.request(method, url, **options)

    response = asyncio.run(call())
    return Answer(response.status_code, response.json())


def by_async_httpx2(method: str, url: str, **options: Any) -> Answer:
    async def call() -> httpx2.Response:
        async with httpx2.AsyncClient(auth=AUTH) as client:
            return await client.request(method, url, **options)

    response = asyncio.run(call())
    return Answer(response.status_code, response.json())


CALLERS: list[Caller] = [by_requests, by_urllib3, by_httpx, by_httpx2, by_async_httpx, by_async_httpx2]
