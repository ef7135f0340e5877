"""Members that a scenario has generated."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from emulator import create_app
from emulator.core.errors import UserError
from emulator.engagelab.account import EngageLabAccount, Member
from emulator.engagelab.fields import value_problem
from emulator.engagelab.times import wire_time
from emulator.settings import Settings
from tests.conftest import ClientFactory
from tests.support import account_of

ACCOUNT = """engagelab:
  accounts:
    - api_user: api_user
      fields: [{field_name: Plan, field_type: dropdown, options: [free, club]}, {field_name: Met, field_type: date},
        {field_name: BirthDate, field_type: date, format: DD/MM/YYYY}, {field_name: City, field_type: text}]
      tags: [{tag_id: 6565c12a3b4e0d83d3f50001, tag_name: a}, {tag_id: 6565c12a3b4e0d83d3f50002, tag_name: b}]
"""


def account(make_client: ClientFactory, folder: Path, block: str, more: str = "") -> EngageLabAccount:
    file = folder / "scenario.yaml"
    file.write_text(f"{ACCOUNT}      {more}\n      generate: [{block}]\n")
    return account_of(make_client(scenario=(str(file),)))


def rows(of: EngageLabAccount) -> list[Member]:
    return list(of.members.page(0, len(of.members)))


def test_percentages_are_exact(make_client: ClientFactory, tmp_path: Path) -> None:
    members = rows(account(make_client, tmp_path, "{members: 1000, percent: {unsubscribed: 2.5}}"))
    assert len(members) == 1000
    assert sum(member.unsubscribed is not None for member in members) == 25
    assert all(member.updated == (member.unsubscribed or member.created) for member in members)


def test_a_list_of_tags_shares_the_members_out(make_client: ClientFactory, tmp_path: Path) -> None:
    of = account(make_client, tmp_path, "{members: 10, tags: [a, b]}")
    names = {tag.tag_id: tag.name for tag in of.tags.page(0, 9)}
    assert Counter(tuple(names[tag] for tag in member.tag_ids) for member in rows(of)) == {("a",): 5, ("b",): 5}


def test_percentages_of_tags_may_overlap(make_client: ClientFactory, tmp_path: Path) -> None:
    members = rows(account(make_client, tmp_path, "{members: 10, tags: {a: 90, b: 50}}"))
    assert Counter(tag[-1] for member in members for tag in member.tag_ids) == {"1": 9, "2": 5}


def test_every_field_has_a_value_that_fits_it(make_client: ClientFactory, tmp_path: Path) -> None:
    of = account(make_client, tmp_path, "{members: 100}")
    for member in rows(of):
        assert list(member.fields) == ["Gender", "Birthday", "Age", "Plan", "Met", "BirthDate", "City"]
        assert all(value_problem(of.fields[name], value) is None for name, value in member.fields.items())
        assert 1940 <= int(member.fields["BirthDate"][-4:]) <= 2005
        assert member.fields["Met"][-4:] in ("2021", "2022", "2023", "2024")
        assert re.fullmatch(r"1[0-9]{3}55501[0-9]{2}", member.phone or "")
        assert member.name


def test_fields_may_be_filled_for_some(make_client: ClientFactory, tmp_path: Path) -> None:
    members = rows(account(make_client, tmp_path, "{members: 10, fields: {Age: 30}}"))
    assert Counter(name for member in members for name in member.fields) == {"Age": 3}


def test_an_id_holds_the_time_of_creation(make_client: ClientFactory, tmp_path: Path) -> None:
    members = rows(account(make_client, tmp_path, '{members: 50, created: [2020-02-01, "2020-03-01T00:00:00+0800"]}'))
    assert all(int(member.member_id[:8], 16) == member.created for member in members)
    assert {wire_time(member.created)[:7] for member in members} == {"2020-02"}
    assert len({member.member_id for member in members}) == 50


def test_both_vendors_have_the_same_people(make_client: ClientFactory, tmp_path: Path) -> None:
    emma = "emma: {accounts: [{account_id: 100, generate: [{members: 20, seed: 7}]}]}\n"
    file = tmp_path / "both.yaml"
    file.write_text(f"{emma}{ACCOUNT}      generate: [{{members: 20, seed: 7}}]\n")
    client = make_client(scenario=(str(file),))
    auth = {"Authorization": "Basic cHVibGljX2tleTpwcml2YXRlX2tleQ=="}
    emails = [member["email"] for member in client.get("/100/members", headers=auth).json()]
    assert emails == [member.email for member in rows(account_of(client))]


def test_a_member_may_have_a_time_of_creation_in_place_of_an_id(make_client: ClientFactory, tmp_path: Path) -> None:
    more = 'members: [{email: ann@shop.test, create_time: "2023-11-28T18:30:02+0800"}]'
    member = rows(account(make_client, tmp_path, "", more))[0]
    assert (member.member_id[:8], wire_time(member.created)) == ("6565c12a", "2023-11-28T18:30:02+0800")


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("{members: 5, percent: {unsubscribed: 101}}", "generate[0].percent.unsubscribed must be 100 or less"),
        ("{members: 5, tags: [c]}", "generate[0].tags.c is none of this account; declare it under tags"),
        ("{members: 5, tags: {7: 5}}", "generate[0].tags.7 must be a string as a key"),
        ("{members: 5, fields: [Colour]}", "generate[0].fields.Colour is none of this account"),
        ("{members: 5, created: [2022-01-01, 2022-01-01]}", "generate[0].created must end after it begins"),
        ("{members: 5, created: [soon, later]}", "generate[0].created must be a time like"),
        ("{members: 5, created: [1960-01-01, 2022-01-01]}", "generate[0].created must be a time like"),
        ("{members: 5, created: 2022-01-01}", "generate[0].created must be a list"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, block: str, message: str) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(f"{ACCOUNT}      generate:\n        - {block}\n")
    with pytest.raises(UserError) as refused:
        create_app(Settings(scenario=(str(file),)))
    assert str(refused.value).startswith(f"{file}, line 8: engagelab.accounts[0].")
    assert message in str(refused.value)


def test_a_member_has_a_time_of_creation_or_an_id_that_holds_one(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    member = "{email: a@b.test, member_id: 6565c12a3b4e0d83d3f58ea0, create_time: x}"
    file.write_text(f"{ACCOUNT}      members:\n        - {member}\n")
    with pytest.raises(UserError, match=r"line 8: .*members\[0\] must have no create_time beside a member_id"):
        create_app(Settings(scenario=(str(file),)))
