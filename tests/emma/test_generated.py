"""Members that a scenario has generated."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from emulator import create_app
from emulator.core.errors import UserError
from emulator.emma.account import ACTIVE, ERROR, OPTOUT, Member
from emulator.emma.field_types import pairs
from emulator.emma.times import wire_date
from emulator.settings import Settings
from tests.conftest import ClientFactory
from tests.emma.support import account_of

FIELDS = """[{shortcut_name: first_name}, {shortcut_name: plan, options: [free, club]},
    {shortcut_name: born, field_type: date}, {shortcut_name: ordered, field_type: timestamp},
    {shortcut_name: likes, field_type: "text[]", options: [a, b, c]}, {shortcut_name: tags, field_type: "text[]"},
    {shortcut_name: age, field_type: numeric}, {shortcut_name: vip, field_type: boolean}]"""
GROUPS = "[{member_group_id: 150, group_name: A}, {member_group_id: 151, group_name: B}]"


def scenario(block: str, more: str = "") -> str:
    return (
        f"emma:\n  accounts:\n    - account_id: 100\n      fields: {FIELDS}\n      groups: {GROUPS}\n"
        f"      {more}\n      generate:\n        - {block}\n"
    )


def rows(client: TestClient) -> list[Member]:
    members = account_of(client).members
    return list(members.page(0, len(members)))


def made(declared: ClientFactory, block: str, more: str = "") -> list[Member]:
    return rows(declared(scenario(block, more)))


def test_percentages_are_exact(declared: ClientFactory) -> None:
    members = made(declared, "{members: 1000, percent: {opted_out: 3, in_error: 2.5, archived: 1}, seed: 7}")
    assert Counter(member.status for member in members) == {ACTIVE: 945, OPTOUT: 30, ERROR: 25}
    assert sum(member.archived is not None for member in members) == 10
    assert all((member.status == OPTOUT) == (member.opted_out is not None) for member in members)
    assert all((member.status == ERROR) == (member.email_error is not None) for member in members)


def test_a_list_of_groups_shares_the_members_out(declared: ClientFactory) -> None:
    members = made(declared, "{members: 100, groups: [150, 151]}")
    assert Counter(member.group_ids for member in members) == {(150,): 50, (151,): 50}


@pytest.mark.parametrize("groups", ["{150: 80, 151: 40}", '{"150": 80, "151": 40}'])
def test_percentages_of_groups_may_overlap(declared: ClientFactory, groups: str) -> None:
    counts = Counter(
        group for member in made(declared, f"{{members: 100, groups: {groups}}}") for group in member.group_ids
    )
    assert counts == {150: 80, 151: 40}


def test_every_field_has_a_value_that_fits_it(declared: ClientFactory) -> None:
    client = declared(scenario("{members: 50}"))
    account = account_of(client)
    for member in rows(client):
        values = {account.fields[field_id].shortcut_name: value for field_id, value in pairs(member.fields)}
        assert list(values) == ["first_name", "plan", "born", "ordered", "likes", "tags", "age", "vip"]
        assert values["plan"] in ("free", "club")
        assert 1940 <= date.fromisoformat(str(values["born"])[:10]).year <= 2005
        assert date.fromisoformat(str(values["ordered"])[:10]) >= date.fromtimestamp(member.since)  # noqa: DTZ012
        assert isinstance(values["likes"], tuple)
        assert set(values["likes"]) <= set("abc")
        assert values["tags"]
        assert isinstance(values["age"], int)
        assert values["vip"] in (True, False)


def test_fields_may_be_filled_for_some(declared: ClientFactory) -> None:
    client = declared(scenario("{members: 100, fields: {age: 30, plan: 100}}"))
    counts = Counter(field_id for member in rows(client) for field_id, _ in pairs(member.fields))
    account = account_of(client)
    assert {account.fields[field_id].shortcut_name: count for field_id, count in counts.items()} == {
        "age": 30,
        "plan": 100,
    }


def test_a_list_of_fields_leaves_the_others_empty(declared: ClientFactory) -> None:
    assert all(len(member.fields) == 2 for member in made(declared, "{members: 10, fields: [age]}"))


def test_members_join_in_the_years_2021_to_2023_unless_it_says_otherwise(declared: ClientFactory) -> None:
    years = {wire_date(member.since, "America/Chicago")[3:7] for member in made(declared, "{members: 500}")}
    assert years == {"2021", "2022", "2023"}
    members = made(declared, "{members: 50, member_since: [2020-02-01, 2020-03-01], percent: {opted_out: 50}}")
    days = {
        wire_date(each, "America/Chicago")[3:10]
        for member in members
        for each in (member.since, member.modified)
        if each
    }
    assert days == {"2020-02"}


def test_ids_ascend_with_the_time_of_joining(declared: ClientFactory) -> None:
    members = made(declared, "{members: 100}")
    assert [member.since for member in members] == sorted(member.since for member in members)
    assert [member.member_id for member in members] == list(range(1024, 1124))


def test_the_same_file_makes_the_same_members_whatever_the_time(make_emma: ClientFactory, tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(scenario("{members: 100, percent: {opted_out: 10, in_error: 5}, groups: [150]}"))
    first, second = (
        rows(make_emma(scenario=(str(file),), clock={"mode": "frozen", "at": at}))
        for at in ("2024-01-01", "2030-01-01")
    )
    assert first == second


def test_another_seed_makes_other_members(declared: ClientFactory) -> None:
    assert made(declared, "{members: 10, seed: 1}") != made(declared, "{members: 10, seed: 2}")


def test_a_further_group_changes_nobody(declared: ClientFactory) -> None:
    def people(block: str) -> list[tuple[object, ...]]:
        return [(member.email, member.fields, member.status, member.since) for member in made(declared, block)]

    block = "members: 100, percent: {opted_out: 10}"
    assert people(f"{{{block}}}") == people(f"{{{block}, groups: {{150: 20}}}}")


def test_declared_and_generated_members_live_together(declared: ClientFactory) -> None:
    first = made(declared, "{members: 1}")[0]
    more = f"members: [{{member_id: 5000, email: {first.email.upper()}}}]"
    both = made(declared, "{members: 1}\n        - {members: 1}", more)
    assert [member.member_id for member in both] == [5000, 5001, 5002]
    assert len({member.address for member in both}) == 3


@pytest.mark.parametrize(
    ("block", "line", "message"),
    [
        ("{members: 0}", 11, "generate[0].members must be 1 or greater"),
        ("{members: many}", 11, "generate[0].members must be an integer"),
        ("{members: 2000000}", 11, "generate[0].members must be 1000000 or less"),
        ("{seed: 7}", 11, "generate[0].members is required"),
        ("{members: 5, persent: {}}", 11, "persent is not a known key; did you mean percent?"),
        (
            "members: 5\n          percent:\n            opted_out: 60\n            in_error: 50",
            12,
            "percent add up to 110",
        ),
        ("members: 5\n          percent:\n            opted_out: 101", 13, "percent.opted_out must be 100 or less"),
        ("members: 5\n          percent:\n            opted_out: some", 13, "percent.opted_out must be a number"),
        (
            "members: 5\n          percent:\n            bounced: 1",
            13,
            "percent.bounced is not a known key; allowed are",
        ),
        ("members: 5\n          groups: [150, 999]", 12, "groups.999 is none of this account; declare it under groups"),
        ("members: 5\n          groups:\n            999: 5", 13, "groups.999 is none of this account"),
        ("members: 5\n          groups:\n            150: 101", 13, "groups[150] must be 100 or less"),
        (
            "members: 5\n          groups:\n            150:",
            12,
            "groups must give every entry a percentage, or be a list",
        ),
        ("members: 5\n          groups: 150", 12, "groups must be an object"),
        ("members: 5\n          groups: [{}]", 12, "groups must be an object"),
        (
            "members: 5\n          fields: [colour]",
            12,
            "fields.colour is none of this account; declare it under fields",
        ),
        ("members: 5\n          member_since: [2022-01-01]", 12, "member_since must be a list of two"),
        ("members: 5\n          member_since: [2022-01-01, 2021-01-01]", 12, "member_since must end after it begins"),
        ("members: 5\n          member_since: [soon, later]", 12, "member_since must be a date like"),
        ("members: 5\n          locale: xx_XX", 12, "locale must be a locale that Faker knows"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, block: str, line: int, message: str) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(scenario(block))
    with pytest.raises(UserError) as refused:
        create_app(Settings(scenario=(str(file),)))
    assert str(refused.value).startswith(f"{file}, line {line}: emma.accounts[0].generate")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
