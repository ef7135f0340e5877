"""What was said of somebody who was erased."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from msgspec import structs

from emulator.core.erasure import ERASED, Words, erase
from emulator.core.journal import BODY_KEPT, Entry, Journal, Refusal
from emulator.core.slices import Slices

ANN = "ann@shop.test"
CROWD = [f"member{number}@shop.test" for number in range(100)]
"""So many that they are looked for in another way."""

FEW_OR_MANY = pytest.mark.parametrize("texts", [[ANN], [ANN, *CROWD]], ids=["alone", "in a crowd"])


@pytest.fixture
def journal() -> Journal:
    return Journal(100, 10**6)


@pytest.fixture
def entry(journal: Journal) -> Entry:
    return journal.open(0.0, "PUT", "/members/7/lists")


def forget(journal: Journal, texts: Iterable[str] = (ANN,)) -> int:
    """Erase from the journal; in how many entries something was."""
    work: Slices[int] = erase(journal, Words(list(texts)))
    while True:
        try:
            next(work)
        except StopIteration as stop:
            count: int = stop.value
            return count


@FEW_OR_MANY
@pytest.mark.parametrize(
    "path", ["ann@shop.test", "Ann@SHOP.test", "ann%40shop.test", "%61nn%40Shop.test", "mailto:ann@shop.test"]
)
def test_a_path_loses_the_segment_that_names_somebody(
    journal: Journal, entry: Entry, path: str, texts: list[str]
) -> None:
    entry.path = f"/members/email/{path}/optout"
    assert forget(journal, texts) == 1
    assert entry.path == f"/members/email/{ERASED}/optout"


@pytest.mark.parametrize("path", ["/email/a/b@shop.test", "/email/a%2Fb@shop.test"])
def test_an_address_with_a_slash_is_found_in_a_path(journal: Journal, entry: Entry, path: str) -> None:
    entry.path = path
    assert forget(journal, ["a/b@shop.test"]) == 1
    assert "b@shop.test" not in entry.path


@FEW_OR_MANY
@pytest.mark.parametrize("query", [b"email=ann@shop.test&x=1", b"x=1&email=ann%40SHOP.test", b"Ann@shop.test"])
def test_a_query_that_names_somebody_is_blanked(journal: Journal, entry: Entry, query: bytes, texts: list[str]) -> None:
    entry.query = query
    assert forget(journal, texts) == 1
    assert entry.query == ERASED.encode()


@FEW_OR_MANY
@pytest.mark.parametrize(
    "body",
    [
        b'{"email":"ann@shop.test"}',
        b'{"members":["bob@shop.test","Ann@Shop.Test"]}',
        b'{"email":"ann\\u0040shop.test"}',
        b'{"email":"\\u0041\\u006en@shop.test"}',
        b'{"ann@shop.test":1}',
        b'{"text":"write to ann@shop.test."}',
        b'{"text":"write to ann@shop.test!"}',
        b'{"text":"<ann@shop.test>\\nand others"}',
        b'{"text":"others:\\nann@shop.test"}',
        b'{"text":"*ann@shop.test*"}',
        b'{"text":"https:\\/\\/shop.test\\/ann@shop.test\\/leave"}',
        b"email=ann%40shop.test",
        b"no JSON: ann@shop.test",
        b'"ann@shop.test\xff',
    ],
)
def test_a_body_that_names_somebody_is_blanked(journal: Journal, entry: Entry, body: bytes, texts: list[str]) -> None:
    entry.request = entry.response = body
    assert forget(journal, texts) == 1
    assert entry.request == entry.response == b'"[erased]"'


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("jörg@shop.test", "J\u00d6RG@shop.test"),
        ("jörg@shop.test", '"j\\u00f6rg@shop.test"'),
        ("o'neil@shop.test", '"o\\u0027neil@shop.test"'),
        ('"ann b"@shop.test', '"\\"ann b\\"@shop.test"'),
        ("\U0001f600@shop.test", '"\\ud83d\\ude00@shop.test"'),
        ("a=b@shop.test", "email=a%3Db@shop.test"),
    ],
)
@pytest.mark.parametrize("crowd", [[], CROWD], ids=["alone", "in a crowd"])
def test_unusual_addresses_are_found_however_they_are_written(
    journal: Journal, entry: Entry, address: str, body: str, crowd: list[str]
) -> None:
    entry.request = body.encode()
    assert forget(journal, [address, *crowd]) == 1


@FEW_OR_MANY
@pytest.mark.parametrize("end", ["ann@shop.tes", "ann@", "Ann", "\\u0061nn@sh", "ann\\u0040sh"])
def test_an_address_that_the_end_of_a_long_body_cuts_is_found(
    journal: Journal, entry: Entry, end: str, texts: list[str]
) -> None:
    start = '{"members":[{"email":"'
    entry.request = (start + f'bob@shop.test"}},{{"email":"{end}'.rjust(BODY_KEPT - len(start), " ")).encode()
    assert len(entry.request) == BODY_KEPT
    entry.request_cut = BODY_KEPT + 1
    assert forget(journal, texts) == 1


def test_a_long_body_that_ends_in_something_else_stays(journal: Journal, entry: Entry) -> None:
    entry.request, entry.request_cut = b'"bob@sho'.rjust(BODY_KEPT), BODY_KEPT + 1
    assert forget(journal) == 0


def test_a_short_body_that_ends_like_an_address_begins_stays(journal: Journal, entry: Entry) -> None:
    entry.request = b'{"name":"ann'
    assert forget(journal) == 0


@FEW_OR_MANY
def test_headers_remarks_and_hints_are_blanked_one_by_one(journal: Journal, entry: Entry, texts: list[str]) -> None:
    entry.headers = [(b"referer", b"https://shop.test/?ann%40shop.test"), (b"accept", b"*/*")]
    entry.notes = ["ann@shop.test is no field", "group 7 was ignored"]
    entry.hint = "there is no ann@shop.test"
    assert forget(journal, texts) == 1
    assert entry.headers == [(b"referer", ERASED.encode()), (b"accept", b"*/*")]
    assert entry.notes[:2] == [ERASED, "group 7 was ignored"]
    assert entry.hint == ERASED


def test_the_entry_says_that_something_is_gone(journal: Journal, entry: Entry) -> None:
    entry.path = f"/members/email/{ANN}"
    forget(journal)
    assert entry.notes == ["what mentioned somebody who was erased is gone"]


@FEW_OR_MANY
def test_what_names_others_stays_as_it_was(journal: Journal, entry: Entry, texts: list[str]) -> None:
    entry.path = "/members/email/bob%40shop.test"
    entry.request = b'{"email":"bob@shop.test","note":"ann at shop.test"}'
    entry.headers = [(b"accept", b"*/*")]
    before = structs.replace(entry)
    assert forget(journal, texts) == 0
    assert entry == before


def test_nobody_erased_changes_nothing(journal: Journal, entry: Entry) -> None:
    entry.request = b'{"email":""}'
    before = structs.replace(entry)
    assert forget(journal, []) == 0
    assert entry == before


def test_the_count_is_of_entries(journal: Journal) -> None:
    for name in ("ann", "bob", "ann"):
        journal.open(0.0, "GET", f"/members/email/{name}@shop.test")
    assert forget(journal) == 2


def test_others_are_served_between_entries(journal: Journal) -> None:
    for _ in range(3):
        journal.open(0.0, "GET", "/")
    assert len(list(erase(journal, Words([ANN])))) == 3


MANY_LENGTHS = [
    f"{'l' * local}{number}@{'d' * domain}.test"
    for number, (local, domain) in enumerate(
        [(1, 1), (2, 60), (30, 7), (60, 3), (70, 5), (200, 90), (3, 240), (5, 300), (90, 260)]
    )
]
NUMBERS = ["5550100", "12025550101", "+442079460102", "+123456789012345", "6152925888"]


@pytest.mark.parametrize("text", [*MANY_LENGTHS, *NUMBERS])
def test_each_of_many_addresses_and_numbers_is_found_however_long(journal: Journal, entry: Entry, text: str) -> None:
    entry.request = f'{{"text":"tell {text.upper()}, soon"}}'.encode()
    assert forget(journal, [*MANY_LENGTHS, *NUMBERS, *CROWD]) == 1


@pytest.mark.parametrize("text", ["llx0@d.test", "1@dd.test", "5550199", "555010", "nobody@", "@d.test"])
def test_what_is_like_many_addresses_and_numbers_stays(journal: Journal, entry: Entry, text: str) -> None:
    entry.request = f'{{"text":"tell {text}, soon"}}'.encode()
    assert forget(journal, [*MANY_LENGTHS, *NUMBERS, *CROWD]) == 0


@pytest.mark.parametrize("number", range(0, 40, 13))
def test_each_of_many_other_texts_is_found_inside_of_a_word(journal: Journal, entry: Entry, number: int) -> None:
    entry.request = f"see-name{number:02}x!".encode()
    assert forget(journal, [f"name{each:02}" for each in range(40)]) == 1


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("ann@shop.test\n", '"ann@shop.test\\n"'),
        ("a\tb@shop.test", '"a\\tb@shop.test"'),
        ("a\\b@shop.test", '"a\\\\b@shop.test"'),
        ("a\\nb@shop.test", '"a\\\\nb@shop.test"'),
        ("a/b@shop.test", '"a\\/b@shop.test"'),
        ("a\u2028b@shop.test", '"a\\u2028b@shop.test"'),
    ],
)
def test_control_characters_and_backslashes_are_found_as_json_writes_them(
    journal: Journal, entry: Entry, address: str, body: str
) -> None:
    assert json.loads(body) == address
    entry.request = body.encode()
    assert forget(journal, [address]) == 1


def test_a_backslash_before_what_looks_like_an_escape_is_a_backslash(journal: Journal, entry: Entry) -> None:
    entry.request = b'"\\\\u0061nn@shop.test"'
    assert forget(journal, ["ann@shop.test"]) == 0


def test_the_reason_of_a_refusal_is_erased(journal: Journal, entry: Entry) -> None:
    entry.refusal = Refusal("NotFound", f"member {ANN} not found", "rules", "get")
    assert forget(journal) == 1
    assert entry.refusal == Refusal("NotFound", ERASED, "rules", "get")
