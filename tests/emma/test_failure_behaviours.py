"""Every choice of the behaviours that concern magic addresses and the rate limit; a test has its behaviour's name."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.emma.support import AUTH, GROUPS, MEMBERS, add, advance, choices, choose, member, notes, ok, refused, update

SHOP = "Basic c2hvcDpzaG9w"


def limit(client: TestClient, calls: int = 2) -> None:
    ok(client.put("/_emulator/limits", json={"emma": {"calls": calls, "seconds": 60}}))


def statuses(client: TestClient, count: int) -> list[int]:
    return [client.get(GROUPS).status_code for _ in range(count)]


def run_import(client: TestClient, *addresses: str) -> dict[str, object]:
    """The import after it is done."""
    choose(client, "job_progress", "immediate")
    rows = [{"email": address} for address in addresses]
    import_id = ok(client.post(MEMBERS, json={"members": rows}))["import_id"]
    state: dict[str, object] = ok(client.get(f"{MEMBERS}/imports/{import_id}"))
    return state


def test_emma_takes_180_calls_a_minute_once_it_is_told_to(client: TestClient) -> None:
    ok(client.put("/_emulator/limits", json={"emma": True}))
    assert statuses(client, 180) == [200] * 180
    answer = client.get(GROUPS)
    assert refused(answer) == (403, "Rate Limit Exceeded")
    assert "Retry-After" not in answer.headers
    advance(client, 60)
    assert statuses(client, 1) == [200]


def test_a_limit_of_emma_leaves_the_other_vendor(client: TestClient) -> None:
    limit(client, 1)
    statuses(client, 2)
    for _ in range(3):
        assert client.post("/v1/marketing/lists/list_members").status_code == 200


@choices(("403", None), ("429", "60"))
def test_rate_limit_status(client: TestClient, choice: str, wanted: str | None) -> None:
    choose(client, "rate_limit_status", choice)
    limit(client, 1)
    statuses(client, 1)
    answer = client.get(GROUPS)
    assert refused(answer) == (int(choice), "Rate Limit Exceeded")
    assert answer.headers.get("Retry-After") == wanted


@choices(("ignore", [200, 200, 403]), ("count", [403, 403, 403]))
def test_rate_limit_refused(client: TestClient, choice: str, wanted: list[int]) -> None:
    choose(client, "rate_limit_refused", choice)
    limit(client)
    statuses(client, 2)
    advance(client, 30)
    statuses(client, 2)
    advance(client, 30)
    assert statuses(client, 3) == wanted


@choices(("account", 403), ("key", 200))
def test_rate_limit_scope(client: TestClient, choice: str, wanted: int) -> None:
    choose(client, "rate_limit_scope", choice)
    limit(client)
    statuses(client, 3)
    assert client.get(GROUPS, headers={"Authorization": SHOP}).status_code == wanted
    assert client.get(GROUPS).status_code == 403


def test_tokens_are_counted_as_keys_are(client: TestClient) -> None:
    choose(client, "rate_limit_scope", "key")
    limit(client, 1)
    one, other = ({"Authorization": f"Bearer {token}"} for token in ("one", "other"))
    assert [client.get(GROUPS, headers=headers).status_code for headers in (one, other, one)] == [200, 200, 403]
    assert "other" not in client.get("/_emulator/limits").text


@choices(("on", (500, "e", 1)), ("off", (200, "a", 0)))
def test_magic_addresses(client: TestClient, choice: str, wanted: tuple[int, str, int]) -> None:
    choose(client, "magic_addresses", choice)
    added, status, errors = wanted
    assert client.post(f"{MEMBERS}/add", json={"email": "error500+ann@fault.example"}).status_code == added
    assert member(client, add(client, "bounce+ann@fault.example"))["member_status_id"] == status
    assert run_import(client, "importerror+ann@fault.example", "ann@shop.test")["num_errors"] == errors


def test_an_import_error_leaves_the_other_rows(client: TestClient) -> None:
    state = run_import(client, "importerror+ann@fault.example", "ann@shop.test", "bounce+zoe@fault.example")
    counts = ("num_members_added", "num_skipped", "num_errors", "status")
    assert [state[count] for count in counts] == [2, 1, 2, "o"]
    entries = client.get("/_emulator/journal?operation=emma.members.import").json()["entries"]
    assert "row 1 was skipped: email asks for an error" in entries[-1]["notes"]


def test_an_import_error_is_none_of_a_single_add(client: TestClient) -> None:
    assert member(client, add(client, "importerror+ann@fault.example"))["member_status_id"] == "a"


def test_who_changes_to_a_bouncing_address_is_in_error(client: TestClient) -> None:
    ann = add(client)
    update(client, ann, email="bounce+ann@fault.example")
    assert (member(client, ann)["member_status_id"], member(client, ann)["email_error"]) == ("e", "mailbox unavailable")


def test_a_magic_address_in_the_path_counts(client: TestClient) -> None:
    answer = client.get(f"{MEMBERS}/email/error503+ann@fault.example")
    assert refused(answer) == (503, "Service Unavailable")
    assert answer.headers["X-Emulator-Fault"] == "magic-error503"
    assert notes(client) == ["fault magic-error503, before the rule: HTTP 503"]


@pytest.mark.parametrize("choice", ["on", "off"])
def test_a_scenario_may_switch_magic_off(make_client: ClientFactory, choice: str) -> None:
    client = make_client(behaviour=(("emma.magic_addresses", choice),))
    client.headers["Authorization"] = AUTH
    answer = client.post(f"{MEMBERS}/add", json={"email": "error400+ann@fault.example"})
    assert answer.status_code == (400 if choice == "on" else 200)
