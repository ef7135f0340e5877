"""Filters that nothing can pass are refused or doubted, wherever they stand."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.control.test_proof import GET, SAVE, WAIT, verify
from tests.emma.support import ok
from tests.emma.telling import tell
from tests.support import MEMBERS, create

TYPOS = [
    ("vendor", "Emma", "vendor: 'Emma' is none; did you mean emma?"),
    ("vendor", "mailchimp", "vendor: 'mailchimp' is none; there are emma, engagelab"),
    ("method", "PSOT", "method: 'PSOT' is none; did you mean POST?"),
    ("operation", "emma.member.add", "operation: 'emma.member.add' is none; did you mean emma.members.add?"),
]


@pytest.mark.parametrize(("name", "value", "error"), TYPOS)
def test_a_typo_is_refused_with_what_was_meant(client: TestClient, name: str, value: str, error: str) -> None:
    answers = [
        client.get("/_emulator/journal", params={name: value}),
        client.get(WAIT, params={name: value, "timeout": 0}),
        client.post("/_emulator/journal/verify", json={name: value, "count": 0}),
        client.post("/_emulator/journal/verify", json={"expect": [], "where": {name: value}}),
    ]
    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [(404, error)] * 4


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("vendor=emna", "vendor: 'emna' is none; did you mean emma?"),
        ("state=delivred", "state: 'delivred' is none; did you mean delivered?"),
    ],
)
def test_a_typo_in_a_question_to_the_ledger_is_refused(client: TestClient, query: str, error: str) -> None:
    answer = client.get(f"/_emulator/webhooks?{query}")
    assert (answer.status_code, answer.json()["error"]) == (404, error)


@pytest.mark.parametrize("method", ["get", "POST", "delete", "OPTIONS"])
def test_methods_that_there_are_may_be_asked_for(client: TestClient, method: str) -> None:
    assert verify(client, method=method, count=0)["ok"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"account": "abc", "vendor": "emma"}, "account: Emma has no 'abc' here (its id can not be one)"),
        ({"account": "x1", "operation": "emma.*"}, "account: Emma has no 'x1' here"),
        ({"account": "0100", "operation": "emma.members.add"}, "did you mean 100?"),
        ({"where": {"account": "abc", "vendor": "emma"}, "method": "GET"}, "account: Emma has no 'abc' here"),
    ],
    ids=str,
)
def test_an_account_that_can_not_be_proves_nothing(client: TestClient, document: dict[str, Any], words: str) -> None:
    client.get("/100/groups", auth=("public_key", "private_key"))
    verdict = verify(client, **document, count=0)
    assert (verdict["ok"], words in verdict["instead"][0]) == (False, True)


@pytest.mark.parametrize(
    "document", [{"account": "abc"}, {"account": "100", "vendor": "emma"}, {"account": "api_user"}]
)
def test_an_account_that_can_be_does(client: TestClient, document: dict[str, Any]) -> None:
    assert verify(client, **document, count=0)["ok"]


@pytest.fixture
def closed(make_client: ClientFactory) -> TestClient:
    """A client of closed accounts, of which shop is declared."""
    client = make_client(accounts="closed")
    ok(client.put("/_emulator/state", json={"engagelab": {"accounts": [{"api_user": "shop", "api_key": "k"}]}}))
    return client


def test_where_accounts_are_closed_only_declared_ones_prove_something(closed: TestClient) -> None:
    assert verify(closed, account="shop", count=0)["ok"]
    line = "account: Emma or EngageLab Email has no 'shpo' here (accounts are closed, and this one is not declared); "
    assert verify(closed, account="shpo", count=0)["instead"] == [line + "did you mean shop?"]
    assert closed.get(WAIT, params={"account": "shpo", "timeout": 0}).json()["near"] == [line + "did you mean shop?"]
    assert closed.get("/_emulator/journal", params={"account": "shpo"}).json()["doubts"] == [
        line + "did you mean shop?"
    ]
    assert "doubts" not in closed.get("/_emulator/journal", params={"account": "shop"}).json()
    ledger = closed.get("/_emulator/webhooks", params={"account": "shpo"}).json()
    assert ledger["doubts"] == [line + "did you mean shop?"]
    assert "doubts" not in closed.get("/_emulator/webhooks", params={"account": "shop"}).json()


def test_what_an_account_did_before_it_was_gone_is_known(closed: TestClient) -> None:
    closed.get(f"{MEMBERS}/8", auth=("shop", "k"))
    ok(closed.put("/_emulator/state", json={"engagelab": {"accounts": [{"api_user": "other", "api_key": "k"}]}}))
    assert verify(closed, account="shop", operation=GET, count=1)["ok"]
    assert verify(closed, account="shop", operation=SAVE, count=0)["ok"]


def test_the_ledger_doubts_nothing_that_it_shows(client: TestClient) -> None:
    create(client)
    tell(client, "member_add")
    ok(client.post("/100/members/add", json={"email": "ann@shop.test"}))
    answer = ok(client.get("/_emulator/webhooks?account=100&vendor=emma"))
    assert (len(answer["deliveries"]), "doubts" in answer) == (1, False)
