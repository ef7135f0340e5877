"""Credentials that stand where others could read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.masking import masked_query, without_credentials

NAMES = ["access_token", "accessToken", "refresh_token", "api_key", "apiKey", "APIKEY", "client_secret", "private_key"]
NAMES += ["private_api_key", "secret_key"]


@pytest.mark.parametrize("name", [*NAMES, "token", "password"])
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


@given(st.binary(max_size=60))
def test_masking_twice_is_masking_once(text: bytes) -> None:
    text = text.replace(b"\x00", b"api_key=").replace(b"\x01", b'{"api_key":')
    assert masked_query(masked_query(text)) == masked_query(text)
    assert without_credentials(without_credentials(text)) == without_credentials(text)
