"""The right to erasure: after a purge, no byte of the address is left in the world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from emulator.core.erasure import ERASED
from emulator.core.journal import BODY_KEPT
from tests.conftest import ClientFactory
from tests.emma.importing import begin, detail, imported, people
from tests.emma.support import (
    MEMBERS,
    account_of,
    act,
    add,
    advance,
    archive,
    choose,
    emails,
    group,
    mail,
    ok,
    purge,
    sign_up,
    update,
)
from tests.emma.traces import texts_in, traces
from tests.support import world_of

ANN = "ann@shop.test"
ENCODED = "ann%40shop.test"
ESCAPED = "\\u0061nn\\u0040shop.test"
ALL_ENCODED = "".join(f"%{ord(letter):02x}" for letter in ANN)
SPELLINGS = (ANN, ENCODED, ESCAPED, ALL_ENCODED)
LONG = {"email": "long@shop.test", "unknown": "x" * BODY_KEPT}
"""A row after which the journal keeps nothing of a body."""

Step = Callable[[TestClient], object]


def purge_by_id(client: TestClient) -> None:
    purge(client, 1024)


def purge_archived(client: TestClient) -> None:
    archive(client, 1024)
    assert ok(client.put(f"{MEMBERS}/purgeall")) is True


PURGES = pytest.mark.parametrize("purge_her", [purge_by_id, purge_archived])

# What may be done with the address of member 1024, by what it is in.
MENTIONS: dict[str, Step] = {
    "nothing but the member": lambda client: None,
    "a path": lambda client: client.get(f"{MEMBERS}/email/{ANN}"),
    "a path in other letters": lambda client: client.get(f"{MEMBERS}/email/Ann@SHOP.test"),
    "an encoded path": lambda client: client.get(f"{MEMBERS}/email/{ENCODED}"),
    "a path that is all encoded": lambda client: client.get(f"{MEMBERS}/email/{ALL_ENCODED.upper()}"),
    "a path of an opt-out": lambda client: client.put(f"{MEMBERS}/email/optout/Ann%40shop.test"),
    "a path that no operation has": lambda client: client.get(f"/100/nonsense/{ANN}/more"),
    "a path of no vendor": lambda client: client.get(f"/nowhere/{ANN}"),
    "a path that is declined": lambda client: client.get(f"/100/searches/{ENCODED}"),
    "a query": lambda client: client.get(f"{MEMBERS}?filter={ANN}"),
    "an encoded query": lambda client: client.get(f"{MEMBERS}?filter=%5B%22email%22%2C%22{ENCODED}%22%5D"),
    "a body in other letters": lambda client: add(client, "ANN@shop.TEST"),
    "an escaped body": lambda client: client.post(f"{MEMBERS}/add", content=f'{{"email": "{ESCAPED}"}}'),
    "a body that is refused": lambda client: client.post(f"{MEMBERS}/add", json={"email": ANN, "group_ids": "x"}),
    "a body that is no JSON": lambda client: client.post(f"{MEMBERS}/add", content=f"email={ENCODED}"),
    "a body of a GET": lambda client: client.request("GET", f"{MEMBERS}/7", json={"email": ANN}),
    "a header": lambda client: client.get(MEMBERS, headers={"Referer": f"https://shop.test/?m={ENCODED}"}),
    "a call without credentials": lambda client: client.get(
        f"{MEMBERS}/email/{ANN}", headers={"Authorization": "Basic eDp5"}
    ),
    "a call to another account": lambda client: client.get(f"/200/members/email/{ANN}"),
    "a remark": lambda client: add(client, "bob@shop.test", fields={ANN: "x"}),
    "answers": lambda client: [client.get(path) for path in (MEMBERS, f"{MEMBERS}/1024")],
    "a group": lambda client: client.get(f"/100/groups/{group_with_ann(client)}/members"),
    "a mailing": lambda client: sign_up(client, ANN, group_ids=[group(client)], opt_in_subject=f"Welcome {ANN}!"),
    "what a tester did": lambda client: [
        act(client, "deliver", member_id=1024, name=f"To {ANN}", mailing_id=7),
        act(client, "unsubscribe", member_id=1024, mailing_id=7),
        act(client, "bounce", member_id=1024, error=f"{ANN} does not exist"),
    ],
    "a short import": lambda client: imported(client, {"email": ANN}, *people(2)),
    "an import with escapes": lambda client: [
        client.post(MEMBERS, content=f'{{"members": [{{"email": "{ESCAPED}"}}]}}'),
        client.post("/_emulator/jobs/1/finish"),
    ],
    "the start of a long import": lambda client: imported(client, {"email": ANN}, LONG),
    "the end of a long import": lambda client: imported(client, LONG, {"email": ANN}),
    "an import that waits": lambda client: begin(client, LONG, {"email": ANN}),
    "an import that waits, escaped": lambda client: client.post(
        MEMBERS, content=f'{{"members": [{{"email": "{ESCAPED}"}}]}}'
    ),
    "an import that waits, as a duplicate": lambda client: begin(client, *[{"email": ANN, "n": n} for n in range(3)]),
    "an import in progress, before her turn": lambda client: half_imported(client, *people(9), {"email": ANN}),
    "an import in progress, after her turn": lambda client: half_imported(client, {"email": ANN}, *people(9)),
    "an import that failed": lambda client: [
        half_imported(client, *people(9), {"email": ANN}),
        client.post("/_emulator/jobs/1/fail"),
    ],
    "an import that failed because of her": lambda client: [
        begin(client, *people(1)),
        client.post("/_emulator/jobs/1/fail", json={"message": f"can not read the row of {ANN}"}),
    ],
    "the file of an import": lambda client: imported(client, *people(1), source_filename=f"contacts of {ANN}.csv"),
    "an import that waits for somebody, cleared from the journal": lambda client: [
        begin(client, {"email": ANN}),
        client.delete("/_emulator/journal"),
    ],
    "an import that failed, cleared from the journal": lambda client: [
        begin(client, {"email": ANN}),
        client.post("/_emulator/jobs/1/fail"),
        client.delete("/_emulator/journal"),
    ],
}


def group_with_ann(client: TestClient) -> int:
    group_id = group(client)
    add(client, ANN, group_ids=[group_id])
    return group_id


def half_imported(client: TestClient, *rows: Any) -> int:
    """The id of an import that has saved four rows."""
    choose(client, "job_units_per_second", "1")
    import_id = begin(client, *rows)
    advance(client, 4.2)
    return import_id


@PURGES
@pytest.mark.parametrize("where", MENTIONS)
def test_a_purge_leaves_no_byte_of_the_address(client: TestClient, where: str, purge_her: Step) -> None:
    assert add(client, ANN) == 1024
    MENTIONS[where](client)
    assert traces(client, *SPELLINGS)
    purge_her(client)
    assert traces(client, *SPELLINGS) == []


@PURGES
def test_a_purge_leaves_no_byte_of_former_addresses(client: TestClient, purge_her: Step) -> None:
    add(client, ANN)
    update(client, 1024, email="Second@shop.test")
    client.get(f"{MEMBERS}/email/second%40shop.test")
    update(client, 1024, email="third@shop.test")
    begin(client, {"email": ANN}, {"email": "SECOND@shop.test"})
    spellings = (*SPELLINGS, "second@shop.test", "second%40shop.test", "third@shop.test")
    assert traces(client, *spellings)
    purge_her(client)
    assert traces(client, *spellings) == []


def test_the_search_finds_an_address_wherever_it_is(client: TestClient) -> None:
    world = world_of(client)

    def found_in(part: object) -> bool:
        return any(ANN in text for text in texts_in(part))

    begin(client, {"email": ANN})
    assert (found_in(world.jobs), found_in(world.journal), found_in(account_of(client).members)) == (True, True, False)
    advance(client, 60)
    assert found_in(account_of(client).members)
    index: Any = account_of(client).members
    assert found_in(index._unique)


@pytest.mark.parametrize("cut", range(1, len(ANN)))
def test_a_purge_leaves_no_beginning_of_the_address_where_the_journal_cut_a_body(client: TestClient, cut: int) -> None:
    add(client, ANN)
    kept = b'{"members":[{"email":"' + ANN[:cut].encode()
    body = kept.rjust(BODY_KEPT) + ANN[cut:].encode() + b'"}]}'
    ok(client.post(MEMBERS, content=body))
    assert traces(client, kept.decode())
    purge(client, 1024)
    assert traces(client, kept.decode()) == []


def test_many_who_are_purged_together_leave_no_byte(client: TestClient) -> None:
    rows = [{"email": f"gone{number}@shop.test", "first_name": f"or gone{number}@shop.test!"} for number in range(100)]
    imported(client, *rows, *people(10))
    client.get(f"{MEMBERS}/email/Gone7%40shop.test")
    client.post(f"{MEMBERS}/add", json={"email": "m1@shop.test", "opt_in_message": "ask\ngone8@shop.test!"})
    purge(client, *range(1024, 1124))
    assert traces(client, *(row["email"] for row in rows), "gone7%40") == []
    assert emails(client) == [row["email"] for row in people(10)]


def test_an_address_with_a_slash_leaves_no_byte(client: TestClient) -> None:
    add(client, "a/b@shop.test")
    client.get(f"{MEMBERS}/email/a/b@shop.test")
    client.get(f"{MEMBERS}/email/a%2Fb@shop.test")
    purge(client, 1024)
    assert traces(client, "b@shop.test") == []


@pytest.mark.parametrize("call", ["delete", "archive all", "many"])
def test_where_deleting_means_erasing_it_leaves_no_byte(client: TestClient, call: str) -> None:
    choose(client, "deletion", "erase")
    add(client, ANN)
    begin(client, {"email": ANN})
    if call == "delete":
        ok(client.delete(f"{MEMBERS}/1024"))
    elif call == "archive all":
        ok(client.delete(MEMBERS))
    else:
        archive(client, 1024)
    assert traces(client, *SPELLINGS) == []


def test_an_import_that_waits_goes_on_without_who_was_purged(client: TestClient) -> None:
    add(client, ANN)
    import_id = begin(client, *people(3), {"email": ANN}, {"email": "Ann@shop.test"})
    purge(client, 1024)
    advance(client, 60)
    answer = detail(client, import_id)
    assert emails(client, deleted=True) == ["m0@shop.test", "m1@shop.test", "m2@shop.test"]
    assert (answer["status"], answer["num_members"], answer["num_members_added"]) == ("o", 5, 3)
    assert (answer["num_duplicates"], answer["num_skipped"]) == (1, 1)


def test_an_import_in_progress_goes_on_without_who_was_purged(client: TestClient) -> None:
    add(client, ANN)
    import_id = half_imported(client, *people(6), {"email": ANN}, {"email": "last@shop.test"})
    purge(client, 1024)
    advance(client, 60)
    assert emails(client) == [*(row["email"] for row in people(6)), "last@shop.test"]
    assert detail(client, import_id)["num_skipped"] == 1


def test_who_comes_back_after_a_purge_is_somebody_new(client: TestClient) -> None:
    add(client, ANN, fields={"first_name": "Ann"}, group_ids=[group(client)])
    purge(client, 1024)
    assert imported(client, {"email": ANN})["num_members_added"] == 1
    assert emails(client) == [ANN]
    assert ok(client.get(f"{MEMBERS}/email/{ANN}"))["member_id"] == 1025
    assert ok(client.get(f"{MEMBERS}/1025/groups")) == []


def test_a_purge_keeps_what_is_said_of_others(client: TestClient) -> None:
    add(client, ANN)
    add(client, "bob@shop.test")
    sign_up(client, "cid@shop.test", group_ids=[group(client)])
    client.get(f"{MEMBERS}/email/bob@shop.test")
    before = [entry.path for entry in world_of(client).journal]
    purge(client, 1024)
    assert [entry.path for entry in world_of(client).journal][:-1] == before
    assert [each["email"] for each in mail(client)] == ["cid@shop.test"]
    assert emails(client) == ["bob@shop.test", "cid@shop.test"]


@pytest.mark.parametrize(
    ("gone", "filename", "message", "left"),
    [
        (ANN, "may.csv", f"row 7 is {ANN}", ("may.csv", ERASED)),
        (ANN, f"{ANN}.csv", "the disk is full", (ERASED, "the disk is full")),
        ("None", None, "the disk is full", (None, "the disk is full")),
    ],
)
def test_a_purge_blanks_that_text_only_of_an_import_that_names_somebody(
    client: TestClient, gone: str, filename: str | None, message: str, left: tuple[str | None, str]
) -> None:
    add(client, gone)
    import_id = begin(client, *people(1), source_filename=filename)
    ok(client.post("/_emulator/jobs/1/fail", json={"message": message}))
    purge(client, 1024)
    answer = detail(client, import_id)
    assert (answer["source_filename"], answer["error_message"]) == left


def test_a_purge_leaves_the_member_of_another_account(client: TestClient) -> None:
    add(client, ANN)
    ok(client.post("/200/members/add", json={"email": ANN}))
    purge(client, 1024)
    assert [each["email"] for each in ok(client.get("/200/members"))] == [ANN]


def test_a_purge_is_of_one_world(make_emma: ClientFactory) -> None:
    client = make_emma(scenario=("emma-documentation",))
    ok(client.get(f"/_world/other{MEMBERS}/email/emma@myemma.com"))
    purge(client, 200)
    assert traces(client, "emma@myemma.com") == []
    assert ok(client.get(f"/_world/other{MEMBERS}/email/emma@myemma.com"))["member_id"] == 200
    assert [entry.path for entry in world_of(client, "other").journal] == [f"{MEMBERS}/email/emma@myemma.com"] * 2


def test_a_reset_brings_back_what_the_scenario_declares(documentation: TestClient) -> None:
    purge(documentation, 200)
    ok(documentation.post("/_emulator/reset"))
    assert ok(documentation.get(f"{MEMBERS}/200"))["email"] == "emma@myemma.com"
