"""Every choice of the behaviours that concern imports and jobs."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.emma.importing import begin, changes, choices, imported, in_group, jobs, numbers, people
from tests.emma.support import (
    FIELDS,
    GROUPS,
    add,
    advance,
    archive,
    choose,
    emails,
    group,
    member,
    ok,
)


def field_names(client: TestClient) -> list[str]:
    return [field["shortcut_name"] for field in ok(client.get(FIELDS))]


@choices(("exclusive", 2), ("inclusive", 3))
def test_paging_end_of_imports_and_groups(client: TestClient, choice: str, wanted: int) -> None:
    choose(client, "paging_end", choice)
    group_id = group(client)
    import_id = imported(client, *people(5), group_ids=[group_id])["import_id"]
    assert len(changes(client, import_id, start=1, end=3)) == wanted
    assert len(in_group(client, group_id, start=1, end=3)) == wanted


@choices(("accept", {"first_name": "N"}), ("ignore", {"first_name": "F"}))
def test_nested_import_fields(client: TestClient, choice: str, wanted: dict[str, str]) -> None:
    choose(client, "nested_import_fields", choice)
    imported(client, {"email": "ann@shop.test", "first_name": "F", "fields": {"first_name": "N"}})
    assert member(client, 1024)["fields"] == wanted


@pytest.mark.parametrize("choice", ["objects", "ids", "empty"])
def test_import_details(client: TestClient, choice: str) -> None:
    choose(client, "import_details", choice)
    group_id = group(client)
    answer = imported(client, {"email": "ann@shop.test", "first_name": "Ann"}, group_ids=[group_id])
    added = [{"member_group_id": group_id, "num_added": 1}]
    wanted = {
        "objects": (added, [ok(client.get(f"{GROUPS}/{group_id}"))], [ok(client.get(f"{FIELDS}/200"))]),
        "ids": (added, [group_id], [200]),
        "empty": ([], [], []),
    }
    assert (answer["num_added_by_group"], answer["groups_updated"], answer["fields_updated"]) == wanted[choice]


@choices(("all", ["a", "u"]), ("added_only", ["a"]))
def test_import_members_default(client: TestClient, choice: str, wanted: list[str]) -> None:
    choose(client, "import_members_default", choice)
    add(client, "known@shop.test")
    import_id = imported(client, {"email": "new@shop.test"}, {"email": "known@shop.test"})["import_id"]
    assert [letter for _, letter in changes(client, import_id)] == wanted
    assert len(changes(client, import_id, all=True)) == 2


@choices(("restore", [("ann@shop.test", "n")]), ("skip", []))
def test_add_only_archived(client: TestClient, choice: str, wanted: list[tuple[str, str]]) -> None:
    choose(client, "add_only_archived", choice)
    archive(client, add(client))
    answer = imported(client, {"email": "ann@shop.test"}, add_only=True)
    assert changes(client, answer["import_id"]) == wanted
    assert answer["num_skipped"] == 1 - len(wanted)


@choices(("alias", "people.csv"), ("ignore", None))
def test_import_filename(client: TestClient, choice: str, wanted: str | None) -> None:
    choose(client, "import_filename", choice)
    assert imported(client, filename="people.csv")["source_filename"] == wanted
    assert imported(client, filename="other.csv", source_filename="mine.csv")["source_filename"] == "mine.csv"


ROWS = [{"email": "ann@shop.test", "shoe_size": "38", "first_name": "Ann"}, {"email": "bob@shop.test"}]


@choices(
    ("ignore", {"first_name": "Ann"}),
    ("create", {"first_name": "Ann", "shoe_size": "38"}),
    ("reject", None),
)
def test_unknown_fields_of_an_import(client: TestClient, choice: str, wanted: dict[str, str] | None) -> None:
    choose(client, "unknown_fields", choice)
    answer = imported(client, *ROWS)
    if wanted is None:
        assert emails(client) == ["bob@shop.test"]
        assert numbers(answer) == {"members": 2, "members_added": 1, "skipped": 1, "errors": 1}
    else:
        assert member(client, 1024)["fields"] == wanted
        assert numbers(answer) == {"members": 2, "members_added": 2}
    assert ("shoe_size" in field_names(client)) is (choice == "create")


def test_an_unknown_field_is_made_once_for_all_rows(client: TestClient) -> None:
    choose(client, "unknown_fields", "create")
    answer = imported(client, *[{**row, "hat": "7"} for row in people(600)])
    assert field_names(client).count("hat") == 1
    assert [field["shortcut_name"] for field in answer["fields_updated"]] == ["hat"]


@choices(("keep", {"birthday": "soon"}), ("ignore", {}), ("reject", None))
def test_bad_field_value_of_an_import(client: TestClient, choice: str, wanted: dict[str, str] | None) -> None:
    choose(client, "bad_field_value", choice)
    answer = imported(client, {"email": "ann@shop.test", "birthday": "soon"})
    if wanted is None:
        assert numbers(answer) == {"members": 1, "skipped": 1, "errors": 1}
    else:
        assert member(client, 1024)["fields"] == wanted


@choices(("error", ["nonsense", "ann@shop.test"]), ("reject", ["ann@shop.test"]))
def test_malformed_address_of_an_import(client: TestClient, choice: str, wanted: list[str]) -> None:
    choose(client, "malformed_address", choice)
    answer = imported(client, {"email": "nonsense"}, {"email": "ann@shop.test"})
    assert emails(client) == wanted
    assert (answer["num_errors"], answer["num_skipped"]) == (1, 2 - len(wanted))


@choices(("insensitive", 1), ("sensitive", 2))
def test_email_case_of_an_import(make_emma: ClientFactory, choice: str, wanted: int) -> None:
    client = make_emma(behaviour=(("emma.email_case", choice),))
    answer = imported(client, {"email": "ann@shop.test"}, {"email": "Ann@shop.test"})
    assert (answer["num_members_added"], answer["num_duplicates"]) == (wanted, 2 - wanted)


@choices(("a", "a"), ("o", "o"))
def test_sms_status_of_an_import(client: TestClient, choice: str, wanted: str) -> None:
    choose(client, "sms_status", choice)
    imported(client, {"email": "ann@shop.test", "sms": {"phone_number": "1234567890"}})
    sms = member(client, 1024)["sms"]
    assert (sms["transactional_status"], sms["promotional_status"]) == (wanted, wanted)


@choices(("time", ("queued", "finished")), ("immediate", ("finished", "finished")), ("manual", ("queued", "queued")))
@pytest.mark.parametrize("kind", ["import", "group removal"])
def test_job_progress(client: TestClient, kind: str, choice: str, wanted: tuple[str, str]) -> None:
    choose(client, "job_progress", choice)
    if kind == "import":
        begin(client, *people(3))
    else:
        ok(client.delete(f"{GROUPS}/{group(client)}/members/remove?member_status_id=a"))
    before = jobs(client)[0]["state"]
    advance(client, 60)
    (job,) = jobs(client)
    assert (job["kind"], before, job["state"]) == (kind, *wanted)


@choices(("0", "finished"), ("60", "queued"))
def test_job_queue_seconds(client: TestClient, choice: str, wanted: str) -> None:
    choose(client, "job_queue_seconds", choice)
    begin(client, *people(3))
    advance(client, 1)
    assert jobs(client)[0]["state"] == wanted


@choices(("1", 1), ("0.5", 0), ("1000", 5))
def test_job_units_per_second(client: TestClient, choice: str, wanted: int) -> None:
    choose(client, "job_units_per_second", choice)
    begin(client, *people(5))
    advance(client, 1.5)
    assert len(emails(client)) == wanted


@pytest.mark.parametrize(
    ("name", "choice"),
    [("job_queue_seconds", "-1"), ("job_queue_seconds", "soon"), ("job_units_per_second", "0"), ("job_progress", "x")],
)
def test_a_pace_that_is_none_is_refused(client: TestClient, name: str, choice: str) -> None:
    answer = client.put("/_emulator/behaviours", json={f"emma.{name}": choice})
    assert answer.status_code == 400
    begin(client, *people(1))
    advance(client, 1)
    assert jobs(client)[0]["state"] == "finished"
