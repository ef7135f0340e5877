"""Members from a CSV file."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator import create_app
from emulator.core.errors import UserError
from emulator.settings import Settings
from tests.conftest import ClientFactory
from tests.support import account_of, get

SCENARIO = """engagelab:
  accounts:
    - api_user: api_user
      tags: [{tag_id: 6565c12a3b4e0d83d3f50001, tag_name: a}, {tag_id: 6565c12a3b4e0d83d3f50002, tag_name: b}]
      members_from: people.csv
"""


def write(folder: Path, csv: str) -> str:
    (folder / "people.csv").write_text(csv)
    file = folder / "scenario.yaml"
    file.write_text(SCENARIO)
    return str(file)


def test_a_row_is_a_member_as_a_scenario_would_have_it(make_client: ClientFactory, tmp_path: Path) -> None:
    text = "member_id,email,name,phone,Age,tags\n6565c12a3b4e0d83d3f58ea0,ann@shop.test,Ann,123456,31,b;a\n"
    client = make_client(scenario=(write(tmp_path, text),))
    row = get(client, "6565c12a3b4e0d83d3f58ea0")
    assert (row["name"], row["phone"], row["fields"]["Age"]) == ("Ann", "123456", "31")
    assert account_of(client).members.page(0, 1)[0].tag_ids == ("6565c12a3b4e0d83d3f50002", "6565c12a3b4e0d83d3f50001")


def test_without_an_id_the_time_of_creation_will_do(make_client: ClientFactory, tmp_path: Path) -> None:
    text = "email;create_time\nann@shop.test;2023-11-28T18:30:02+0800\nbob@shop.test;2023-11-28T18:30:02+0800\n"
    account = account_of(make_client(scenario=(write(tmp_path, text),)))
    ids = [member.member_id for member in account.members.page(0, 9)]
    assert len(set(ids)) == 2
    assert all(each.startswith("6565c12a") for each in ids)


def test_new_ids_are_none_that_a_later_row_has(make_client: ClientFactory, tmp_path: Path) -> None:
    time = "2023-11-28T18:30:02+0800"
    first = make_client(scenario=(write(tmp_path, f"email,create_time\nann@shop.test,{time}\n"),))
    made = next(iter(account_of(first).members.page(0, 1))).member_id
    text = f"email,create_time,member_id\nann@shop.test,{time},\nbob@shop.test,,{made}\n"
    assert len(account_of(make_client(scenario=(write(tmp_path, text),))).members) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "email,member_id,create_time\na@b.test,6565c12a3b4e0d83d3f58ea0,2023-11-28T18:30:02+0800\n",
            "line 2: must have no create_time beside a member_id",
        ),
        ("email,member_id\nann@shop.test,7\n", "line 2: member_id must match"),
        ("email,member_id,Age\na@b.test,6565c12a3b4e0d83d3f58ea0,old\n", "line 2: fields.Age must be a number"),
        ("email,member_id,tags\na@b.test,6565c12a3b4e0d83d3f58ea0,c\n", "line 2: tags 'c' is no tag of this list"),
        (
            "email,member_id\na@b.test,6565c12a3b4e0d83d3f58ea0\nb@b.test,6565c12a3b4e0d83d3f58ea0\n",
            "line 3: member_id '6565c12a3b4e0d83d3f58ea0' is given twice",
        ),
        ("email,create_time\na@b.test,soon\n", "line 2: create_time must be a time like"),
    ],
)
def test_what_is_wrong_is_said_with_the_csv_file_and_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UserError) as refused:
        create_app(Settings(scenario=(write(tmp_path, text),)))
    assert str(refused.value).startswith(f"{tmp_path}/people.csv, {message}")
