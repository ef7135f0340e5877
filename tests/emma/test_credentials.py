"""Who may call Emma's operations on which account."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.emma.support import AUTH, MEMBERS, add, choose, emails, refused

CLOSED = """
emma:
  accounts:
    - {account_id: 100, keys: {shop: secret, other: key}, tokens: [token-of-100]}
    - {account_id: 200, keys: {bakery: secret}}
"""


@pytest.fixture
def closed(declared: ClientFactory) -> TestClient:
    """Only the accounts 100 and 200, with keys of their own."""
    return declared(CLOSED, accounts="closed")


def status(client: TestClient, user: str, key: str, account: int = 100) -> int:
    return client.get(f"/{account}/members", auth=(user, key)).status_code


def bearer(client: TestClient, token: str, account: int = 100) -> int:
    return client.get(f"/{account}/members", headers={"Authorization": f"Bearer {token}"}).status_code


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!!",
        "Digest cHVibGljX2tleTpwcml2YXRlX2tleQ==",
        "Basic cHVibGljX2tleQ==",  # no colon
        "Basic cHVibGljX2tleTo=",  # no private key
        "Basic OnByaXZhdGVfa2V5",  # no public key
        "Bearer",
        "Bearer two words",
    ],
)
def test_unusable_credentials_are_refused(client: TestClient, header: str) -> None:
    assert client.get(MEMBERS, headers={"Authorization": header}).status_code == 401


def test_a_refusal_is_an_empty_text_with_a_challenge(client: TestClient) -> None:
    del client.headers["Authorization"]
    answer = client.get(MEMBERS)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["content-type"] == "text/plain"
    assert answer.headers["content-length"] == "0"
    assert answer.headers["www-authenticate"].startswith("Basic realm=")


def test_a_client_that_answers_the_challenge_gets_in(client: TestClient) -> None:
    del client.headers["Authorization"]
    assert client.post(f"{MEMBERS}/add", json={"email": "ann@shop.test"}).status_code == 401
    client.headers["Authorization"] = AUTH
    add(client)
    assert emails(client) == ["ann@shop.test"]


def test_while_open_any_key_opens_any_account(client: TestClient) -> None:
    assert status(client, "whoever", "whatever", 7) == 200
    assert bearer(client, "whatever", 7) == 200


def test_while_open_a_declared_account_opens_to_any_key(declared: ClientFactory) -> None:
    assert status(declared(CLOSED), "whoever", "whatever") == 200


@pytest.mark.parametrize(
    ("user", "key", "account", "expected"),
    [
        ("shop", "secret", 100, 200),
        ("other", "key", 100, 200),
        ("bakery", "secret", 200, 200),
        ("shop", "wrong", 100, 401),
        ("nobody", "secret", 100, 401),
        ("other", "secret", 100, 401),
        ("bakery", "secret", 100, 403),
        ("shop", "secret", 300, 403),
        ("nobody", "secret", 300, 401),
        ("token-of-100", "token-of-100", 100, 401),
    ],
)
def test_while_closed_a_key_opens_its_own_account_only(
    closed: TestClient, user: str, key: str, account: int, expected: int
) -> None:
    assert status(closed, user, key, account) == expected


def test_a_foreign_account_is_403_in_emmas_form(closed: TestClient) -> None:
    answer = closed.get(MEMBERS, auth=("bakery", "secret"))
    assert refused(answer) == (403, "these credentials do not open account 100")


@pytest.mark.parametrize(
    ("token", "account", "expected"),
    [("token-of-100", 100, 200), ("secret", 100, 401), ("token-of-100", 200, 403), ("nobody's", 200, 401)],
)
def test_while_closed_a_bearer_token_opens_its_own_account_only(
    closed: TestClient, token: str, account: int, expected: int
) -> None:
    assert bearer(closed, token, account) == expected


@pytest.mark.parametrize("account", [100, 200])
def test_a_token_says_nothing_where_tokens_are_not_accepted(closed: TestClient, account: int) -> None:
    choose(closed, "bearer_tokens", "reject")
    assert bearer(closed, "token-of-100", account) == 401


def test_credentials_are_checked_before_the_size_and_the_input(client: TestClient) -> None:
    for body in (b"{", b" " * (10 * 1024 * 1024 + 1)):
        assert client.post(f"{MEMBERS}/add", content=body, headers={"Authorization": ""}).status_code == 401


@pytest.mark.parametrize("header", [AUTH, "Bearer private_key"])
def test_keys_and_tokens_are_nowhere_in_the_journal(client: TestClient, header: str) -> None:
    client.get(MEMBERS, headers={"Authorization": header})
    text = client.get("/_emulator/journal").text
    assert f"{header.split()[0]} ***" in text
    assert header.split()[1] not in text
