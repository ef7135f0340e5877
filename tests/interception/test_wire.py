"""The socket that is none, where a library can not bring it about."""

from __future__ import annotations

import http.client
from typing import Any

import pytest

from emulator.client import Client
from emulator.client.exchange import Exchange, Reply, Request
from emulator.interception.routes import Route
from emulator.interception.wire import Wire


class Fixed(Exchange):
    """Always the same reply."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.requests: list[Request] = []

    def send(self, request: Request) -> Reply:
        self.requests.append(request)
        return self.reply

    async def send_async(self, request: Request) -> Reply:
        raise NotImplementedError


def ask(sent: bytes, reply: Reply, method: str = "GET") -> tuple[Fixed, http.client.HTTPResponse]:
    """What comes of these bytes."""
    exchange = Fixed(reply)
    wire: Any = Wire(Route(Client(world="mine", exchange=exchange), None))  # as much of a socket as is needed
    wire.sendall(sent)
    response = http.client.HTTPResponse(wire, method=method)
    response.begin()
    return exchange, response


def test_a_request_gets_the_prefix_of_its_world_and_loses_its_framing() -> None:
    head = b"POST /100/members/add?a=b HTTP/1.1\r\nHost: api.e2ma.net\r\nTransfer-Encoding: chunked\r\n\r\n"
    sent = head + b"2\r\n{}\r\n0\r\n\r\n"
    exchange, response = ask(sent, Reply(200, [("x-mine", "1"), ("transfer-encoding", "chunked")], b"[]"))
    request = exchange.requests[0]
    assert (request.method, request.target) == ("POST", "/_world/mine/100/members/add?a=b")
    assert request.headers == [("Host", "api.e2ma.net"), ("Content-Length", "2")]
    assert request.body == b"{}"
    assert (response.status, response.reason, response.read()) == (200, "OK", b"[]")
    assert response.getheaders() == [("x-mine", "1"), ("content-length", "2"), ("connection", "close")]


def test_a_whole_url_as_proxies_get_it_becomes_a_path() -> None:
    for url, path in (("http://api.e2ma.net/100?a", "/100?a"), ("http://api.e2ma.net", "/")):
        exchange, _ = ask(f"GET {url} HTTP/1.1\r\nHost: api.e2ma.net\r\n\r\n".encode(), Reply(200, [], b""))
        assert exchange.requests[0].target == f"/_world/mine{path}"


def test_the_answer_to_head_says_how_long_it_would_be() -> None:
    reply = Reply(200, [("content-length", "9")], b"123456789")
    _, response = ask(b"HEAD / HTTP/1.1\r\nHost: api.e2ma.net\r\n\r\n", reply, "HEAD")
    assert (response.getheader("content-length"), response.read()) == ("9", b"")


def test_a_status_without_a_name_is_passed_on() -> None:
    _, response = ask(b"GET / HTTP/1.1\r\nHost: api.e2ma.net\r\n\r\n", Reply(599, [], b"no"))
    assert (response.status, response.reason, response.read()) == (599, "", b"no")


def test_what_is_no_http_is_refused_as_a_server_refuses_it() -> None:
    exchange, response = ask(b"GET / HTTP/1.1\r\n\r\n", Reply(200, [], b""))
    assert response.status == 400
    assert not exchange.requests


def test_a_request_whose_end_is_missing_gets_no_answer() -> None:
    with pytest.raises(TimeoutError):
        ask(b"POST / HTTP/1.1\r\nHost: api.e2ma.net\r\nContent-Length: 3\r\n\r\n{}", Reply(200, [], b""))
