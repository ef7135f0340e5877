from __future__ import annotations

import pytest

from emulator.core.behaviours import Behaviour, Behaviours, read_choice
from emulator.core.errors import Conflict, UnknownName, UserError

COLOUR = Behaviour("acme.colour", "The colour.", ("red", "blue", "404"), "red", "inferred", "nowhere")
SHAPE = Behaviour("acme.shape", "The shape.", ("round", "square"), "round", "observed", "nowhere", fixed_at_start=True)


@pytest.fixture
def behaviours() -> Behaviours:
    return Behaviours([COLOUR, SHAPE])


def test_nothing_chosen_is_the_default(behaviours: Behaviours) -> None:
    assert behaviours.chosen() == {"acme.colour": "red", "acme.shape": "round"}


def test_a_choice_is_in_force_at_once(behaviours: Behaviours) -> None:
    behaviours.set({"acme.colour": "blue"})
    assert behaviours["acme.colour"] == "blue"


def test_an_unknown_behaviour_suggests_the_one_that_was_meant(behaviours: Behaviours) -> None:
    with pytest.raises(UnknownName, match=r"'acme.color' is unknown; did you mean acme.colour\?"):
        behaviours.set({"acme.color": "red"})


def test_an_unknown_behaviour_like_no_other_says_where_they_are_listed(behaviours: Behaviours) -> None:
    with pytest.raises(UnknownName, match="GET /_emulator/behaviours lists them"):
        behaviours.set({"zzz": "red"})


@pytest.mark.parametrize("choice", ["green", "", None, ["red"], pytest.param(10**5000, id="a huge number")])
def test_a_wrong_choice_names_the_right_ones(behaviours: Behaviours, choice: object) -> None:
    with pytest.raises(UserError, match="choose red or blue"):
        behaviours.set({"acme.colour": choice})


def test_only_what_may_be_a_choice_is_written_out(behaviours: Behaviours) -> None:
    grown: list[object] = ["red"]
    for _ in range(40):  # more than any machine can write
        grown = [grown] * 9
    with pytest.raises(UserError, match="neither text nor number nor boolean; choose red or blue"):
        behaviours.set({"acme.colour": grown})


def test_either_every_change_is_made_or_none(behaviours: Behaviours) -> None:
    with pytest.raises(UserError):
        behaviours.set({"acme.colour": "blue", "acme.shape": "flat"})
    assert behaviours["acme.colour"] == "red"


def test_a_running_world_keeps_what_shapes_its_data(behaviours: Behaviours) -> None:
    with pytest.raises(Conflict, match=r"start with --behaviour acme\.shape=square"):
        behaviours.set({"acme.shape": "square"})
    assert behaviours["acme.shape"] == "round"


def test_a_running_world_may_repeat_the_choice_it_has(behaviours: Behaviours) -> None:
    behaviours.set({"acme.shape": "round"})
    assert behaviours["acme.shape"] == "round"


def test_a_starting_world_takes_any_choice(behaviours: Behaviours) -> None:
    behaviours.set({"acme.shape": "square"}, starting=True)
    assert behaviours["acme.shape"] == "square"


def test_a_copy_chooses_for_itself(behaviours: Behaviours) -> None:
    behaviours.set({"acme.colour": "blue"})
    twin = behaviours.copy()
    twin.set({"acme.colour": "red"})
    assert (behaviours["acme.colour"], twin["acme.colour"]) == ("blue", "red")


def test_a_copy_knows_the_same_behaviours(behaviours: Behaviours) -> None:
    assert behaviours.copy().declared == behaviours.declared


@pytest.mark.parametrize("text", ["acme.colour=blue", " acme.colour = blue "])
def test_the_command_line_writes_id_equals_choice(text: str) -> None:
    assert read_choice(text) == ("acme.colour", "blue")


@pytest.mark.parametrize("text", ["", "acme.colour", "acme.colour=", "=blue"])
def test_a_choice_without_its_equals_sign_is_a_clear_error(text: str) -> None:
    with pytest.raises(UserError, match="write it as ID=CHOICE"):
        read_choice(text)


def test_a_number_for_an_id_is_a_clear_error(behaviours: Behaviours) -> None:
    with pytest.raises(UserError):
        behaviours.set({1: "red"})  # type: ignore[dict-item]


def test_a_number_is_as_good_as_its_text(behaviours: Behaviours) -> None:
    behaviours.set({"acme.colour": 404})
    assert behaviours["acme.colour"] == "404"


def test_a_yaml_boolean_is_as_good_as_its_text() -> None:
    switch = Behaviours([Behaviour("acme.switch", "On or off.", ("true", "false"), "true", "inferred", "nowhere")])
    switch.set({"acme.switch": False})
    assert switch["acme.switch"] == "false"


PACE = Behaviour("acme.pace", "Notes a second.", (), "2.5", "inferred", "nowhere", least=0.5)


@pytest.mark.parametrize("choice", [0.5, 3, "3", "1e3", "0.50"])
def test_a_behaviour_may_be_a_number(choice: object) -> None:
    behaviours = Behaviours([PACE])
    assert behaviours["acme.pace"] == "2.5"
    behaviours.set({"acme.pace": choice})
    assert behaviours["acme.pace"] == str(choice)


@pytest.mark.parametrize("choice", [0.4, -1, "fast", "", "nan", "inf", "-inf", None, True, [1]])
def test_what_is_no_such_number_is_refused_with_the_least(choice: object) -> None:
    with pytest.raises(UserError, match=r"choose a number, 0\.5 or greater"):
        Behaviours([PACE]).set({"acme.pace": choice})


def test_every_change_of_choices_can_be_noticed(behaviours: Behaviours) -> None:
    before = behaviours.stamp
    behaviours.set({"acme.colour": "blue"})
    assert behaviours.stamp is not before


def test_a_refused_change_is_none(behaviours: Behaviours) -> None:
    before = behaviours.stamp
    with pytest.raises(UserError):
        behaviours.set({"acme.colour": "green"})
    assert behaviours.stamp is before
