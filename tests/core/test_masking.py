"""Credentials that stand where others could read them."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.masking import masked_headers, masked_query, masked_url, without_credentials

NAMES = ["access_token", "accessToken", "refresh_token", "api_key", "apiKey", "APIKEY", "client_secret", "private_key"]
NAMES += ["private_api_key", "secret_key", "token", "password", "passwd", "secret", "authorization", "signature"]
NAMES += [
    "oauth_signature",
    "X-Amz-Signature",
    "proxy_authorization",
    "X-Auth-Token",
    "X-Api-Key",
    "api-key",
    "hook_token",
    "dbPassword",
    "aws_secret_access_key",
    "jwt",
]


@pytest.mark.parametrize("name", [*NAMES, "key", "code", "sig", "auth[token]"])
def test_a_credential_in_a_query_is_masked_and_its_neighbours_are_not(name: str) -> None:
    query = f"start=0&{name}=s3cret&end=5"
    assert masked_query(query.encode()) == f"start=0&{name}=***&end=5".encode()


@pytest.mark.parametrize(
    "query", ["api%5Fkey=s3cret", "%61pi_key=s3cret&a=%20b", "a=1;api_key=s3cret", "x?api_key=s3cret%20"]
)
def test_it_does_not_help_to_escape_a_name(query: str) -> None:
    assert b"s3cret" not in masked_query(query.encode())


def test_a_query_without_credentials_stays_as_it_is() -> None:
    assert masked_query(b"tokens=1&keyed=a&monkey=b%20c&&=") == b"tokens=1&keyed=a&monkey=b%20c&&="


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "value", ['"s3cret"', '"s3\\"cret"', "1234567", '"s3cret'], ids=["text", "quote", "number", "cut"]
)
def test_a_credential_in_a_json_body_is_masked(name: str, value: str) -> None:
    body = f'{{"email":"ann@shop.test", "{name}" : {value}'
    assert without_credentials(body.encode()) == f'{{"email":"ann@shop.test", "{name}" : "***"'.encode()


def test_a_credential_in_a_form_is_masked() -> None:
    assert without_credentials(b"api_user=u&api_key=s3cret&to=a@b.test") == b"api_user=u&api_key=***&to=a@b.test"


def test_fields_of_members_that_are_no_credentials_stay() -> None:
    body = b'{"fields":{"password_hint":"dog","token":"blue","key":"x"},"members":[{"first_name":"Ashley"}]}'
    assert without_credentials(body) == body


@pytest.mark.parametrize(
    "body",
    [
        b'{"monkey":"a","key":"b","code":30036,"tokens":3,"public_key":"c","first_name":"Ann","keyed":"d"}',
        b'{"members":[{"email":"a@b.test","fields":{"api_key":"1","in":{"token":"2"},"page":"http://x/?token=3"}}]}',
        b'{"token":null,"password":true}',
        b'["token","password"]',
        b'{"note":"the token: s3cret"}',
        b"email=a%40b.test&key=x&code=5&note=a%20b",
    ],
)
def test_what_only_looks_like_a_credential_stays(body: bytes) -> None:
    assert without_credentials(body) == body


@pytest.mark.parametrize(
    "body",
    [
        b'{"api\\u005fkey":"s3cret"}',
        b'{"a":{"token":{"value":"s3cret","more":["s3cret"]}},"b":1}',
        b'{"token":["s3cret","s3cret"',
        b'{"secret":"a\\"s3cret',
        b'{"secret":"s3cret\\',
        b'{"fields":{"a":"b"},"token":"s3cret"}',
        b'{"fields":[{"token":"s3cret"}]}',
        b'\xef\xbb\xbf{"token":"s3cret"}',
        b'{"a":1}\n{"token":"s3cret"}',
        b'{"url":"http://h.test/?token=s3cret#x"}',
        b'["http:\\/\\/h.test\\/?a=b\\u0026token=s3cret"]',
        b'{"url":"http://ann:s3cret@h.test/"}',
        b'{"url":"http:\\/\\/h.test\\/?sig=s3cret"}',
        b'{"url":"http://h.test/?k=s3cret"}',
        b'{"url":"http://h.test/?a=1&key=s3cret',
        b'{"url":"http:\\u002f\\u002fu:s3cret@h/"}',
        b'{"url":"http\\u003A\\u002F\\u002Fu:s3cret@h/',
        b"api%5Fkey=s3cret",
        b"url=http%3A%2F%2Fh.test%2F%3Ftoken%3Ds3cret&b=1",
        b"hook[secret]=s3cret",
    ],
)
def test_no_way_to_write_a_credential_shows_it(body: bytes) -> None:
    assert b"s3cret" not in without_credentials(body)


def test_a_json_body_stays_json() -> None:
    body = b'{"token":{"a":[1]},"members":[{"url":"http://h.test/\\u00e4?token=1"}],"password":5,"z":"\\u00e4"}'
    masked = {"token": "***", "members": [{"url": "http://h.test/\u00e4?token=***"}], "password": "***", "z": "\u00e4"}
    assert json.loads(without_credentials(body)) == masked


@pytest.mark.parametrize(
    "url", ["http://h.test/?token=s3cret", "https://u:s3cret@h.test/a", "//h.test/?a=b;key=s3;cret"]
)
def test_a_url_shows_no_credentials(url: str) -> None:
    assert "cret" not in masked_url(url)


def test_headers_of_such_names_are_masked() -> None:
    headers = [(name.lower().encode(), b"s3cret") for name in ("X-Hook-Token", "X-Gitlab-Token", "X-Client-Secret")]
    headers += [(b"x-original-url", b"/a?api_key=s3cret"), (b"x-monkey", b"banana")]
    masked = masked_headers(headers)
    assert b"s3cret" not in b" ".join(value for _, value in masked)
    assert masked[-1] == (b"x-monkey", b"banana")


@pytest.mark.parametrize(
    "name",
    [
        "X-Authorization",
        "X-Forwarded-Authorization",
        "X-Original-Authorization",
        "Authentication",
        "X-Hub-Signature-256",
        "X-Bearer",
        "X-Cookie",
    ],
)
def test_a_header_that_proxies_and_senders_of_webhooks_make_of_a_credential_is_masked(name: str) -> None:
    assert masked_headers([(name.lower().encode(), b"s3cret")]) == [(name.lower().encode(), b"***")]


@pytest.mark.parametrize("value", [b"Bearer s3cret", b"basic dTpzM2NyZXQ=", b" Digest username=u, response=s3cret"])
def test_a_header_of_any_name_that_looks_like_an_authorization_shows_its_scheme_only(value: bytes) -> None:
    scheme = value.split()[0]
    assert masked_headers([(b"x-passed-on", value)]) == [(b"x-passed-on", scheme + b" ***")]
    assert masked_headers([(b"x-plan", b"basics 1")]) == [(b"x-plan", b"basics 1")]


@pytest.mark.parametrize(
    "value",
    [
        "http%3A//u%3As3cret%40h/%3Ftoken%3Ds3cret",
        "http%3a//u:s3cret@h/",
        "http:%2F%2Fu:s3cret%40h",
        "http%3A%2F%2Fh%2F%3Ftoken%3Ds3cret",
        "http%253A%252F%252Fu%253As3cret%2540h%252F%253Ftoken%253Ds3cret",
    ],
)
def test_it_does_not_help_to_escape_a_url(value: str) -> None:
    query = f"next={value}&a=b%2Fc".encode()
    for masked in (masked_query(query), without_credentials(query)):
        assert b"s3cret" not in masked
        assert masked.startswith(b"next=http%3A%2F%2F")
        assert masked.endswith(b"&a=b%2Fc")


@given(st.binary(max_size=60))
def test_masking_twice_is_masking_once(text: bytes) -> None:
    text = text.replace(b"\x00", b"api_key=").replace(b"\x01", b'{"api_key":')
    assert masked_query(masked_query(text)) == masked_query(text)
    assert without_credentials(without_credentials(text)) == without_credentials(text)


@pytest.mark.parametrize(
    "body",
    [
        b"token=" + b"?;" * 30_000,
        b'{"a":"' + b"\\" * 60_000,
        b'"token":' * 8000,
        b"://" * 20_000 + b"?",
        b"@://" * 16_000,
    ],
)
def test_no_body_takes_long(body: bytes) -> None:
    started = time.perf_counter()
    without_credentials(body)
    masked_query(body)
    assert time.perf_counter() - started < 1
