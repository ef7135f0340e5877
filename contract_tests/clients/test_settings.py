"""How a user of emma-sdk reaches the emulator, and what it makes of refusals."""

from __future__ import annotations

from contract_tests.clients.conftest import Emma

TOKEN = {"publicKey": None, "privateKey": None, "accountID": 101, "accessToken": "oauth_token"}


def test_bug_the_constructor_ignores_base_url(emma: Emma) -> None:
    code = "callback(null, new emma.constructor({baseURL: 'http://127.0.0.1:8025'}).settings.baseURL)"
    assert emma.result(code) == "https://api.e2ma.net"


def test_keys_open_their_account(emma: Emma) -> None:
    assert emma.ids("emma.group.list(callback)") == [150, 151, 152]


def test_an_access_token_opens_its_account(emma: Emma) -> None:
    assert [group["group_name"] for group in emma.result("emma.group.list(callback)", **TOKEN)] == ["Partners"]


def test_a_wrong_key_is_a_service_error_with_the_empty_401(emma: Emma) -> None:
    error = emma.error("emma.group.list(callback)", privateKey="wrong")
    assert error.startswith("SERVICE ERROR")
    assert '"statusCode": 401' in error


def test_a_wrong_access_token_is_a_service_error_with_the_empty_401(emma: Emma) -> None:
    error = emma.error("emma.group.list(callback)", **TOKEN | {"accessToken": "wrong"})
    assert '"statusCode": 401' in error


def test_a_key_of_another_account_is_refused_with_a_text(emma: Emma) -> None:
    assert "101" in emma.refused("emma.group.list(callback)", accountID=101)


def test_bug_a_failure_is_known_by_its_error_key_so_the_user_never_sees_the_status(emma: Emma) -> None:
    assert list(emma.error("emma.group.withID(999).details(callback)")) == ["error"]
