"""Which imports there were, and whom they affected."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.emma.importing import IMPORTS, changes, detail, imported, people
from tests.emma.support import MEMBERS, add, archive, group, ok, purge, refused, update


@pytest.fixture
def mixed(client: TestClient) -> int:
    """An import that added new@, updated known@ and inside@, restored gone@, put all but inside@ into a group."""
    group_id = group(client)
    add(client, "known@shop.test")
    add(client, "inside@shop.test", group_ids=[group_id])
    archive(client, add(client, "gone@shop.test"))
    names = ("new", "known", "gone", "inside")
    answer = imported(client, *[{"email": f"{name}@shop.test"} for name in names], group_ids=[group_id])
    import_id: int = answer["import_id"]
    return import_id


ALL = "new a, known u, gone n, inside u"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", ALL),
        ("all=true", ALL),
        ("all=0", ALL),
        ("added_only=0&added_to_groups=False", ALL),
        ("added_only=True", "new a, gone n"),
        ("added_only=1", "new a, gone n"),
        ("added_to_groups=1", "new a, known u, gone n"),
        ("added_only=1&added_to_groups=1", "new a, gone n"),
        ("all=1&added_only=1", ALL),
        ("all=false&added_only=1", "new a, gone n"),
        ("start=1&end=3", "known u, gone n"),
        ("added_only=1&start=1", "gone n"),
        ("start=9", ""),
    ],
)
def test_flags_choose_who_is_listed(client: TestClient, mixed: int, query: str, wanted: str) -> None:
    rows = ok(client.get(f"{IMPORTS}/{mixed}/members?{query}"))
    listed = [f"{row['email'].removesuffix('@shop.test')} {row['change_type']}" for row in rows]
    assert ", ".join(listed) == wanted


def test_affected_members_can_be_counted(client: TestClient, mixed: int) -> None:
    assert ok(client.get(f"{IMPORTS}/{mixed}/members?count=true")) == 4
    assert ok(client.get(f"{IMPORTS}/{mixed}/members?count=true&added_only=true")) == 2


def test_a_row_has_the_four_keys_of_the_document(client: TestClient) -> None:
    import_id = imported(client, {"email": "ann@shop.test"})["import_id"]
    assert ok(client.get(f"{IMPORTS}/{import_id}/members")) == [
        {"member_id": 1024, "change_type": "a", "member_status_id": "a", "email": "ann@shop.test"}
    ]


def test_a_row_shows_the_member_as_it_is_now(client: TestClient) -> None:
    import_id = imported(client, {"email": "ann@shop.test"})["import_id"]
    update(client, 1024, status_to="o", email="anna@shop.test")
    (row,) = ok(client.get(f"{IMPORTS}/{import_id}/members"))
    assert (row["member_status_id"], row["email"], row["change_type"]) == ("o", "anna@shop.test", "a")


def test_an_archived_member_is_still_listed_and_a_purged_one_is_not(client: TestClient) -> None:
    import_id = imported(client, *people(3))["import_id"]
    archive(client, 1024)
    purge(client, 1025)
    assert changes(client, import_id) == [("m0@shop.test", "a"), ("m2@shop.test", "a")]
    assert ok(client.get(f"{IMPORTS}/{import_id}/members?count=true")) == 2


def test_a_purge_leaves_the_counters_of_an_import_alone(client: TestClient) -> None:
    import_id = imported(client, *people(3))["import_id"]
    before = detail(client, import_id)
    purge(client, 1024)
    assert detail(client, import_id) == before


def test_pages_of_affected_members_have_500_rows_at_most(client: TestClient) -> None:
    import_id = imported(client, *people(501))["import_id"]
    assert len(changes(client, import_id)) == len(changes(client, import_id, start=0, end=501)) == 500
    assert changes(client, import_id, start=500) == [("m500@shop.test", "a")]


def test_all_imports_are_listed_by_id_with_their_details(client: TestClient) -> None:
    answers = [imported(client, *people(count)) for count in (1, 2, 3)]
    assert ok(client.get(IMPORTS)) == answers
    assert ok(client.get(f"{IMPORTS}?start=1&end=2")) == answers[1:2]
    assert ok(client.get(f"{IMPORTS}?count=true")) == 3


def test_a_new_account_has_no_imports(client: TestClient) -> None:
    assert ok(client.get(IMPORTS)) == []
    assert ok(client.get(f"{IMPORTS}?count=True")) == 0


@pytest.mark.parametrize("query", ["start=x", "end=1.5", "count=maybe"])
def test_a_parameter_that_makes_no_sense_is_refused(client: TestClient, query: str) -> None:
    import_id = imported(client)["import_id"]
    assert refused(client.get(f"{IMPORTS}?{query}"))[0] == 400
    assert refused(client.get(f"{IMPORTS}/{import_id}/members?{query}"))[0] == 400


@pytest.mark.parametrize("path", ["", "/members", "/members?count=true"])
@pytest.mark.parametrize("import_id", ["7", "abc", "-1", "9" * 5000])
def test_an_import_that_does_not_exist_is_not_found(client: TestClient, import_id: str, path: str) -> None:
    assert refused(client.get(f"{IMPORTS}/{import_id}{path}"))[0] == 404


def test_an_import_of_another_account_is_not_found(client: TestClient) -> None:
    import_id = imported(client)["import_id"]
    assert refused(client.get(f"/200/members/imports/{import_id}"))[0] == 404


def test_deleting_imports_is_declined_with_its_name(client: TestClient) -> None:
    status, text = refused(client.delete(f"{IMPORTS}/delete?import_ids=1"))
    assert status == 501
    assert text.startswith("emma.members.imports.delete is not emulated")


def test_import_ids_count_from_1024_whatever_else_was_made(client: TestClient) -> None:
    add(client)
    group(client)
    assert [imported(client)["import_id"] for _ in range(2)] == [1024, 1025]
    assert ok(client.get(f"{MEMBERS}?count=true")) == 1
