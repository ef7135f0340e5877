from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from emulator.core.clock import isoformat
from emulator.core.errors import UserError
from emulator.core.scenarios.scenario import load_scenarios
from emulator.core.scenarios.scenario_file import built_in
from emulator.core.world import World
from emulator.core.worlds import Worlds
from tests.core.acme import notes_of


@pytest.fixture
def start(worlds: Worlds) -> World:
    return worlds.start


def load(world: World, tmp_path: Path, *texts: str | bytes, overrides: Mapping[str, object] | None = None) -> None:
    """Load these texts as one file each."""
    files = []
    for number, text in enumerate(texts):
        file = tmp_path / f"scenario{number}.yaml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        files.append(str(file))
    vendors = [accounts._vendor for accounts in world.accounts.values()]
    load_scenarios(files, vendors, world, overrides or {})


def test_a_scenario_sets_clock_behaviours_and_rows(start: World, tmp_path: Path) -> None:
    load(
        start,
        tmp_path,
        """
        clock: {mode: frozen, at: 2024-05-01T12:00:00Z}
        behaviours: {acme.colour: blue, acme.shape: square}
        acme: {ann: {one: first}}
        """,
    )
    assert (start.clock.mode, isoformat(start.clock.now())) == ("frozen", "2024-05-01T12:00:00Z")
    assert (start.behaviours["acme.colour"], start.behaviours["acme.shape"]) == ("blue", "square")
    assert notes_of(start) == {"one": "first"}


def test_a_scenario_may_be_json(start: World, tmp_path: Path) -> None:
    load(start, tmp_path, '{"acme": {"ann": {"one": "first"}}}')
    assert notes_of(start) == {"one": "first"}


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}", "behaviours:\n"])
def test_a_scenario_may_say_nothing(start: World, tmp_path: Path, text: str) -> None:
    load(start, tmp_path, text)
    assert len(start.accounts["acme"]) == 0


def test_the_last_of_several_scenarios_wins(start: World, tmp_path: Path) -> None:
    load(start, tmp_path, "{behaviours: {acme.colour: blue}}", "{behaviours: {acme.colour: red}}")
    assert start.behaviours["acme.colour"] == "red"


def test_a_choice_on_the_command_line_wins_over_every_scenario(start: World, tmp_path: Path) -> None:
    load(start, tmp_path, "{behaviours: {acme.colour: red}}", overrides={"acme.colour": "blue"})
    assert start.behaviours["acme.colour"] == "blue"


def test_rows_of_several_scenarios_are_all_there(start: World, tmp_path: Path) -> None:
    load(start, tmp_path, "{acme: {ann: {one: first}}}", "{acme: {bob: {two: second}}}")
    assert notes_of(start, "ann") | notes_of(start, "bob") == {"one": "first", "two": "second"}


def test_what_comes_with_the_emulator_is_found_by_name(worlds: Worlds) -> None:
    load_scenarios(["empty"], worlds.vendors, worlds.start, {})
    assert "empty" in built_in()


def test_an_unknown_name_lists_the_known_ones(worlds: Worlds) -> None:
    with pytest.raises(UserError, match=r"scenario 'nothing' is unknown; name one of .*empty.* or a \.yaml"):
        load_scenarios(["nothing"], worlds.vendors, worlds.start, {})


