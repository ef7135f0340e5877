from __future__ import annotations

import pytest

from emulator.core.errors import Conflict, UnknownName, UserError
from emulator.core.worlds import TooManyWorlds, Worlds
from tests.core.acme import make_worlds


def test_a_world_is_made_on_first_use_and_then_kept(worlds: Worlds) -> None:
    assert list(worlds) == []
    assert worlds.get("blue") is worlds.get("blue")
    assert [world.name for world in worlds] == ["blue"]


def test_every_world_starts_with_the_start_up_state(worlds: Worlds) -> None:
    worlds.start.behaviours.set({"acme.colour": "blue"})
    assert worlds.get("one").behaviours["acme.colour"] == "blue"


def test_a_world_that_exists_is_not_made_again(worlds: Worlds) -> None:
    worlds.create("blue")
    with pytest.raises(Conflict, match="'blue' exists already"):
        worlds.create("blue")


@pytest.mark.parametrize("name", ["a", "7", "ci-job_1.2", "x" * 64])
def test_a_name_of_letters_digits_and_dots_is_fine(worlds: Worlds, name: str) -> None:
    assert worlds.get(name).name == name


@pytest.mark.parametrize("name", ["", "-a", ".", "a b", "a/b", "é", "x" * 65, "a\n"])
def test_a_bad_name_is_refused_with_the_rule(worlds: Worlds, name: str) -> None:
    with pytest.raises(UserError, match="1 to 64 letters, digits"):
        worlds.get(name)
    assert list(worlds) == []


def test_no_world_is_dropped_to_make_room_for_another() -> None:
    worlds = make_worlds(cap=2)
    kept = [worlds.get("one"), worlds.get("two")]
    with pytest.raises(TooManyWorlds, match=r"there are 2 worlds already, the limit; drop some .* --max-worlds"):
        worlds.get("three")
    assert list(worlds) == kept


def test_a_world_that_exists_is_served_at_the_cap() -> None:
    worlds = make_worlds(cap=1)
    assert worlds.get("one") is worlds.get("one")


def test_the_default_world_never_lacks_room() -> None:
    worlds = make_worlds(cap=1, ready=False)
    worlds.open()
    assert worlds.ready
    with pytest.raises(TooManyWorlds):
        worlds.get("other")
    assert worlds.get("default").name == "default"


def test_a_dropped_world_makes_room() -> None:
    worlds = make_worlds(cap=1)
    worlds.get("one")
    worlds.drop("one")
    assert worlds.get("two").name == "two"


def test_a_dropped_world_starts_anew(worlds: Worlds) -> None:
    worlds.get("one").behaviours.set({"acme.colour": "blue"})
    worlds.drop("one")
    assert worlds.get("one").behaviours["acme.colour"] == "red"


def test_a_world_that_never_was_can_not_be_dropped(worlds: Worlds) -> None:
    with pytest.raises(UnknownName, match="no world 'ghost'"):
        worlds.drop("ghost")


def test_a_world_that_was_made_once_does_not_come_back_by_itself() -> None:
    worlds = make_worlds()
    worlds.create("mine", once=True)
    worlds.drop("mine")
    with pytest.raises(UnknownName, match="was dropped; make it anew"):
        worlds.get("mine")
    assert worlds.create("mine").name == "mine"
    worlds.drop("mine")
    assert worlds.get("mine").name == "mine"
