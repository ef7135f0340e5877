from __future__ import annotations

import pytest

from emulator.core.proof.explain import hint, nearest
from emulator.core.world import World
from emulator.core.worlds import Worlds


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds.get("default")


def explain(worlds: Worlds, method: str, path: str) -> list[str]:
    return nearest(worlds.vendors, worlds.get("default"), method, path[1:].split("/"))


def test_a_wrong_method_names_the_operations_of_that_path(worlds: Worlds) -> None:
    assert explain(worlds, "PATCH", "/acme/notes/7") == [
        "acme.notes.put (PUT /acme/notes/{key})",
        "acme.notes.get (GET /acme/notes/{key})",
    ]


def test_a_path_with_a_slip_of_the_pen_names_the_one_that_was_meant(worlds: Worlds) -> None:
    assert explain(worlds, "POST", "/acme/nots/7/burn")[0] == "acme.notes.burn (POST /acme/notes/{key}/burn)"


def test_of_equal_paths_the_one_with_the_method_comes_first(worlds: Worlds) -> None:
    assert explain(worlds, "GET", "/acme/nots/7")[0] == "acme.notes.get (GET /acme/notes/{key})"
    assert explain(worlds, "PUT", "/acme/nots/7")[0] == "acme.notes.put (PUT /acme/notes/{key})"


def test_at_most_three_operations_are_named(worlds: Worlds) -> None:
    worlds.get("default").behaviours.set({"acme.peek": "yes"})
    assert len(explain(worlds, "GET", "/acme/nots/7/bur")) == 3


def test_an_operation_that_is_switched_off_is_not_named(worlds: Worlds, world: World) -> None:
    assert not any("peek" in each for each in explain(worlds, "PATCH", "/acme/notes/7"))
    world.behaviours.set({"acme.peek": "yes"})
    assert any("peek" in each for each in explain(worlds, "PATCH", "/acme/notes/7"))


def test_a_declined_operation_is_named_as_such(worlds: Worlds) -> None:
    assert explain(worlds, "PUT", "/acme/pages") == ["acme.pages.list (GET /acme/pages, not emulated)"]


def test_a_slip_of_the_pen_may_mean_a_declined_operation(worlds: Worlds) -> None:
    assert explain(worlds, "GET", "/acme/page")[0] == "acme.pages.list (GET /acme/pages, not emulated)"


@pytest.mark.parametrize("path", ["/favicon.ico", "/", "/" + "acme/notes" * 100])
def test_a_path_like_no_other_has_no_nearest_operation(worlds: Worlds, path: str) -> None:
    assert explain(worlds, "GET", path) == []


def test_the_hint_lists_what_is_near() -> None:
    assert hint(["a (GET /a)", "b (GET /b)"]) == (
        "no operation has this method and path; nearest: a (GET /a), b (GET /b)"
    )


def test_the_hint_says_where_operations_are_listed_when_none_is_near() -> None:
    assert "GET /_emulator/operations" in hint([])
