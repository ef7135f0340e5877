from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core import credentials
from emulator.core.credentials import Credentials, CredentialsCache, parse
from emulator.core.errors import Unauthorized


def basic(text: str, scheme: str = "Basic ") -> bytes:
    return scheme.encode() + base64.b64encode(text.encode())


@given(st.text(min_size=1).filter(lambda text: ":" not in text), st.text(min_size=1))
def test_what_a_client_encodes_is_what_is_read(user: str, key: str) -> None:
    assert parse(basic(f"{user}:{key}")) == Credentials(user, key)


@pytest.mark.parametrize("scheme", ["Basic ", "basic ", "BASIC ", "Basic    ", "  Basic "])
def test_extra_blanks_and_letter_case_of_the_scheme_are_tolerated(scheme: str) -> None:
    assert parse(basic("ann:secret", scheme) + b"  ") == Credentials("ann", "secret")


def test_a_key_may_contain_colons() -> None:
    assert parse(basic("ann:a:b")) == Credentials("ann", "a:b")


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"Basic",
        b"Basic !!!",
        b"Basic YW5u!OnNlY3JldA==",
        b"Basic YW5uOnNlY3JldA== more",
        b"Basic YW5uOnNlY3JldA",
        b"Basic " + base64.b64encode(b"ann:\xff"),
        b"Digest YW5uOnNlY3JldA==",
        b"Bearer",
        basic("ann"),
        basic("ann:"),
        basic(":secret"),
        "Basic é".encode(),
    ],
    ids=repr,
)
def test_unreadable_credentials_open_nothing(header: bytes) -> None:
    with pytest.raises(Unauthorized):
        parse(header)


def test_a_bearer_token_has_no_user() -> None:
    assert parse(b"Bearer  some.token") == Credentials("", "some.token", "bearer")


def test_a_missing_header_opens_nothing() -> None:
    with pytest.raises(Unauthorized):
        CredentialsCache().read(None)


def test_a_header_too_long_to_remember_opens_nothing() -> None:
    with pytest.raises(Unauthorized):
        CredentialsCache().read(basic("ann:" + "x" * 2000))


def test_a_header_is_read_once_and_remembered() -> None:
    cache = CredentialsCache()
    assert cache.read(basic("ann:secret")) is cache.read(basic("ann:secret"))


def test_a_wrong_header_stays_wrong() -> None:
    cache = CredentialsCache()
    for _ in range(2):
        with pytest.raises(Unauthorized):
            cache.read(b"Basic !!!")


def test_many_clients_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "_REMEMBERED", 3)
    cache = CredentialsCache()
    for number in range(10):
        assert cache.read(basic(f"ann{number}:secret")).user == f"ann{number}"
        assert len(cache._known) <= 3


@pytest.mark.parametrize(
    ("keys", "opened"),
    [({"ann": "secret"}, True), ({"ann": "Secret"}, False), ({"bob": "secret"}, False), ({}, False)],
)
def test_credentials_open_only_with_their_own_key(keys: dict[str, str], opened: bool) -> None:
    assert Credentials("ann", "secret").opens(keys) is opened


def test_a_key_beyond_ascii_opens() -> None:
    assert Credentials("ann", "sécret").opens({"ann": "sécret"})
