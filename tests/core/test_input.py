from __future__ import annotations

import contextlib
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw, Struct, json
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from emulator.core.errors import Invalid
from emulator.core.input import InputReader, convert, read_object, validate
from emulator.core.operation import Body
from tests.core.acme import NoteRef, operation


def _even(value: int) -> int:
    if value % 2:
        raise ValueError("must be even")
    return value


class Inner(BaseModel):
    model_config = ConfigDict(strict=True)

    op: Literal["<", ">", "or"] = "<"


class Everything(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    key: str = ""
    limit: str | None = None
    number: int = 0
    whole: Annotated[int, Field(strict=False)] = 0
    even: Annotated[int, AfterValidator(_even)] = 0
    flag: bool = False
    word: Annotated[str, Field(min_length=1, pattern="^[a-z]+$")] = "a"
    items: Annotated[list[Inner], Field(min_length=1, max_length=2)] = [Inner()]
    table: dict[str, str] = {}


class Needy(BaseModel):
    name: str


class Rows(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    rows: list[Raw] = []
    limit: str | None = None
    name: str = ""


class Window(Struct):
    key: str = ""
    start: int | None = None
    count: bool = False
    label: str | None = None
    kinds: list[str] = []


@pytest.mark.parametrize("body", [b"", b"  \r\n", b"null"])
def test_an_optional_body_may_be_missing(body: bytes) -> None:
    assert read_object(body, required=False) == {}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "body can not be empty"),
        (b" \n", "body can not be empty"),
        (b"null", "body must be a JSON object"),
        (b"[]", "body must be a JSON object"),
        (b'"text"', "body must be a JSON object"),
        (b"{", "body must be valid JSON"),
        (b'{"a": NaN}', "body must be valid JSON"),
        (b'{"a": "\xff"}', "body must be valid JSON"),
        (b'{"a": "\\ud800"}', "body must be valid JSON"),
        (b"[" * 100_000, "body must be valid JSON"),
        (b"limit=10&offset=0", "body must be valid JSON"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_body_that_is_no_object_is_refused_with_the_reason(body: bytes, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_object(body, required=True)
    assert str(refused.value) == message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSON))
def test_an_object_is_read_as_it_was_written(value: dict[str, Any]) -> None:
    assert read_object(json.encode(value), required=True) == value


@given(st.binary(max_size=50))
def test_no_bytes_do_worse_than_a_refusal(body: bytes) -> None:
    with contextlib.suppress(Invalid):
        assert isinstance(read_object(body, required=False), dict)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"key": 7}, "key must be a string"),
        ({"number": "7"}, "number must be an integer"),
        ({"number": 7.5}, "number must be an integer"),
        ({"whole": "x"}, "whole must be an integer"),
        ({"whole": 7.5}, "whole must be an integer"),
        ({"even": 7}, "even must be even"),
        ({"flag": 1}, "flag must be true or false"),
        ({"word": ""}, "word can not be empty"),
        ({"word": "A"}, "word must match ^[a-z]+$"),
        ({"items": {}}, "items must be a list"),
        ({"items": []}, "items can not be empty"),
        ({"items": [{}, {}, {}]}, "items can not have more than 2 entries"),
        ({"items": [{}, 7]}, "items[1] must be an object"),
        ({"items": [{}, {"op": "=="}]}, "items[1].op must be one of <, >, or"),
        ({"table": []}, "table must be an object"),
        ({"tables": {}}, "tables is not a known key"),
        (7, "must be an object"),
    ],
)
def test_a_bad_value_is_refused_by_its_place_and_what_is_allowed(values: object, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        validate(Everything, values)
    assert str(refused.value) == message


def test_a_missing_value_can_not_be_empty() -> None:
    with pytest.raises(Invalid, match=r"^name can not be empty$"):
        validate(Needy, {})


READER = InputReader(__name__)
LISTING = operation("list", "POST", "/{key}", input="Everything", query=("limit", "offset"), body=Body.OPTIONAL)


def test_an_input_that_is_all_in_the_path_needs_no_model() -> None:
    made = READER.read(operation("get", "GET", "/{key}"), {"key": "a"}, b"key=b", b'{"key": "c"}')
    assert made == NoteRef("a")


def test_path_query_and_body_become_one_input() -> None:
    made = READER.read(LISTING, {"key": "a"}, b"limit=5", b'{"number": 3}')
    assert (made.key, made.limit, made.number) == ("a", "5", 3)


def test_the_path_wins_over_the_body() -> None:
    assert READER.read(LISTING, {"key": "a"}, b"", b'{"key": "b"}').key == "a"


def test_a_query_parameter_is_not_read_from_the_body() -> None:
    assert READER.read(LISTING, {}, b"", b'{"limit": "7"}').limit is None


def test_a_query_parameter_that_is_not_documented_is_ignored() -> None:
    assert READER.read(LISTING, {}, b"limit=5&debug=1", b"").limit == "5"


def test_a_query_parameter_is_percent_decoded_and_may_be_blank() -> None:
    assert READER.read(LISTING, {}, b"limit=a%2Bb+c", b"").limit == "a+b c"
    assert READER.read(LISTING, {}, b"limit=", b"").limit == ""


def test_a_body_that_an_operation_does_not_read_is_ignored() -> None:
    bodyless = operation("list", "GET", "/", input="Everything")
    assert READER.read(bodyless, {}, b"limit=5", b"no JSON at all") == Everything()


def test_a_required_body_must_be_there() -> None:
    put = operation("put", "PUT", "/{key}", input="Everything", body=Body.REQUIRED)
    with pytest.raises(Invalid, match="body can not be empty"):
        READER.read(put, {"key": "a"}, b"", b"")


LENIENT = InputReader(__name__, lenient=True)


def test_a_lenient_reader_takes_an_empty_list_for_no_body() -> None:
    assert LENIENT.read(LISTING, {"key": "a"}, b"", b" [] ").key == "a"
    with pytest.raises(Invalid, match="body must be a JSON object"):
        READER.read(LISTING, {"key": "a"}, b"", b"[]")


WINDOW = operation(
    "window", "GET", "/{key}", input=Window, query=("start", "count", "label", "kinds"), lists=("kinds",)
)


def test_a_lenient_reader_takes_a_number_or_boolean_without_a_value_for_none() -> None:
    assert LENIENT.read(WINDOW, {}, b"start=&count=", b"") == Window()
    with pytest.raises(Invalid, match="start must be an integer"):
        READER.read(WINDOW, {}, b"start=", b"")


def test_a_text_without_a_value_is_one_for_a_lenient_reader_too() -> None:
    assert LENIENT.read(WINDOW, {}, b"label=", b"").label == ""


def test_what_a_struct_has_beside_the_path_comes_from_the_query() -> None:
    assert READER.read(WINDOW, {"key": "a"}, b"start=5&count=true&debug=1", b"") == Window("a", 5, True)


def test_the_path_wins_over_the_query() -> None:
    assert READER.read(WINDOW, {"key": "a"}, b"key=b&start=1", b"").key == "a"


def test_of_a_repeated_parameter_the_last_counts_unless_it_is_a_list() -> None:
    made = READER.read(WINDOW, {}, b"start=1&kinds=a&start=2&kinds=b", b"")
    assert (made.start, made.kinds) == (2, ["a", "b"])


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("True", True), ("1", True), ("false", False), ("False", False), ("0", False)]
)
def test_a_boolean_is_read_from_a_text(text: str, value: bool) -> None:
    assert convert(Window, {"count": text}).count is value


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"start": "x"}, "start must be an integer"),
        ({"start": "1.5"}, "start must be an integer"),
        ({"count": "maybe"}, "count must be true or false"),
        ({"kinds": "a"}, "kinds is not valid"),
    ],
)
def test_a_text_that_is_no_number_or_boolean_is_refused_by_its_name(values: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid) as refused:
        convert(Window, values)
    assert str(refused.value) == message


