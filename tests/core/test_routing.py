from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.operation import Declined
from emulator.core.routing import Match, Route, Router
from tests.core.acme import operation


def declined(route_id: str, method: str, path: str) -> Declined:
    return Declined(route_id, method, path, "because", "nowhere")


@pytest.fixture
def router() -> Router:
    return Router(
        [
            operation("list", "GET", "/notes"),
            operation("get", "GET", "/notes/{key}"),
            operation("delete", "DELETE", "/notes/{key}"),
            operation("newest", "GET", "/notes/newest"),
            operation("line", "GET", "/notes/{key}/lines/{line}"),
            declined("senders", "*", "/senders/*"),
            operation("sender", "GET", "/senders/{id}"),
            declined("pages", "*", "/{account}/pages/*"),
        ]
    )


def found(match: Match | None) -> tuple[str, dict[str, str]] | None:
    return None if match is None else (match[0].id, match[1])


def test_a_path_without_parameters_is_found(router: Router) -> None:
    assert found(router.match("GET", ["notes"])) == ("list", {})


def test_parameters_are_handed_over_by_name(router: Router) -> None:
    assert found(router.match("GET", ["notes", "a/b", "lines", "7"])) == ("line", {"key": "a/b", "line": "7"})


def test_a_literal_wins_over_a_parameter(router: Router) -> None:
    assert found(router.match("GET", ["notes", "newest"])) == ("newest", {})


def test_a_literal_that_leads_nowhere_is_still_a_value(router: Router) -> None:
    assert found(router.match("GET", ["notes", "newest", "lines", "7"])) == ("line", {"key": "newest", "line": "7"})


def test_a_literal_of_another_method_is_a_value_too(router: Router) -> None:
    assert found(router.match("DELETE", ["notes", "newest"])) == ("delete", {"key": "newest"})


@pytest.mark.parametrize("segments", [["senders"], ["senders", ""], ["senders", "1", "2"]])
def test_a_star_takes_every_path_below_and_the_path_itself(router: Router, segments: list[str]) -> None:
    assert found(router.match("PATCH", segments)) == ("senders", {})


def test_an_exact_path_wins_over_a_star(router: Router) -> None:
    assert found(router.match("GET", ["senders", "7"])) == ("sender", {"id": "7"})


@pytest.mark.parametrize("rest", [[], ["7"], ["7", "lines"]])
def test_a_star_keeps_the_parameters_before_it(router: Router, rest: list[str]) -> None:
    assert found(router.match("GET", ["100", "pages", *rest])) == ("pages", {"account": "100"})


@pytest.mark.parametrize("segments", [[""], ["notes", ""], ["notes", "1", ""], ["notes", "1", "lines"], ["Notes"]])
def test_a_path_that_is_not_in_the_table_is_not_found(router: Router, segments: list[str]) -> None:
    assert router.match("GET", segments) is None


def test_a_method_that_is_not_in_the_table_is_not_found(router: Router) -> None:
    assert router.match("PUT", ["notes", "1"]) is None


def test_the_methods_of_a_path_are_those_that_have_a_route_there(router: Router) -> None:
    assert router.methods(["notes", "1"]) == ["GET", "DELETE"]


def test_two_routes_of_one_method_and_path_are_refused() -> None:
    with pytest.raises(ValueError, match="other and get have the same method and path"):
        Router([operation("get", "GET", "/notes/{key}"), operation("other", "GET", "/notes/{id}")])


LITERALS = ("a", "b")
TEMPLATES = st.lists(st.sampled_from([*LITERALS, "{p}"]), min_size=1, max_size=3).flatmap(
    lambda parts: st.sampled_from([[*parts], [*parts, "*"]])
)
ROUTES = st.lists(
    st.tuples(st.sampled_from(["GET", "PUT", "*"]), TEMPLATES),
    unique_by=lambda route: (route[0], tuple(route[1])),
    max_size=12,
)
SEGMENTS = st.lists(st.sampled_from([*LITERALS, "c", ""]), min_size=1, max_size=5)


def rank(template: list[str], segments: list[str]) -> list[int] | None:
    """0 for each literal, 1 for each parameter, 2 for a star; None if it does not match."""
    ranks: list[int] = []
    for index, part in enumerate(template):
        if part == "*":
            return [*ranks, 2]
        if index >= len(segments) or (part.startswith("{") and not segments[index]):
            return None
        if not part.startswith("{") and part != segments[index]:
            return None
        ranks.append(1 if part.startswith("{") else 0)
    return ranks if len(template) == len(segments) else None


def naive(routes: list[tuple[str, list[str]]], method: str, segments: list[str]) -> str | None:
    for wanted in (method, "*"):
        ranked = [
            (ranks, f"{wanted} {'/'.join(template)}")
            for each, template in routes
            if each == wanted and (ranks := rank(template, segments)) is not None
        ]
        if ranked:
            return min(ranked)[1]
    return None


@given(ROUTES, st.sampled_from(["GET", "PUT", "POST"]), SEGMENTS)
def test_the_tree_agrees_with_a_matcher_that_looks_at_every_route(
    routes: list[tuple[str, list[str]]], method: str, segments: list[str]
) -> None:
    table: list[Route] = [
        declined(f"{each} {'/'.join(parts)}", each, "/" + "/".join(named(parts))) for each, parts in routes
    ]
    match = Router(table).match(method, segments)
    assert (None if match is None else match[0].id) == naive(routes, method, segments)
    if match is not None:
        template = match[0].path.strip("/").split("/")
        values = {part[1:-1]: value for part, value in zip(template, segments, strict=False) if part.startswith("{")}
        assert match[1] == values


def named(parts: list[str]) -> list[str]:
    """Give each parameter a name of its own."""
    return [f"{{p{index}}}" if part == "{p}" else part for index, part in enumerate(parts)]
