"""Rows that are counted while they are loaded."""

from __future__ import annotations

import pytest

from emulator.core.scenarios.progress import Progress


def test_rows_are_counted_while_they_go_by() -> None:
    progress = Progress()
    seen = [(row, progress.rows) for row in progress.counted("abc")]
    assert seen == [("a", 0), ("b", 1), ("c", 2)]
    assert progress.rows == 3


def test_members_that_are_listed_and_generated_are_expected() -> None:
    progress = Progress()
    accounts = [{"members": [{}, {}]}, {"generate": [{"members": 10}, {"members": 5}]}, {"members": None}]
    progress.expect([{"accounts": accounts}, None, {}])
    assert progress.told() == {"rows": 0, "total": 17}


@pytest.mark.parametrize(
    "block",
    [
        {"accounts": [{"members_from": "a.csv"}]},
        {"accounts": [{"generate": [{}]}]},
        {"accounts": [{"members": 5}]},
        {"accounts": ["x"]},
        {"accounts": 5},
        [],
        "x",
        {"accounts": [{"generate": [{"members": "many"}]}]},
    ],
    ids=str,
)
def test_what_can_not_be_known_is_not_told(block: object) -> None:
    progress = Progress()
    progress.expect([{"accounts": [{"members": [{}]}]}, block])
    assert progress.total is None or block == []
