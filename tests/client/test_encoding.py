"""What is sent, as JSON; and what is sent of scenarios."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx2
import pytest

from emulator import Emulator
from emulator.client import Client, Refused
from emulator.client.encoding import encoded, setting_of
from emulator.core.errors import UserError

NOON = datetime(2020, 5, 1, 12, tzinfo=UTC)
CASES = {"email": "ann@shop.test", "member_since": NOON}
ACCOUNT = {"account_id": 100, "members": [CASES]}
SINCE = "@D:2020-05-01T"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (NOON, "2020-05-01T12:00:00+00:00"),
        (datetime(2020, 5, 1, 12, 0, 0, 5), "2020-05-01T12:00:00+00:00"),  # noqa: DTZ001 - that is the case
        (datetime(2020, 5, 1, 12, tzinfo=timezone(timedelta(hours=8))), "2020-05-01T12:00:00+08:00"),
        (date(2020, 5, 1), "2020-05-01"),
        (Path("a/b"), "a/b"),
        (MappingProxyType({"a": 1}), {"a": 1}),
        ({"a"}, ["a"]),
    ],
)
def test_a_value_is_written_as_scenarios_have_it(value: object, written: object) -> None:
    assert json.loads(encoded({"x": value})) == {"x": written}


@pytest.mark.parametrize("value", [{"x": object()}, {(1, 2): 3}, {"x": NOON - NOON}])
def test_what_has_no_form_is_one_line(value: object, world: Client) -> None:
    with pytest.raises(UserError, match="can not be sent as JSON") as error:
        world.add({"emma": value})
    assert "\n" not in str(error.value)


def test_dates_are_taken_wherever_a_scenario_goes(world: Client, emma: httpx2.Client, running: Emulator) -> None:
    world.seed({"emma": {"accounts": [ACCOUNT]}})
    assert emma.get("/members").json()[0]["member_since"].startswith(SINCE)
    world.add({"emma": {"accounts": [ACCOUNT]}})
    assert emma.get("/members").json()[0]["member_since"].startswith(SINCE)
    with Emulator(mode="in-process", scenario={"emma": {"accounts": [ACCOUNT]}}) as other:
        assert other.client.export()["emma"]["accounts"][0]["members"][0]["member_since"] == "2020-05-01T12:00:00Z"


def test_a_clock_is_a_text_or_an_instant() -> None:
    assert setting_of("real") == {"mode": "real"}
    assert setting_of("shifted:2020-01-01") == {"mode": "shifted", "at": "2020-01-01"}
    assert setting_of(NOON) == {"mode": "frozen", "at": "2020-05-01T12:00:00+00:00"}


def test_clock_and_behaviours_hold_while_rows_are_loaded(world: Client, emma: httpx2.Client) -> None:
    fixed = next(each for each in world.behaviours.all() if each.id == "emma.email_case")
    assert fixed.fixed_at_start
    chosen: dict[str, object] = {fixed.id: next(choice for choice in fixed.choices if choice != fixed.default)}
    people = {"emma": {"accounts": [{"account_id": 100, "members": [{"email": "Ann@shop.test"}]}]}}
    world.seed({**people, "behaviours": {"emma.paging_end": "inclusive"}}, clock=NOON, behaviours=chosen)
    choices = {each.id: each.choice for each in world.behaviours.all()}
    assert (choices[fixed.id], choices["emma.paging_end"]) == (chosen[fixed.id], "inclusive")
    assert world.clock.get().now == NOON
    assert emma.get("/members").json()[0]["member_since"].startswith(SINCE)


def test_several_scenarios_are_loaded_in_their_order(world: Client, emma: httpx2.Client, tmp_path: Path) -> None:
    folder = tmp_path / "of-mine"
    folder.mkdir()
    (folder / "people.csv").write_text("email\nbob@shop.test\n")
    (folder / "base.yaml").write_text("emma: {accounts: [{account_id: 100, members_from: people.csv}]}\n")
    (folder / "mine.yaml").write_text("include: [base.yaml]\nclock: {mode: frozen, at: 2021-01-01T00:00:00Z}\n")
    loaded = world.seed(
        "engagelab-documentation", folder / "mine.yaml", {"limits": {"emma": True}}, clock="frozen:2022-01-01"
    )
    assert loaded.accounts["emma"] == ["100"]
    assert loaded.accounts["engagelab"]
    assert [member["email"] for member in emma.get("/members").json()] == ["bob@shop.test"]
    assert world.clock.get().now.year == 2022
    assert world.limits.all()[0].on


def test_accounts_are_added_from_a_name_and_from_a_file(world: Client, emma: httpx2.Client, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("email\nbob@shop.test\n")
    (tmp_path / "mine.yaml").write_text("emma: {accounts: [{account_id: 100, members_from: people.csv}]}\n")
    world.add(tmp_path / "mine.yaml")
    assert [member["email"] for member in emma.get("/members").json()] == ["bob@shop.test"]
    before = world.export()["emma"]["accounts"]
    assert [each["account_id"] for each in before] == [100]
    world.add(str(tmp_path / "mine.yaml"))
    with pytest.raises(Refused, match="nothing"):
        world.add("nothing")


def test_a_seed_of_nothing_is_one_line(world: Client) -> None:
    cases: tuple[Any, ...] = ((), (None,), (5,))  # as code without types does
    for nothing in cases:
        with pytest.raises(UserError, match="scenario: "):
            world.seed(*nothing)


def test_an_answer_that_is_no_json_is_a_text(world: Client) -> None:
    assert "mode: frozen" in world.read("state?format=yaml")