@pytest.mark.parametrize("name", ["missing.yaml", "missing.json", "folder/missing"])
def test_a_missing_file_is_one_clear_line(worlds: Worlds, name: str) -> None:
    with pytest.raises(UserError, match=f"^scenario {name}: No such file or directory$"):
        load_scenarios([name], worlds.vendors, worlds.start, {})


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        (b"a: [", "not readable as YAML or JSON", ", line 2"),
        (b"\xff\xfe\x00", "not readable as YAML or JSON", ""),
        (b"at: 2024-13-45", "not readable as YAML or JSON", ", line 1"),
        (b"a: !!python/object:os.system x", "not readable as YAML or JSON", ", line 1"),
        ("- a list", "the top level must be an object", ""),
        ("just text", "the top level must be an object", ""),
        ("accme: {}", "unknown key 'accme'; allowed are clock, behaviours, acme", ", line 1"),
        ("7: {}", "unknown key '7'", ", line 1"),
        ("behaviours: [acme.colour]", "behaviours: write an object of ids and choices", ", line 1"),
        ("behaviours: {acme.colour: green}", "acme.colour: 'green' is no choice", ", line 1"),
        ("behaviours: {acme.color: red}", "did you mean acme.colour", ", line 1"),
        ("clock: {mode: stopped}", "clock: mode 'stopped' is unknown", ", line 1"),
        ("clock:", 'clock: write {"mode"', ", line 1"),
        ("clock: []", 'clock: write {"mode"', ", line 1"),
        ("clock: {mode: frozen, at: 2024-05-01}", "clock: 2024-05-01 is no instant", ", line 1"),
        ("emma: " + "[" * 30_000 + "]" * 30_000, "it is nested too deeply", ", line 1"),
        ("acme: " + "- " * 30_000 + "x", "not readable as YAML or JSON", ", line 1"),
        ("acme:\n" + "- " * 30_000 + "x", "it is nested too deeply", ", line 2"),
        ("-1: {}", "unknown key '-1'", ", line 1"),
        ("behaviours: {-1: x}", "behaviour -1 is unknown", ", line 1"),
        ("a: !!bool abc", "not readable as YAML or JSON", ", line 1"),
        ("a: !!timestamp abc", "not readable as YAML or JSON", ", line 1"),
        ("acme: [ann]", "acme must be an object of accounts", ", line 1"),
    ],
)
def test_a_bad_scenario_is_one_line_that_names_the_file(
    start: World, tmp_path: Path, text: str | bytes, message: str, place: str
) -> None:
    with pytest.raises(UserError) as refused:
        load(start, tmp_path, text)
    said = str(refused.value)
    assert said.startswith(f"{tmp_path}/scenario0.yaml{place}: ")
    assert message in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("clock: {mode: frozen}\n\naccme: {}", 3),
        ("behaviours:\n  acme.colour: red\n  acme.shape: flat", 3),
        ("clock:\n  mode: stopped", 1),
        ("acme:\n  - ann", 1),
        ("acme:\n  ann: {}\n  ann: {}", 3),
        ("acme: {ann: {one: a,\n  one: b}}", 2),
        ('{"acme":\n {"ann": {}},\n "acme": {}}', 3),
        ("acme:\n  ann:\n    one: 2024-13-45", 3),
        ("behaviours:\n  acme.colour: red\n  12: x", 3),
        ("behaviours:\n  true: x", 2),
        ("clock: {mode: frozen}\n12: x", 2),
        ("acme:\n  ann: {one: [}", 2),
        ("acme:\n  ann: !!timestamp abc", 2),
        ("acme:\n  ann: !!python/object:os.system x", 2),
    ],
)
def test_an_error_names_the_line(start: World, tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(UserError, match=rf"scenario0\.yaml, line {line}: "):
        load(start, tmp_path, text)


def test_a_key_that_is_given_twice_is_not_read_silently(start: World, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"line 2: .*the key 'acme' is given twice, first on line 1"):
        load(start, tmp_path, "acme: {ann: {}}\nacme: {bob: {}}")


def test_a_key_may_win_over_one_that_is_merged_in(start: World, tmp_path: Path) -> None:
    load(start, tmp_path, "acme: {ann: &notes {one: first, two: second}, bob: {<<: *notes, one: other}}")
    assert notes_of(start, "bob") == {"one": "other", "two": "second"}


def test_a_key_may_be_merged_in_from_where_it_was_merged_in_already(start: World, tmp_path: Path) -> None:
    load(
        start,
        tmp_path,
        "acme:\n  ann: &base {one: first, two: second}\n  bob: &over {<<: *base, one: other}\n  cid: {<<: *over}",
    )
    assert notes_of(start, "cid") == {"one": "other", "two": "second"}


@pytest.mark.parametrize(
    ("written", "meant"), [(r"\ud83d\ude00", "😀"), (r"\\ud83d\\ude00", r"\ud83d\ude00"), (r"\\\ud83d\ude00", "\\😀")]
)
def test_json_may_write_a_character_as_two_escapes(start: World, tmp_path: Path, written: str, meant: str) -> None:
    load(start, tmp_path, f'{{"acme": {{"ann": {{"one": "{written}"}}}}}}')
    assert notes_of(start) == {"one": meant}


@pytest.mark.parametrize("at", ["2024-05-01T00:00:00Z", '"2024-05-01"'])
def test_a_clock_may_begin_at_a_day(start: World, tmp_path: Path, at: str) -> None:
    load(start, tmp_path, f"clock: {{mode: frozen, at: {at}}}")
    assert isoformat(start.clock.now()) == "2024-05-01T00:00:00Z"


def test_a_behaviour_that_is_no_text_is_a_clear_error(start: World, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        load(start, tmp_path, "behaviours: {1: red}")


@pytest.mark.parametrize("text", ["a: !!timestamp soon", "a: !!bool maybe"])
def test_a_yaml_value_of_the_wrong_type_is_a_clear_error(start: World, tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError):
        load(start, tmp_path, text)
