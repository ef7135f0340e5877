"""Bulk imports: what they do to members, and what they say of it. When they do it is in test_import_progress.py."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import json
from starlette.testclient import TestClient

from tests.emma.importing import IMPORTS, begin, changes, imported, in_group, numbers, people
from tests.emma.support import (
    MEMBERS,
    NOW,
    add,
    archive,
    counters,
    emails,
    group,
    groups_of,
    member,
    ok,
    refused,
    status,
    update,
)

KEYS = {
    "import_id",
    "account_id",
    "status",
    "style",
    "import_started",
    "import_finished",
    "error_message",
    "num_members",
    "num_members_added",
    "num_members_updated",
    "num_duplicates",
    "num_skipped",
    "num_errors",
    "num_added_by_group",
    "fields_updated",
    "groups_updated",
    "source_name",
    "source_filename",
    "automated_field_changes",
}


def test_the_detail_has_the_nineteen_keys_of_the_document(client: TestClient) -> None:
    answer = imported(client, {"email": "ann@shop.test"})
    assert answer.keys() == KEYS
    assert len(KEYS) == 19
    assert (answer["account_id"], answer["source_name"], answer["error_message"]) == (100, None, None)


def test_new_rows_become_active_members(client: TestClient) -> None:
    answer = imported(client, *people(3))
    assert numbers(answer) == {"members": 3, "members_added": 3}
    assert emails(client) == ["m0@shop.test", "m1@shop.test", "m2@shop.test"]
    assert [status(client, member_id) for member_id in (1024, 1025, 1026)] == ["a", "a", "a"]


def test_a_row_with_a_known_address_updates_the_member(client: TestClient) -> None:
    member_id = add(client, "Ann@shop.test", fields={"first_name": "Ann", "last_name": "Smith"})
    answer = imported(client, {"email": "ANN@shop.test", "first_name": "Anna"})
    assert numbers(answer) == {"members": 1, "members_updated": 1}
    after = member(client, member_id)
    assert (after["email"], after["fields"]) == ("Ann@shop.test", {"first_name": "Anna", "last_name": "Smith"})
    assert after["last_modified_at"] == NOW


def test_of_rows_with_one_address_the_last_counts(client: TestClient) -> None:
    rows = [
        {"email": "ann@shop.test", "first_name": "1", "last_name": "x"},
        {"email": "bob@shop.test"},
        {"email": "ANN@shop.test", "first_name": "2"},
        {"email": "ann@SHOP.test", "first_name": "3"},
    ]
    answer = imported(client, *rows)
    assert numbers(answer) == {"members": 4, "members_added": 2, "duplicates": 2}
    assert member(client, 1024)["fields"] == {"first_name": "3"}
    assert changes(client, answer["import_id"]) == [("ann@SHOP.test", "a"), ("bob@shop.test", "a")]


@pytest.mark.parametrize("row", [{"email": "a@shop.test"}, {"email": "A@shop.test", "x": 1}])
def test_duplicates_are_found_however_far_apart(client: TestClient, row: dict[str, Any]) -> None:
    answer = imported(client, *people(2500), {"email": "a@shop.test"}, *people(2500, 2500), row)
    assert numbers(answer) == {"members": 5002, "members_added": 5001, "duplicates": 1}


@pytest.mark.parametrize(
    "row", [{}, {"email": ""}, {"email": "  "}, {"email": None}, {"email": 5}, {"first_name": "Ann"}, None, 7, "a", []]
)
def test_a_row_without_an_address_is_skipped_as_an_error(client: TestClient, row: Any) -> None:
    answer = imported(client, row, {"email": "ann@shop.test"})
    assert numbers(answer) == {"members": 2, "members_added": 1, "skipped": 1, "errors": 1}
    assert emails(client, deleted=True) == ["ann@shop.test"]


def test_a_malformed_address_is_stored_in_error(client: TestClient) -> None:
    answer = imported(client, {"email": "nonsense"}, {"email": "ann@shop.test"})
    assert numbers(answer) == {"members": 2, "members_added": 2, "errors": 1}
    assert (status(client, 1024), member(client, 1024)["email_error"]) == ("e", "format")


def test_a_member_in_error_is_still_in_error_after_an_update(client: TestClient) -> None:
    add(client, "nonsense")
    answer = imported(client, {"email": "nonsense", "first_name": "Ann"})
    assert numbers(answer) == {"members": 1, "members_updated": 1, "errors": 1}


def test_an_import_never_reactivates_an_opt_out(client: TestClient) -> None:
    member_id = add(client)
    update(client, member_id, status_to="o")
    group_id = group(client)
    answer = imported(client, {"email": "ann@shop.test", "first_name": "Ann"}, group_ids=[group_id])
    assert numbers(answer) == {"members": 1, "members_updated": 1}
    assert status(client, member_id) == "o"
    assert member(client, member_id)["fields"] == {"first_name": "Ann"}
    assert counters(client, group_id) == (0, 0, 1)


def test_an_archived_member_is_restored_with_its_id(client: TestClient) -> None:
    member_id = add(client)
    archive(client, member_id)
    answer = imported(client, {"email": "ann@shop.test"})
    assert numbers(answer) == {"members": 1, "members_updated": 1}
    assert changes(client, answer["import_id"]) == [("ann@shop.test", "n")]
    assert member(client, member_id)["deleted_at"] is None


def test_add_only_skips_who_is_there(client: TestClient) -> None:
    group_id = group(client)
    member_id = add(client, fields={"first_name": "Ann"})
    rows = [{"email": "ann@shop.test", "first_name": "Other"}, {"email": "bob@shop.test"}]
    answer = imported(client, *rows, add_only=True, group_ids=[group_id])
    assert numbers(answer) == {"members": 2, "members_added": 1, "skipped": 1}
    assert answer["style"] == "add_only"
    assert changes(client, answer["import_id"]) == [("bob@shop.test", "a")]
    assert (member(client, member_id)["fields"], groups_of(client, member_id)) == ({"first_name": "Ann"}, [])


@pytest.mark.parametrize(("value", "style"), [(1, "add_only"), ("true", "add_only"), (False, "add_and_update")])
def test_add_only_is_a_boolean_in_any_spelling(client: TestClient, value: Any, style: str) -> None:
    assert imported(client, add_only=value)["style"] == style


def test_every_imported_member_joins_the_groups_whatever_its_status(client: TestClient) -> None:
    first, second = group(client), group(client)
    update(client, add(client, "out@shop.test", group_ids=[first]), status_to="o")
    rows = [{"email": "new@shop.test"}, {"email": "out@shop.test"}, {"email": "nonsense"}]
    answer = imported(client, *rows, group_ids=[str(second), first, 7])
    assert counters(client, first) == counters(client, second) == (1, 1, 1)
    assert answer["num_added_by_group"] == [
        {"member_group_id": first, "num_added": 2},
        {"member_group_id": second, "num_added": 3},
    ]
    assert [each["member_group_id"] for each in answer["groups_updated"]] == [first, second]


def test_an_imported_member_stays_in_its_other_groups(client: TestClient) -> None:
    first, second = group(client), group(client)
    member_id = add(client, group_ids=[first])
    imported(client, {"email": "ann@shop.test"}, group_ids=[second])
    assert groups_of(client, member_id) == [first, second]


def test_updated_groups_and_fields_are_objects(client: TestClient) -> None:
    group_id = group(client)
    answer = imported(client, {"email": "ann@shop.test", "last_name": "S"}, group_ids=[group_id])
    assert answer["groups_updated"] == [ok(client.get(f"/100/groups/{group_id}"))]
    assert answer["fields_updated"] == [ok(client.get("/100/fields/201"))]


def test_fields_may_be_flat_or_nested_and_nested_ones_win(client: TestClient) -> None:
    rows = [
        {"email": "flat@shop.test", "first_name": "F"},
        {"email": "nested@shop.test", "fields": {"first_name": "N"}},
        {"email": "mixed@shop.test", "first_name": "F", "last_name": "L", "fields": {"first_name": "N"}},
    ]
    imported(client, *rows)
    found = [member(client, member_id)["fields"] for member_id in (1024, 1025, 1026)]
    assert found == [{"first_name": "F"}, {"first_name": "N"}, {"first_name": "N", "last_name": "L"}]


def test_a_row_may_bring_a_member_id_that_means_nothing(client: TestClient) -> None:
    bob = add(client, "bob@shop.test")
    answer = imported(client, {"email": "ann@shop.test", "member_id": bob})
    assert numbers(answer) == {"members": 1, "members_added": 1}
    assert member(client, bob)["email"] == "bob@shop.test"


def test_a_mobile_number_and_the_consent_of_all_are_imported(client: TestClient) -> None:
    criteria = {"sms": {"transactional_status": "a", "promotional_status": "o"}}
    imported(client, {"email": "ann@shop.test", "sms": {"phone_number": "1234567890"}}, criteria=criteria)
    sms = member(client, 1024)["sms"]
    assert (sms["phone_number"], sms["transactional_status"], sms["promotional_status"]) == ("+11234567890", "a", "o")


def test_unknown_fields_are_named_in_the_journal_entry_of_the_call(client: TestClient) -> None:
    begin(client, {"email": "ann@shop.test", "shoe_size": 38}, {"email": "bob@shop.test", "fields": {"hat": 1}})
    ok(client.post("/_emulator/clock/advance", json={"by": 60}))
    ok(client.get(MEMBERS))
    (entry,) = ok(client.get("/_emulator/journal?operation=emma.members.import"))["entries"]
    assert [note.split()[0] for note in entry["notes"]] == ["fields.shoe_size", "fields.hat"]
    assert "dropped" in entry["notes"][0]


def test_unknown_groups_are_named_in_the_journal_entry_of_the_call(client: TestClient) -> None:
    begin(client, group_ids=[7])
    (entry,) = ok(client.get("/_emulator/journal?operation=emma.members.import"))["entries"]
    assert entry["notes"] == ["group 7 can not be joined and was ignored"]


@pytest.mark.parametrize("key", ["source_filename", "filename"])
def test_an_import_keeps_the_name_of_its_file(client: TestClient, key: str) -> None:
    assert imported(client, **{key: "people.csv"})["source_filename"] == "people.csv"


def test_an_import_keeps_whether_workflows_were_asked_for(client: TestClient) -> None:
    answers = [imported(client), imported(client, automate_field_changes=True)]
    assert [answer["automated_field_changes"] for answer in answers] == [None, True]


def test_an_import_of_nobody_is_done_all_the_same(client: TestClient) -> None:
    answer = imported(client)
    assert (answer["status"], numbers(answer)) == ("o", {})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"members": None},
        {"members": {"email": "ann@shop.test"}},
        {"members": "ann@shop.test"},
        {"members": [], "group_ids": None},
        {"members": [], "group_ids": ["x"]},
        {"members": [], "add_only": "perhaps"},
    ],
)
def test_what_is_no_import_is_refused_at_once(client: TestClient, body: dict[str, Any]) -> None:
    assert refused(client.post(MEMBERS, json=body))[0] == 400
    assert ok(client.get(f"{IMPORTS}?count=true")) == 0


@pytest.mark.parametrize("body", [b"{", b'{"members": [{"email": nonsense}]}', b'{"members": [{"email": "a"},]}'])
def test_json_that_can_not_be_parsed_is_refused_at_once(client: TestClient, body: bytes) -> None:
    assert refused(client.post(MEMBERS, content=body)) == (400, "Unable to parse JSON request")


def test_a_payload_over_ten_megabytes_is_refused(client: TestClient) -> None:
    body = json.encode({"members": people(1)})
    assert client.post(MEMBERS, content=body.rjust(10 * 1024 * 1024)).status_code == 200
    answer = client.post(MEMBERS, content=body.rjust(10 * 1024 * 1024 + 1))
    assert refused(answer) == (413, "the request body is larger than 10485760 bytes")
    assert ok(client.get(f"{IMPORTS}?count=true")) == 1


def test_a_group_that_is_deleted_meanwhile_gets_nobody(client: TestClient) -> None:
    group_id = group(client)
    import_id = begin(client, {"email": "ann@shop.test"}, group_ids=[group_id])
    ok(client.delete(f"/100/groups/{group_id}"))
    ok(client.post("/_emulator/clock/advance", json={"by": 60}))
    assert ok(client.get(f"{IMPORTS}/{import_id}"))["num_added_by_group"] == []
    assert changes(client, import_id, added_to_groups=True) == []


def test_who_was_imported_is_listed_in_the_groups(client: TestClient) -> None:
    group_id = group(client)
    imported(client, *people(2), group_ids=[group_id])
    assert in_group(client, group_id) == ["m0@shop.test", "m1@shop.test"]


def test_a_refused_row_updates_no_field(client: TestClient) -> None:
    answer = imported(client, {"email": "ann@shop.test", "first_name": "Ann", "sms": {"phone_number": "12"}})
    assert (answer["num_skipped"], answer["fields_updated"]) == (1, [])
