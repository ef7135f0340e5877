"""Every choice of the behaviours that concern members, fields and the wire; a test has its behaviour's name."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from emulator.core.behaviours import Behaviour
from emulator.emma.behaviours import BEHAVIOURS
from tests.conftest import ClientFactory
from tests.emma import test_failure_behaviours, test_group_behaviours, test_import_behaviours, test_webhook_behaviours
from tests.emma.support import (
    FIELDS,
    GROUPS,
    MEMBERS,
    act,
    add,
    advance,
    archive,
    choices,
    choose,
    emails,
    group,
    member,
    ok,
    purge,
    refused,
    sign_up,
    status,
    update,
)

CLOSED = "emma: {accounts: [{account_id: 100, keys: {shop: secret}, tokens: [token]}, {account_id: 200}]}"


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.id)
def test_every_choice_has_a_test(behaviour: Behaviour) -> None:
    tested = set()
    others = (test_failure_behaviours, test_group_behaviours, test_import_behaviours, test_webhook_behaviours)
    for module in (globals(), *map(vars, others)):
        test = module.get(f"test_{behaviour.id.removeprefix('emma.')}")
        for mark in getattr(test, "pytestmark", ()):
            names, values = mark.args
            if "choice" in names:
                tested |= {value if isinstance(value, str) else value[0] for value in values}
    assert tested
    assert tested >= set(behaviour.choices)


@choices(("exclusive", [1, 2]), ("inclusive", [1, 2, 3]))
def test_paging_end(client: TestClient, choice: str, wanted: list[int]) -> None:
    choose(client, "paging_end", choice)
    for number in range(5):
        add(client, f"m{number}@shop.test")
    assert emails(client, start=1, end=3) == [f"m{number}@shop.test" for number in wanted]


@choices(("403", 403), ("401", 401), ("404", 404))
@pytest.mark.parametrize("account", [200, 300])
def test_foreign_account(declared: ClientFactory, account: int, choice: str, wanted: int) -> None:
    client = declared(CLOSED, accounts="closed")
    choose(client, "foreign_account", choice)
    answer = client.get(f"/{account}/members", auth=("shop", "secret"))
    assert answer.status_code == wanted
    assert ("www-authenticate" in answer.headers) is (wanted == 401)
    assert (answer.content == b"") is (wanted == 401)


@choices(("accept", 200), ("reject", 401))
def test_bearer_tokens(declared: ClientFactory, choice: str, wanted: int) -> None:
    client = declared(CLOSED, accounts="closed")
    choose(client, "bearer_tokens", choice)
    assert client.get(MEMBERS, headers={"Authorization": "Bearer token"}).status_code == wanted
    assert client.get(MEMBERS, auth=("shop", "secret")).status_code == 200


@choices(("archive", ["ann@shop.test"]), ("erase", []))
@pytest.mark.parametrize("way", ["one", "many", "all"])
def test_deletion(client: TestClient, way: str, choice: str, wanted: list[str]) -> None:
    choose(client, "deletion", choice)
    member_id = add(client)
    if way == "one":
        ok(client.delete(f"{MEMBERS}/{member_id}"))
    elif way == "many":
        archive(client, member_id)
    else:
        ok(client.delete(MEMBERS))
    assert emails(client) == []
    assert emails(client, deleted=True) == wanted


@choices(("allow", (200, True, "a")), ("forbid", (200, False, "o")))
@pytest.mark.parametrize("way", ["by id", "by status"])
def test_reactivate_optout(client: TestClient, way: str, choice: str, wanted: tuple[int, bool, str]) -> None:
    choose(client, "reactivate_optout", choice)
    update(client, member_id := add(client), status_to="o")
    if way == "by id":
        answer = client.put(f"{MEMBERS}/status", json={"member_ids": [member_id], "status_to": "a"})
    else:
        answer = client.put(f"{MEMBERS}/status/o/to/a")
    assert (answer.status_code, answer.json(), status(client, member_id)) == wanted


@choices(("allow", (200, "a")), ("forbid", (400, "o")))
def test_reactivate_optout_by_an_update(client: TestClient, choice: str, wanted: tuple[int, str]) -> None:
    choose(client, "reactivate_optout", choice)
    update(client, member_id := add(client), status_to="o")
    answer = client.put(f"{MEMBERS}/{member_id}", json={"status_to": "a"})
    assert (answer.status_code, status(client, member_id)) == wanted


def test_a_forbidden_reactivation_serves_the_other_members_and_leaves_the_way_back(client: TestClient) -> None:
    choose(client, "reactivate_optout", "forbid")
    update(client, optout := add(client), status_to="o")
    update(client, error := add(client, "bob@shop.test"), status_to="e")
    body = {"member_ids": [optout, error], "status_to": "a"}
    assert ok(client.put(f"{MEMBERS}/status", json=body)) is False
    assert (status(client, optout), status(client, error)) == ("o", "a")
    sign_up(client, group_ids=[group(client)])
    act(client, "confirm", member_id=optout)
    assert status(client, optout) == "a"


@choices(("empty", []), ("row", [{"timestamp": "@D:2024-05-01T08:00:00", "mailing_id": None}]))
def test_optout_detail_without_mailing(client: TestClient, choice: str, wanted: list[object]) -> None:
    choose(client, "optout_detail_without_mailing", choice)
    member_id = add(client)
    advance(client, "1h")
    update(client, member_id, status_to="o")
    assert ok(client.get(f"{MEMBERS}/{member_id}/optout")) == wanted


@choices(("empty", 200), ("not_found", 404))
def test_optout_detail_of_others(client: TestClient, choice: str, wanted: int) -> None:
    choose(client, "optout_detail_of_others", choice)
    answer = client.get(f"{MEMBERS}/{add(client)}/optout")
    assert answer.status_code == wanted
    assert wanted == 404 or answer.json() == []


@choices(("b", "b"), ("h", "h"))
def test_hard_bounce_letter(client: TestClient, choice: str, wanted: str) -> None:
    choose(client, "hard_bounce_letter", choice)
    member_id = add(client)
    for kind in "bsd":
        act(client, "deliver", member_id=member_id, delivery_type=kind)
        advance(client, 1)
    history = ok(client.get(f"{MEMBERS}/{member_id}/mailings"))
    assert [each["delivery_type"] for each in history] == ["d", "s", wanted]


@choices(("all", (200, [])), ("reject", (400, ["ann@shop.test"])))
def test_archive_without_status(client: TestClient, choice: str, wanted: tuple[int, list[str]]) -> None:
    choose(client, "archive_without_status", choice)
    add(client)
    assert (client.delete(MEMBERS).status_code, emails(client)) == wanted


@choices(("false", False), ("true", True))
def test_unknown_ids_answer(client: TestClient, choice: str, wanted: bool) -> None:
    choose(client, "unknown_ids_answer", choice)
    ids = [add(client), 7]
    assert ok(client.put(f"{MEMBERS}/status", json={"member_ids": ids, "status_to": "e"})) is wanted
    assert ok(client.put(f"{MEMBERS}/delete", json={"member_ids": ids})) is wanted
    assert emails(client) == []


@choices(("insensitive", ["Ann@shop.test"]), ("sensitive", ["Ann@shop.test", "ann@SHOP.test"]))
def test_email_case(make_emma: ClientFactory, choice: str, wanted: list[str]) -> None:
    client = make_emma(behaviour=(("emma.email_case", choice),))
    add(client, "Ann@shop.test")
    add(client, "ann@SHOP.test")
    assert emails(client) == wanted
    assert client.get(f"{MEMBERS}/email/ANN@SHOP.TEST").status_code == (200 if choice == "insensitive" else 404)


@choices(("members", (True, True, False)), ("everywhere", (True, True, True)), ("nowhere", (False, False, False)))
def test_sms_key(client: TestClient, choice: str, wanted: tuple[bool, bool, bool]) -> None:
    choose(client, "sms_key", choice)
    group_id = group(client)
    member_id = add(client, group_ids=[group_id], phone_number="2025550123")
    places = member(client, member_id), ok(client.get(MEMBERS))[0], ok(client.get(f"{GROUPS}/{group_id}/members"))[0]
    assert tuple("sms" in place for place in places) == wanted


@choices(
    ("America/Chicago", "07"),
    ("America/New_York", "08"),
    ("America/Denver", "06"),
    ("America/Los_Angeles", "05"),
    ("UTC", "12"),
)
def test_time_zone(client: TestClient, choice: str, wanted: str) -> None:
    choose(client, "time_zone", choice)
    assert member(client, add(client))["member_since"] == f"@D:2024-05-01T{wanted}:00:00"


@choices(("any", []), ("archived_only", ["ann@shop.test"]))
def test_purge_by_id(client: TestClient, choice: str, wanted: list[str]) -> None:
    choose(client, "purge_by_id", choice)
    archive(client, archived := add(client, "old@shop.test"))
    purge(client, add(client), archived)
    assert emails(client, deleted=True) == wanted


@choices(("archived_only", ["old@shop.test"]), ("ignore", ["ann@shop.test"]))
def test_deleted_range_alone(client: TestClient, choice: str, wanted: list[str]) -> None:
    choose(client, "deleted_range_alone", choice)
    archive(client, add(client, "old@shop.test"))
    add(client)
    assert emails(client, deleted_range="2024-05-01") == wanted
    assert emails(client, deleted_range="2024-05-01", deleted_only=True) == ["old@shop.test"]


@choices(("ignore", {"first_name": "Ann"}), ("create", {"first_name": "Ann", "size": "S"}), ("reject", None))
def test_unknown_fields(client: TestClient, choice: str, wanted: dict[str, str] | None) -> None:
    choose(client, "unknown_fields", choice)
    body = {"email": "ann@shop.test", "fields": {"first_name": "Ann", "size": "S"}}
    answer = client.post(f"{MEMBERS}/add", json=body)
    if wanted is None:
        assert refused(answer) == (400, "fields.size is no field of this account")
        assert emails(client) == []
    else:
        assert member(client, ok(answer)["member_id"])["fields"] == wanted
    created = [field["field_type"] for field in ok(client.get(FIELDS)) if field["shortcut_name"] == "size"]
    assert created == (["text"] if choice == "create" else [])


def test_a_refused_call_makes_no_field(client: TestClient) -> None:
    choose(client, "unknown_fields", "create")
    member_id = add(client)
    body = {"status_to": "x", "fields": {"size": "S"}}
    assert client.put(f"{MEMBERS}/{member_id}", json=body).status_code == 400
    assert len(ok(client.get(FIELDS))) == 4


@choices(("keep", {"birthday": "soon"}), ("ignore", {}), ("reject", None))
def test_bad_field_value(client: TestClient, choice: str, wanted: dict[str, str] | None) -> None:
    choose(client, "bad_field_value", choice)
    answer = client.post(f"{MEMBERS}/add", json={"email": "ann@shop.test", "fields": {"birthday": "soon"}})
    if wanted is None:
        assert refused(answer) == (400, "fields.birthday must be a date like 2010-11-12")
    else:
        assert member(client, ok(answer)["member_id"])["fields"] == wanted


@choices(("prefixed", "@D:2000-02-29T00:00:00"), ("as_stored", "2000-02-29T00:00:00"))
def test_custom_dates(client: TestClient, choice: str, wanted: str) -> None:
    choose(client, "custom_dates", choice)
    assert member(client, add(client, fields={"birthday": "2000-02-29"}))["fields"] == {"birthday": wanted}


@choices(("error", (200, "e")), ("reject", (400, "a")))
def test_malformed_address(client: TestClient, choice: str, wanted: tuple[int, str]) -> None:
    choose(client, "malformed_address", choice)
    expected, letter = wanted
    for path in ("add", "signup"):
        assert client.post(f"{MEMBERS}/{path}", json={"email": f"{path}@shop"}).status_code == expected
    member_id = add(client)
    assert client.put(f"{MEMBERS}/{member_id}", json={"email": "ann@shop"}).status_code == expected
    assert status(client, member_id) == letter


@choices(("activate", "a"), ("keep", "e"))
def test_corrected_address(client: TestClient, choice: str, wanted: str) -> None:
    choose(client, "corrected_address", choice)
    member_id = add(client, "ann@shop")
    update(client, member_id, email="ann@shop.test")
    assert status(client, member_id) == wanted


@choices(("false", False), ("true", True))
def test_restored_is_added(client: TestClient, choice: str, wanted: bool) -> None:
    choose(client, "restored_is_added", choice)
    archive(client, member_id := add(client))
    answer = ok(client.post(f"{MEMBERS}/add", json={"email": "ann@shop.test"}))
    assert answer == {"status": "a", "added": wanted, "member_id": member_id}


@choices(("a", "a"), ("o", "o"))
def test_sms_status(client: TestClient, choice: str, wanted: str) -> None:
    choose(client, "sms_status", choice)
    sms = member(client, add(client, phone_number="2025550123"))["sms"]
    assert (sms["transactional_status"], sms["promotional_status"]) == (wanted, wanted)


@choices(("ignore", 200), ("not_found", 404))
def test_shift_unknown_group(client: TestClient, choice: str, wanted: int) -> None:
    choose(client, "shift_unknown_group", choice)
    member_id = add(client)
    assert client.put(f"{MEMBERS}/status/a/to/e", json={"group_id": 7}).status_code == wanted
    assert status(client, member_id) == "a"
