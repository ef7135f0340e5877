"""Members from a CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from emulator import create_app
from emulator.core.errors import UserError
from emulator.settings import Settings
from tests.conftest import ClientFactory
from tests.emma.support import member, ok

SCENARIO = """emma:
  accounts:
    - account_id: 100
      fields: [{shortcut_name: first_name}, {shortcut_name: likes, field_type: "text[]"}, {shortcut_name: email},
        {shortcut_name: age, field_type: numeric}]
      groups: [{member_group_id: 150, group_name: A}, {member_group_id: 151, group_name: B}]
      members: [{member_id: 7, email: ann@shop.test}, {email: bob@shop.test}]
      members_from: people.csv
"""


def write(folder: Path, csv: str | bytes) -> str:
    (folder / "people.csv").write_bytes(csv if isinstance(csv, bytes) else csv.encode())
    file = folder / "scenario.yaml"
    file.write_text(SCENARIO)
    return str(file)


@pytest.fixture
def load(make_emma: ClientFactory, tmp_path: Path) -> ClientFactory:
    return lambda csv: make_emma(scenario=(write(tmp_path, csv),))


def members(client: TestClient) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ok(client.get("/100/members"))
    return rows


def test_a_row_is_a_member_as_a_scenario_would_have_it(load: ClientFactory) -> None:
    client = load(
        "member_id,email,member_status_id,first_name,likes,age,fields.email,groups,member_since,plaintext_preferred,"
        "sms.phone_number,bounce_count\n"
        '9,cat@shop.test,o,"Cat, the ""first""",tea;cake,31,x,151;150,2024-01-31,true,+12025550123,2\n'
    )
    row = member(client, 9)
    assert row["fields"] == {"first_name": 'Cat, the "first"', "likes": ["tea", "cake"], "age": 31, "email": "x"}
    assert (row["member_status_id"], row["plaintext_preferred"], row["bounce_count"]) == ("o", True, 2)
    assert (row["member_since"], row["sms"]["phone_number"]) == ("@D:2024-01-31T00:00:00", "+12025550123")
    assert len(ok(client.get("/100/members/9/groups"))) == 2


def test_an_empty_cell_is_as_good_as_none(load: ClientFactory) -> None:
    client = load("email,member_id,first_name,groups\ncat@shop.test,, ,\n")
    assert {"cat@shop.test"} == {row["email"] for row in members(client) if row["fields"] == {}} - {
        "ann@shop.test",
        "bob@shop.test",
    }


def test_new_ids_are_none_that_a_later_row_has(load: ClientFactory) -> None:
    client = load("email,member_id\ncat@shop.test,\ndan@shop.test,5000\nshort\n".replace("short\n", ""))
    assert sorted(row["member_id"] for row in members(client)) == [7, 5000, 5001, 5002]


@pytest.mark.parametrize(
    "text",
    [
        b"email,first_name\nc@shop.test,J\xc3\xb6\n",
        b"\xef\xbb\xbfemail,first_name\nc@shop.test,J\xc3\xb6\n",
        b"email;first_name\r\nc@shop.test;J\xc3\xb6\r\n\r\n",
        b"email\tfirst_name\nc@shop.test\tJ\xc3\xb6",
        b'"email"|"first_name"\n"c@shop.test"|"J\xc3\xb6"\n',
        b" email , first_name \n c@shop.test , J\xc3\xb6 \n",
    ],
    ids=["plain", "byte order mark", "semicolons", "tabs", "bars", "blanks"],
)
def test_what_spreadsheets_write_is_read(load: ClientFactory, text: bytes) -> None:
    assert [row["fields"] for row in members(load(text)) if row["email"] == "c@shop.test"] == [{"first_name": "Jö"}]


def test_a_hundred_thousand_rows_are_read(load: ClientFactory) -> None:
    client = load("email,first_name,groups\n" + "".join(f"m{n}@mail.test,Ann,150\n" for n in range(100_000)))
    assert ok(client.get("/100/members?count=true")) == 100_002


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "is empty; the first line must name the columns"),
        (
            "mail\na@b.test\n",
            1,
            "the column 'mail' is neither a key of a member nor a field; allowed are member_id, email",
        ),
        ("email,email\n", 1, "the column 'email' is given twice"),
        ("first_name\nCat\n", 2, "email is required"),
        ("email,age\na@b.test,1\nb@b.test,old\n", 3, "fields.age must be a number"),
        ("email\n\na@b.test\n\nA@b.test\n", 5, "email 'a@b.test' is given twice"),
        ("email\nann@shop.test\n", 2, "email 'ann@shop.test' is given twice"),
        ("email,member_id\na@b.test,7\n", 2, "member_id 7 is given twice"),
        ("email,member_id\na@b.test,x\n", 2, "member_id must be an integer"),
        ("email,groups\na@b.test,150;999\n", 2, "groups 999 is no group of this account; declare it under groups"),
        ("email,member_status_id\na@b.test,z\n", 2, "member_status_id must be one of a, o, e, f"),
        ("email,plaintext_preferred\na@b.test,maybe\n", 2, "plaintext_preferred must be true or false"),
        ("email,member_since\na@b.test,soon\n", 2, "member_since must be a date like"),
        ("email,first_name\na@b.test,A\nb@b", 3, "has 1 cells, but the first line has 2"),
        ('email,first_name\na@b.test,"A\nb\n', 2, "not readable as CSV: unexpected end of data"),
        ('email,first_name\na@b.test,"A\nb"\nc@d.test\n', 4, "has 1 cells, but the first line has 2"),
        (b"email\na@b.test\nj\xf6@b.test\n", 3, "is not in UTF-8; save the file as CSV in UTF-8"),
        ("email\na@b.test\n".encode("utf-16"), 1, "is not in UTF-8"),
    ],
)
def test_what_is_wrong_is_said_with_the_csv_file_and_its_line(
    tmp_path: Path, text: str | bytes, line: int, message: str
) -> None:
    with pytest.raises(UserError) as refused:
        create_app(Settings(scenario=(write(tmp_path, text),)))
    assert str(refused.value).startswith(f"{tmp_path}/people.csv, line {line}: {message}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.csv", "members_from: missing.csv can not be read: No such file or directory"),
        ("../people.csv", "members_from: ../people.csv lies outside the folder of the scenario"),
        ("7", "members_from must be the name of a CSV file"),
        ('""', "members_from must be the name of a CSV file"),
    ],
)
def test_a_file_that_can_not_be_had_is_named_with_the_line_that_names_it(
    tmp_path: Path, name: str, message: str
) -> None:
    file = Path(write(tmp_path, "email\n"))
    file.write_text(SCENARIO.replace("people.csv", name))
    with pytest.raises(UserError) as refused:
        create_app(Settings(scenario=(str(file),)))
    assert str(refused.value).startswith(f"{file}, line 8: emma.accounts[0].{message}")


def test_generated_members_come_on_top(make_emma: ClientFactory, tmp_path: Path) -> None:
    file = Path(write(tmp_path, "email\ncat@shop.test\n"))
    file.write_text(SCENARIO + "      generate: [{members: 5}]\n")
    assert len(members(make_emma(scenario=(str(file),)))) == 8
