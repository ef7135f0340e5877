from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.call import Call, ClientGone, Message, read_body, send_answer
from emulator.core.errors import TooLarge
from emulator.core.journal import HEADER_KEPT
from emulator.core.vendor import Answer
from tests.core.caller import scope


def call(path: str, *headers: tuple[bytes, bytes]) -> Call:
    return Call(scope("GET", path.encode(), *headers))


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("/", [""]),
        ("/a/b", ["a", "b"]),
        ("/a/", ["a", ""]),
        ("/a%2Fb/c", ["a/b", "c"]),
        ("/ann+1@shop.test", ["ann+1@shop.test"]),
        ("/ann%2B1%40shop.test", ["ann+1@shop.test"]),
        ("/caf%C3%A9", ["café"]),
        ("/%252F", ["%2F"]),
    ],
)
def test_a_path_is_split_before_it_is_decoded(path: str, segments: list[str]) -> None:
    assert call(path).segments == segments


def test_a_server_without_a_raw_path_is_served_from_the_decoded_one() -> None:
    decoded = {**scope("GET", b"/caf"), "path": "/café 1", "raw_path": None}
    assert Call(decoded).segments == ["café 1"]
    assert Call(decoded).path == "/caf%C3%A9%201"


def test_no_world_named_is_the_default_world() -> None:
    assert call("/acme").world == "default"


@pytest.mark.parametrize(
    ("path", "rest"),
    [("/_world/blue/acme/a%2Fb", "/acme/a%2Fb"), ("/_world/blue/", "/"), ("/_world/blue", "/")],
)
def test_a_world_in_the_path_is_taken_out_of_it(path: str, rest: str) -> None:
    assert (call(path).world, call(path).path) == ("blue", rest)


def test_a_world_in_the_path_is_percent_decoded() -> None:
    assert call("/_world/a%20b/acme").world == "a b"


def test_a_bare_world_prefix_names_no_world() -> None:
    assert call("/_world").segments == ["_world"]


def test_a_world_may_be_named_by_a_header() -> None:
    assert call("/acme", (b"x-emulator-world", b"blue")).world == "blue"


def test_the_path_wins_over_the_header() -> None:
    assert call("/_world/red/acme", (b"x-emulator-world", b"blue")).world == "red"


@pytest.mark.parametrize(
    ("header", "masked"),
    [
        ((b"authorization", b"Basic YW5uOnNlY3JldA=="), b"Basic ***"),
        ((b"authorization", b"YW5uOnNlY3JldA=="), b"***"),
        ((b"proxy-authorization", b"Bearer secret"), b"Bearer ***"),
        ((b"cookie", b"session=secret; a=b"), b"***"),
        ((b"x-api-key", b"secret"), b"***"),
    ],
)
def test_kept_headers_hold_no_secrets(header: tuple[bytes, bytes], masked: bytes) -> None:
    assert call("/", header).headers == [(header[0], masked)]


def test_no_word_of_an_api_key_is_kept() -> None:
    assert call("/", (b"x-api-key", b"hunter two")).headers == [(b"x-api-key", b"***")]


def test_other_headers_are_kept_as_they_came() -> None:
    headers = [(b"accept", b"*/*"), (b"accept", b"text/plain")]
    assert call("/", *headers).headers == headers


def test_a_long_header_is_cut_where_it_is_kept() -> None:
    assert call("/", (b"x-large", b"x" * 5000)).headers == [(b"x-large", b"x" * HEADER_KEPT)]


def test_credentials_reach_the_engine_unmasked() -> None:
    assert call("/", (b"authorization", b"Basic abc")).authorization == b"Basic abc"


@pytest.mark.parametrize("host", [b"API.acme.example", b"api.acme.example:8025"])
def test_a_host_name_is_without_port_and_in_lower_case(host: bytes) -> None:
    assert call("/", (b"host", host)).host_name() == "api.acme.example"


@pytest.mark.parametrize(
    ("header", "has_body"),
    [
        ((b"content-length", b"7"), True),
        ((b"content-length", b"0"), False),
        ((b"content-length", b"many"), False),
        ((b"transfer-encoding", b"chunked"), True),
        ((b"accept", b"*/*"), False),
    ],
)
def test_a_request_has_a_body_when_its_headers_say_so(header: tuple[bytes, bytes], has_body: bool) -> None:
    assert call("/", header).has_body is has_body


def read(chunks: Sequence[bytes], *, declared: int = 0, limit: int = 100, gone: bool = False) -> tuple[bytes, int]:
    """The body, and how many messages nobody asked for."""
    waiting: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": gone or index < len(chunks)}
        for index, chunk in enumerate(chunks, start=1)
    ]
    if gone:
        waiting.append({"type": "http.disconnect"})

    async def receive() -> Message:
        return waiting.pop(0)

    return asyncio.run(read_body(receive, declared, limit)), len(waiting)


@given(st.lists(st.binary(max_size=10), min_size=1, max_size=8))
def test_a_body_is_the_sum_of_its_chunks(chunks: list[bytes]) -> None:
    assert read(chunks) == (b"".join(chunks), 0)


def test_a_body_of_exactly_the_limit_passes() -> None:
    assert read([b"x" * 60, b"y" * 40], declared=100)[0] == b"x" * 60 + b"y" * 40


def test_a_message_that_does_not_promise_more_is_the_last() -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"all"}

    assert asyncio.run(read_body(receive, 0, 100)) == b"all"


def test_a_chunked_body_is_refused_as_soon_as_it_is_over_the_limit() -> None:
    asked: list[int] = []

    async def receive() -> Message:
        asked.append(1)
        return {"type": "http.request", "body": b"x" * 60, "more_body": True}

    with pytest.raises(TooLarge, match="larger than 100 bytes"):
        asyncio.run(read_body(receive, 0, 100))
    assert len(asked) == 2


def test_a_declared_length_over_the_limit_is_refused_unread() -> None:
    async def receive() -> Message:
        raise AssertionError("nobody should ask for the body")

    with pytest.raises(TooLarge):
        asyncio.run(read_body(receive, 101, 100))


def test_a_client_that_hangs_up_has_no_body() -> None:
    with pytest.raises(ClientGone):
        read([b"half"], gone=True)


def test_an_answer_is_sent_with_its_length_and_headers() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(send_answer(Answer(418, b"short", b"text/plain", ((b"x-stout", b"yes"),)), send))
    assert sent == [
        {
            "type": "http.response.start",
            "status": 418,
            "headers": [(b"content-type", b"text/plain"), (b"content-length", b"5"), (b"x-stout", b"yes")],
        },
        {"type": "http.response.body", "body": b"short"},
    ]
