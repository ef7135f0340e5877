"""Paths into a body, and pieces of one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.errors import UserError
from emulator.core.proof.fragments import contains, read_fragment, read_path, values_at

BODY = {
    "email": "ann@shop.test",
    "members": [{"email": "bob@shop.test", "fields": {"Age": 31, "a.b": True}}, {"email": "cat@shop.test"}],
    "ids": [1, 2],
    "off": None,
}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("email", ["ann@shop.test"]),
        ("$.email", ["ann@shop.test"]),
        ("members[0].email", ["bob@shop.test"]),
        ("members[*].email", ["bob@shop.test", "cat@shop.test"]),
        ("members[0].fields.*", [31, True]),
        ("members[0].fields['a.b']", [True]),
        ("..email", ["ann@shop.test", "bob@shop.test", "cat@shop.test"]),
        ("..Age", [31]),
        ("$..email", ["ann@shop.test", "bob@shop.test", "cat@shop.test"]),
        ("ids[1]", [2]),
        ("ids[2]", []),
        ("ids.key", []),
        ("off", [None]),
        ("email.x", []),
        ("nothing", []),
    ],
)
def test_a_path_leads_to_values(path: str, values: list[Any]) -> None:
    assert list(values_at(BODY, read_path(path))) == values


@pytest.mark.parametrize("path", ["", "$", "a[", "a[x]", "a[-1]", "a]", "..a..b", "a" * 501, ".".join("a" * 21), "..."])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(UserError, match="body: "):
        read_path(path)


@pytest.mark.parametrize(
    "wanted",
    [
        "email",
        "off",
        "off=null",
        "email=ann@shop.test",
        'email="ann@shop.test"',
        "members[0].fields.Age=31",
        "members[0].fields['a.b']=true",
        "ids=[1,2]",
        "..email=cat@shop.test",
        {"email": "ann@shop.test"},
        {"members": [{"fields": {"Age": 31}}, {}]},
        {},
    ],
    ids=str,
)
def test_a_fragment_is_found(wanted: object) -> None:
    assert read_fragment(wanted)[1](BODY)


@pytest.mark.parametrize(
    "wanted",
    [
        "colour",
        "email=bob@shop.test",
        "members[0].fields.Age=32",
        "members[0].fields['a.b']=1",
        "ids[0]=true",
        "ids=[1",
        {"members": [{}]},
        {"ids": [2, 1]},
        {"ids": {"0": 1}},
        {"email": {"x": 1}},
    ],
    ids=str,
)
def test_a_fragment_that_is_not_there_is_not_found(wanted: object) -> None:
    assert not read_fragment(wanted)[1](BODY)


def test_a_fragment_is_a_path_or_an_object() -> None:
    with pytest.raises(UserError, match="write a path"):
        read_fragment(5)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_everything_contains_itself(value: Any) -> None:
    assert contains(value, value)


@given(st.dictionaries(st.text(max_size=2), JSON, max_size=4), st.data())
def test_an_object_contains_what_is_left_when_keys_are_taken_away(value: dict[str, Any], data: st.DataObject) -> None:
    kept = data.draw(st.sets(st.sampled_from(sorted(value)))) if value else set()
    assert contains(value, {key: value[key] for key in kept})


def test_an_object_that_is_nested_too_deeply_is_refused() -> None:
    deep: dict[str, object] = {}
    for _ in range(600):
        deep = {"a": deep}
    with pytest.raises(UserError, match="nested deeper than 20"):
        read_fragment(deep)
