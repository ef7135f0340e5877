"""Accounts of Emma as a scenario, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.emma.importing import IMPORTS, begin, imported
from tests.emma.support import (
    FIELDS,
    GROUPS,
    MEMBERS,
    account_of,
    act,
    add,
    advance,
    choose,
    group,
    mail,
    member,
    ok,
    purge,
    sign_up,
    update,
)
from tests.emma.test_seed import EVERYTHING
from tests.round_trip import check_round_trip, exported, load


@pytest.fixture
def fresh(make_emma: ClientFactory) -> TestClient:
    """Another emulator, in which everything is otherwise."""
    return make_emma(clock=None, behaviour=(("emma.paging_end", "inclusive"),))


def rows(client: TestClient, kind: str) -> list[dict[str, Any]]:
    """The rows of a kind in the export of account 100."""
    found: list[dict[str, Any]] = json.loads(exported(client))["emma"]["accounts"][0][kind]
    return found


def test_a_row_says_only_what_would_else_be_otherwise(client: TestClient) -> None:
    add(client, "Ann@shop.test", fields={"first_name": "Ann"}, group_ids=[group(client)])
    assert rows(client, "groups") == [{"member_group_id": 1024, "group_name": "Customers"}]
    assert rows(client, "members") == [
        {
            "member_id": 1024,
            "email": "Ann@shop.test",
            "member_status_id": "a",
            "fields": {"first_name": "Ann"},
            "groups": [1024],
            "member_since": "2024-05-01T12:00:00Z",
        }
    ]


def test_what_a_scenario_can_say_comes_back(declared: ClientFactory, fresh: TestClient) -> None:
    client = declared(EVERYTHING)
    assert any("plaintext_preferred" in row for row in rows(client, "members"))
    check_round_trip(client, fresh)


def test_any_account_that_a_path_can_name_comes_back(client: TestClient, fresh: TestClient) -> None:
    for account_id in ("0", "9" * 18):
        ok(client.post(f"/{account_id}/members/add", json={"email": "ann@shop.test"}))
    check_round_trip(client, fresh)
    assert len(ok(fresh.get("/0/members"))) == 1


def test_deleted_groups_and_fields_stay_deleted(client: TestClient, fresh: TestClient) -> None:
    add(client, fields={"first_name": "Ann", "last_name": "Lee"}, group_ids=[group(client)])
    ok(client.delete(f"{GROUPS}/1024"))
    ok(client.delete(f"{FIELDS}/200"))
    ok(client.post(FIELDS, json={"shortcut_name": "first_name"}))
    assert rows(client, "members")[0]["fields"] == {"last_name": "Lee"}
    assert rows(client, "members")[0]["field_values"] == [{"field_id": 200, "value": "Ann"}]
    check_round_trip(client, fresh)
    assert fresh.get(f"{GROUPS}/1024").status_code == 404
    assert [each["field_id"] for each in ok(fresh.get(f"{FIELDS}?deleted=true")) if each["deleted_at"]] == [200]
    assert member(fresh, 1024)["fields"] == {"last_name": "Lee"}


@pytest.mark.parametrize("value", ["many", 7, 2.5, True, ["a", "b"]])
def test_a_value_that_its_field_would_not_take_now_stays_as_it_is(
    client: TestClient, fresh: TestClient, value: object
) -> None:
    choose(client, "bad_field_value", "keep")
    member_id = add(client, fields={"last_name": "Lee", "birthday": value})
    choose(client, "bad_field_value", "reject")
    assert "fields" not in rows(client, "members")[0]
    check_round_trip(client, fresh)
    assert member(fresh, member_id)["fields"] == {"last_name": "Lee", "birthday": value}


def test_a_value_keeps_its_type_when_its_field_has_got_another(client: TestClient, fresh: TestClient) -> None:
    field_id = ok(client.post(FIELDS, json={"shortcut_name": "points", "field_type": "numeric"}))
    member_id = add(client, fields={"points": 5})
    ok(client.put(f"{FIELDS}/{field_id}", json={"field_type": "text"}))
    check_round_trip(client, fresh)
    assert member(fresh, member_id)["fields"] == {"points": 5}


def test_fields_with_empty_names_and_options_come_back(client: TestClient, fresh: TestClient) -> None:
    ok(client.put(f"{FIELDS}/200", json={"display_name": "", "options": [""]}))
    check_round_trip(client, fresh)
    row = ok(fresh.get(f"{FIELDS}/200"))
    assert (row["display_name"], row["options"]) == ("", [""])


def test_a_malformed_address_that_was_made_active_stays_active(client: TestClient, fresh: TestClient) -> None:
    member_id = add(client, "no address")
    update(client, member_id, status_to="a")
    check_round_trip(client, fresh)
    row = member(fresh, member_id)
    assert (row["member_status_id"], row["email_error"]) == ("a", None)


def test_opt_outs_keep_their_second_and_their_mailing(client: TestClient, fresh: TestClient) -> None:
    by_call, by_mail = add(client, "ann@shop.test"), add(client, "bob@shop.test")
    update(client, by_call, status_to="o")
    act(client, "unsubscribe", member_id=by_mail, mailing_id=77)
    advance(client, 60)
    update(client, by_call, fields={"first_name": "Ann"})
    choose(client, "optout_detail_without_mailing", "row")
    check_round_trip(client, fresh)
    for member_id, mailing_id in ((by_call, None), (by_mail, 77)):
        details = [{"timestamp": "@D:2024-05-01T07:00:00", "mailing_id": mailing_id}]
        assert ok(fresh.get(f"{MEMBERS}/{member_id}/optout")) == details


def test_recorded_sign_up_mail_is_there_again(client: TestClient, fresh: TestClient) -> None:
    sign_up(client, group_ids=[group(client)], opt_in_subject="Welcome")
    assert mail(client)
    load(fresh, exported(client))
    assert mail(fresh) == mail(client)


@pytest.mark.parametrize("details", ["empty", "ids", "objects"])
def test_an_import_has_its_details_again(client: TestClient, fresh: TestClient, details: str) -> None:
    add(client, "ann@shop.test")
    everyone = [{"email": "ann@shop.test", "first_name": "Ann"}, {"email": "bob@shop.test"}, {"first_name": "x"}]
    imported(client, *everyone, group_ids=[group(client)], automate_field_changes=True, source_filename="a.csv")
    ok(client.delete(f"{GROUPS}/1024"))
    choose(client, "import_details", details)
    check_round_trip(client, fresh)
    for path in ("", "/1024", "/1024/members?all=true", "/1024/members?added_to_groups=true"):
        assert fresh.get(f"{IMPORTS}{path}").text == client.get(f"{IMPORTS}{path}").text


def test_addresses_that_a_member_had_before_are_forgotten_with_it_in_the_loaded_world_too(
    client: TestClient, fresh: TestClient
) -> None:
    member_id = add(client, "ann@shop.test")
    update(client, member_id, email="ann@new.test")
    load(fresh, exported(client))
    fresh.get(f"{MEMBERS}/email/ann@shop.test")
    assert "ann@shop.test" in fresh.get("/_emulator/journal").text
    purge(fresh, member_id)
    assert "ann@shop.test" not in fresh.get("/_emulator/journal").text
    assert len(account_of(fresh).former_addresses) == 0


def test_an_import_under_way_is_refused_with_what_to_do(client: TestClient) -> None:
    begin(client, {"email": "ann@shop.test"})
    answer = client.get("/_emulator/state")
    assert answer.status_code == 409
    assert answer.json() == {
        "error": "a job is under way, first job 1, import 1024 of emma account 100, and a scenario can not hold any; "
        "advance the clock, finish it with POST /_emulator/jobs/1/finish, or export with unfinished=fail, as if it "
        "had failed"
    }
    begin(client, {"email": "bob@shop.test"})
    assert client.get("/_emulator/state").json()["error"].startswith("2 jobs are under way, first job 1, ")
    advance(client, 60)
    assert [row["email"] for row in rows(client, "members")] == ["ann@shop.test", "bob@shop.test"]


def test_an_import_under_way_goes_out_as_one_that_failed_if_that_is_asked_for(
    client: TestClient, fresh: TestClient
) -> None:
    choose(client, "job_units_per_second", "1")
    begin(client, {"email": "ann@shop.test"}, {"email": "bob@shop.test"})
    advance(client, 1.5)
    scenario = exported(client, "unfinished=fail")
    assert json.loads(scenario)["remarks"][-1] == (
        "job 1, import 1024 of emma account 100 was under way when the state was exported, after 1 of 2; "
        "it is in here as one that failed."
    )
    load(fresh, scenario)
    row = ok(fresh.get(f"{IMPORTS}/1024"))
    assert (row["status"], row["error_message"]) == ("e", "was under way when the state was exported")
    assert [each["email"] for each in ok(fresh.get(MEMBERS))] == ["ann@shop.test"]
    assert ok(client.get(f"{IMPORTS}/1024"))["status"] == "p"
    advance(client, 60)
    assert ok(client.get(f"{IMPORTS}/1024"))["status"] == "o"


def test_keys_and_tokens_are_in_it_only_if_that_is_asked_for(make_emma: ClientFactory, tmp_path: Path) -> None:
    file = tmp_path / "closed.yaml"
    file.write_text("emma: {accounts: [{account_id: 100, keys: {public_key: private_key}, tokens: [t0ken]}]}")
    client = make_emma(scenario=(str(file),), accounts="closed")
    plain = exported(client, "").decode()
    assert not any(secret in plain for secret in ("public_key", "private_key", "t0ken"))
    assert "Keys and tokens are left out" in plain
    scenario = exported(client)
    assert "left out" not in scenario.decode()
    load(client, plain.encode())
    assert client.get(MEMBERS).status_code == 401
    load(client, scenario)
    assert client.get(MEMBERS).status_code == 200
    assert client.get(MEMBERS, headers={"Authorization": "Bearer t0ken"}).status_code == 200
