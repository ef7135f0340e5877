"""Dates in a scenario, as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator import create_app
from emulator.core.errors import UserError
from emulator.settings import Settings
from tests.conftest import ClientFactory
from tests.emma.support import member


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('"@D:2024-01-31T09:30:15"', "@D:2024-01-31T09:30:15"),
        ('"2024-01-31T09:30:15"', "@D:2024-01-31T09:30:15"),
        ('"2024-01-31 09:30"', "@D:2024-01-31T09:30:00"),
        ('"2024-01-31"', "@D:2024-01-31T00:00:00"),
        ("2024-01-31", "@D:2024-01-31T00:00:00"),
        ('"2024-01-31T09:30:15Z"', "@D:2024-01-31T03:30:15"),
        ('"2024-01-31T09:30:15+01:00"', "@D:2024-01-31T02:30:15"),
        ("2024-01-31T09:30:15Z", "@D:2024-01-31T03:30:15"),
    ],
)
def test_a_date_may_be_written_in_many_ways(declared: ClientFactory, written: str, shown: str) -> None:
    entry = f"{{member_id: 7, email: a@b.test, member_since: {written}}}"
    client = declared(f"emma: {{accounts: [{{account_id: 100, members: [{entry}]}}]}}")
    assert member(client, 7)["member_since"] == shown


@pytest.mark.parametrize("written", ['"1980-02-29"', "1980-02-29"])
def test_so_may_the_value_of_a_date_field(declared: ClientFactory, written: str) -> None:
    entry = f"{{member_id: 7, email: a@b.test, fields: {{birthday: {written}}}}}"
    client = declared(f"emma: {{accounts: [{{account_id: 100, members: [{entry}]}}]}}")
    assert member(client, 7)["fields"] == {"birthday": "@D:1980-02-29T00:00:00"}


@pytest.mark.parametrize("written", ["soon", '"2024-02-30"', '"0900-01-01"', '"9999-12-31"', "[2024]"])
def test_what_is_no_date_is_named_with_its_line(tmp_path: Path, written: str) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(
        "emma:\n  accounts:\n    - account_id: 100\n      members:\n        - email: a@b.test\n"
        f"          member_since: {written}\n"
    )
    with pytest.raises(UserError, match=r"line 6: emma\.accounts\[0\]\.members\[0\]\.member_since must be a"):
        create_app(Settings(scenario=(str(file),)))
