"""What Emma's documents advise, found in traffic."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from emulator.app import make_vendors
from emulator.core.proof.advice import Sentence
from emulator.core.vendor import Vendor
from tests.emma.importing import begin, imported, people
from tests.emma.support import GROUPS, MEMBERS, add, archive, choose
from tests.support import world_of

VENDORS = make_vendors()


def advice(client: TestClient, kind: str) -> list[dict[str, Any]]:
    """The findings of a kind."""
    answer = client.get("/_emulator/advice")
    assert answer.status_code == 200, answer.text
    return [finding for finding in answer.json()["advice"] if finding["kind"] == kind]


def test_a_new_world_needs_no_advice(client: TestClient) -> None:
    assert client.get("/_emulator/advice").json() == {"advice": []}


def test_adding_members_one_by_one_is_a_loop(client: TestClient) -> None:
    for number in range(5):
        add(client, f"m{number}@shop.test")
    (finding,) = advice(client, "loop")
    assert finding["text"] == (
        "5 calls of emma.members.add one after the other; "
        "POST /{account_id}/members (emma.members.import) takes them all in one call"
    )
    assert (finding["times"], finding["entries"]) == (5, [1, 2, 3, 4, 5])
    assert finding["quote"].startswith("Add new members or update existing members in bulk.")
    assert finding["document"] == "vendor-docs/emma-members.txt"


def test_a_few_are_no_loop(client: TestClient) -> None:
    for number in range(4):
        add(client, f"m{number}@shop.test")
    assert advice(client, "loop") == []


def test_a_pause_ends_a_loop(client: TestClient) -> None:
    for number in range(6):
        add(client, f"m{number}@shop.test")
    for entry in list(world_of(client).journal)[3:]:
        entry.began += 61
    assert advice(client, "loop") == []


def test_the_loops_of_two_accounts_are_two(client: TestClient) -> None:
    for number in range(6):
        client.post(f"/{100 + number % 2}/members/add", json={"email": "ann@shop.test"})
    assert advice(client, "loop") == []


@pytest.mark.parametrize(
    ("method", "path", "instead"),
    [
        ("DELETE", f"{MEMBERS}/7", "emma.members.archive_many"),
        ("PUT", f"{MEMBERS}/email/optout/a@b.test", "emma.members.set_status"),
        ("PUT", f"{MEMBERS}/7/groups", "emma.groups.enlist"),
        ("PUT", f"{MEMBERS}/7/groups/remove", "emma.members.release"),
        ("DELETE", f"{MEMBERS}/7/groups", "emma.members.release"),
    ],
)
def test_other_loops_name_the_call_that_takes_many(client: TestClient, method: str, path: str, instead: str) -> None:
    for _ in range(5):
        client.request(method, path)
    (finding,) = advice(client, "loop")
    assert instead in finding["text"]
    assert "as opposed to looping through a list of members" in finding["quote"]


def test_asking_for_an_import_all_the_time_is_polling(client: TestClient) -> None:
    import_id = begin(client, *people(3))
    for _ in range(4):
        client.get(f"{MEMBERS}/imports/{import_id}")
    (finding,) = advice(client, "polling")
    assert (finding["times"], finding["entries"]) == (3, [3, 4, 5])
    assert finding["quote"].startswith("Imports are generally pretty fast")


def test_asking_at_leisure_is_no_polling(client: TestClient) -> None:
    import_id = begin(client, *people(3))
    for _ in range(4):
        client.get(f"{MEMBERS}/imports/{import_id}")
        client.post("/_emulator/clock/advance", json={"by": 0.01})
        for entry in world_of(client).journal:
            entry.began -= 1
    assert advice(client, "polling") == []


def test_a_page_past_the_end(client: TestClient) -> None:
    imported(client, *people(3))
    for window in ("start=0&end=2", "start=2&end=4", "start=4&end=6"):
        client.get(f"{MEMBERS}?{window}")
    (finding,) = advice(client, "past_the_end")
    assert finding["times"] == 1
    assert finding["quote"] == "So, to pull a large number of results, you start with a count:"


def test_reading_a_whole_list_and_doing_nothing_with_it(client: TestClient) -> None:
    imported(client, *people(3))
    for window in ("start=0&end=2", "start=2&end=4"):
        client.get(f"{MEMBERS}?{window}")
    (finding,) = advice(client, "reading_to_count")
    assert (finding["times"], finding["entries"]) == (2, [3, 4])
    assert "append count=true" in finding["text"]
    assert finding["quote"].endswith("by appending a query parameter of count=true.")
    archive(client, 1024)
    assert advice(client, "reading_to_count") == []


@pytest.mark.parametrize(
    "windows",
    [
        ["start=0&end=2"],
        ["start=0&end=5"],
        ["start=2&end=4", "start=4&end=6"],
        ["start=0&end=1", "start=2&end=4"],
        ["count=true", "count=1"],
        ["start=0&end=2", "start=x", "start=0&end=2"],
    ],
    ids=str,
)
def test_reading_a_part_or_the_number_is_fine(client: TestClient, windows: list[str]) -> None:
    imported(client, *people(3))
    for window in windows:
        client.get(f"{MEMBERS}?{window}")
    assert advice(client, "reading_to_count") == []


def test_a_page_that_the_journal_cut_is_not_taken_for_the_last(client: TestClient) -> None:
    imported(client, *people(900))
    client.get(MEMBERS)
    client.get(f"{MEMBERS}?start=500")
    assert advice(client, "reading_to_count") == []
    client.get(f"{MEMBERS}?start=1000")
    assert len(advice(client, "reading_to_count")) == 1


def test_an_answer_that_rests_on_a_guess(client: TestClient) -> None:
    client.get(f"{GROUPS}?group_types=q")
    (finding,) = advice(client, "inferred")
    assert finding["text"] == (
        "1 answers rest on emma.unknown_group_types=ignore, which nobody has documented or seen: "
        "A letter in group_types that is no group type. Try the other choices, ignore or reject"
    )
    assert (finding["quote"], finding["document"]) == (None, "reference/emma.md section 4: nothing is documented")


def test_what_every_request_looks_up_is_no_finding(client: TestClient) -> None:
    add(client)
    client.get(f"{MEMBERS}/email/ann@shop.test")
    imported(client, *people(3))
    assert [each["text"] for each in advice(client, "inferred") if "import_details" not in each["text"]] == []


def test_each_choice_is_a_finding_of_its_own(client: TestClient) -> None:
    client.get(f"{GROUPS}?group_types=q")
    choose(client, "unknown_group_types", "reject")
    client.get(f"{GROUPS}?group_types=q")
    assert [each["entries"] for each in advice(client, "inferred")] == [[1], [2]]


def test_keys_that_nothing_reads(client: TestClient) -> None:
    for _ in range(2):
        add(client, colour="red", field_triggers=True)
    client.get(f"{MEMBERS}?page=2")
    assert [(each["text"], each["times"]) for each in advice(client, "unread")] == [
        ("'colour' in the body of emma.members.add does nothing: the call has no such parameter there", 2),
        ("'field_triggers' in the body of emma.members.add does nothing here; it is documented, but not emulated", 2),
        ("'page' in the query of emma.members.list does nothing: the call has no such parameter there", 1),
    ]


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.id)
def test_advice_speaks_of_operations_and_behaviours_that_exist(vendor: Vendor) -> None:
    given = vendor.advice()
    named = {each for loop in given.loops for each in loop.operations} | {poll.operation for poll in given.polls}
    named |= {each for listing in given.listings for each in listing.operations} | set(given.documented)
    assert named <= {operation.id for operation in vendor.operations}
    inferred = {behaviour.id for behaviour in vendor.behaviours if behaviour.evidence == "inferred"}
    assert given.always <= inferred


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.id)
def test_every_recommendation_has_its_sentence(vendor: Vendor) -> None:
    given = vendor.advice()
    sentences: list[Sentence] = [loop.sentence for loop in given.loops] + [poll.sentence for poll in given.polls]
    sentences += [each for listing in given.listings for each in (listing.end_sentence, listing.number_sentence)]
    assert all(each.quote and each.document for each in sentences)


def test_what_an_import_looks_up_later_stands_in_its_entry(client: TestClient) -> None:
    imported(client, {"email": "ann@shop.test", "fields": {"first_name": "Ann"}})
    explained = client.get("/_emulator/journal/1").json()["explain"]
    assert "emma.nested_import_fields" in {each["id"] for each in explained["behaviours"]}
