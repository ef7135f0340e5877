"""Who may call EngageLab's operations."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.support import AUTH, LISTS, create

FAILED = {"code": 30000, "message": "Authentication failed"}
SCENARIO = "engagelab: {accounts: [{api_user: shop, api_key: secret}, {api_user: keyless}]}"


@pytest.fixture
def closed(make_client: ClientFactory, tmp_path: Path) -> TestClient:
    """Only the account `shop` with the key `secret`."""
    file = tmp_path / "closed.yaml"
    file.write_text(SCENARIO)
    return make_client(scenario=(str(file),), accounts="closed")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Bearer YXBpX3VzZXI6YXBpX2tleQ==",
        "YXBpX3VzZXI6YXBpX2tleQ==",
        "Basic !!!!",
        "Basic /////w==",  # not UTF-8
        "Basic YXBpX3VzZXI=",  # no colon
        "Basic Og==",  # nothing on either side of it
        "Basic YXBpX3VzZXI6",  # no key
        "Basic OmFwaV9rZXk=",  # no user
    ],
)
def test_unusable_credentials_are_refused(client: TestClient, header: str) -> None:
    answer = client.post(f"{LISTS}/list_members", headers={"Authorization": header})
    assert (answer.status_code, answer.json()) == (401, FAILED)


def test_missing_credentials_are_refused(client: TestClient) -> None:
    del client.headers["Authorization"]
    assert client.post(f"{LISTS}/list_members").status_code == 401


@pytest.mark.parametrize("header", [AUTH.replace(" ", "  "), AUTH.replace("Basic", "basic"), AUTH + " "])
def test_extra_blanks_and_the_scheme_in_lower_case_are_tolerated(client: TestClient, header: str) -> None:
    create(client)
    assert client.post(f"{LISTS}/list_members", headers={"Authorization": header}).json()["total"] == 1


def test_while_open_any_key_opens_any_account(client: TestClient) -> None:
    assert client.post(f"{LISTS}/list_members", auth=("whoever", "whatever")).status_code == 200


def test_while_closed_only_a_declared_account_with_its_key_opens(closed: TestClient) -> None:
    def status(user: str, key: str) -> int:
        return closed.post(f"{LISTS}/list_members", auth=(user, key)).status_code

    assert status("shop", "secret") == 200
    assert status("shop", "wrong") == 401
    assert status("nobody", "secret") == 401
    assert status("keyless", "anything") == 401


def test_the_key_is_nowhere_in_the_journal(client: TestClient) -> None:
    create(client)
    text = client.get("/_emulator/journal").text
    assert "Basic ***" in text
    assert AUTH.split()[1] not in text
    assert "api_key" not in text