ANYWHERE = operation(
    "anywhere", "PUT", "/", input="Rows", query=("limit", "name"), anywhere=("limit",), body=Body.OPTIONAL
)


def test_a_parameter_that_may_be_anywhere_is_read_from_query_and_body() -> None:
    made = READER.read(ANYWHERE, {}, b"", b'{"limit": "7", "name": "ann"}')
    assert (made.limit, made.name) == ("7", "")
    assert READER.read(ANYWHERE, {}, b"limit=8", b'{"limit": "7"}').limit == "8"


DEFERRED = operation("deferred", "POST", "/", input="Rows", deferred="rows", body=Body.OPTIONAL)


def test_entries_of_a_deferred_list_come_as_they_were_sent() -> None:
    made = READER.read(DEFERRED, {}, b"", b'{"name": "ann", "rows": [{"a": 1}, 7 , "x"]}')
    assert [bytes(row).strip() for row in made.rows] == [b'{"a": 1}', b"7", b'"x"']
    assert made.name == "ann"


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b'{"rows": []}'])
def test_a_deferred_list_may_be_missing_or_empty(body: bytes) -> None:
    assert READER.read(DEFERRED, {}, b"", body).rows == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"rows": 7}', "rows must be a list"),
        (b'{"rows": null}', "rows must be a list"),
        (b'{"rows": [{"a": nonsense}]}', "body must be valid JSON"),
        (b'{"rows": [{"a": 1},]}', "body must be valid JSON"),
        (b'{"rows": [', "body must be valid JSON"),
        (b'{"name": "\xff"}', "body must be valid JSON"),
        (b"[7]", "body must be a JSON object"),
    ],
)
def test_a_bad_body_with_a_deferred_list_is_refused_like_any_other(body: bytes, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        READER.read(DEFERRED, {}, b"", body)
    assert str(refused.value) == message
