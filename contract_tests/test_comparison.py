"""The comparison itself, which must be able to fail."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.comparison import differences


@pytest.mark.parametrize(
    ("printed", "actual"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": "1"}),
        ({"a": 1}, {"a": True}),
        ({"a": [1]}, {"a": ["x"]}),
        ({"a": None}, {"a": {}}),
        ({"a": [{"b": 1}]}, {"a": [{"c": 1}]}),
    ],
)
def test_other_keys_order_or_types_are_differences(printed: Any, actual: Any) -> None:
    assert differences(printed, actual, values=False)


@pytest.mark.parametrize(
    ("printed", "actual"), [({"a": 1}, {"a": 2}), ({"a": [1]}, {"a": []}), ({"a": 1}, {"a": True})]
)
def test_other_values_are_differences_where_values_count(printed: Any, actual: Any) -> None:
    assert differences(printed, actual, values=True)


@pytest.mark.parametrize(
    ("printed", "actual", "places"),
    [
        ({"a": [{"b": 1, "c": 2}]}, {"a": [{"b": 1}]}, ["a.0.c"]),
        ([{"b": 1}], [{"b": 1, "c": 2}], ["0.c"]),
        ({"a": [{"b": 1, "c": 2}]}, {"a": [{"c": 2, "b": 1}]}, ["a.0"]),
        ({"a": 1, "b": 2}, {"a": 2, "c": 2}, ["b", "c", "a"]),
        (True, False, [""]),
    ],
)
def test_a_difference_says_where_it_is(printed: Any, actual: Any, places: list[str]) -> None:
    assert [each.at for each in differences(printed, actual, values=True)] == places


def test_equal_answers_have_no_differences() -> None:
    answer = {"a": [{"b": 1, "c": None}], "fields": {"x": "y"}}
    assert differences(answer, answer, values=True) == []


def test_a_value_that_may_be_anything_still_has_its_type() -> None:
    assert differences({"a": 1}, {"a": 2}, values=True, anything=["a"]) == []
    assert differences({"a": 1}, {"a": "2"}, values=True, anything=["a"])
