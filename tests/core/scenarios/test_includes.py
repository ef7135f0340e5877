"""Scenarios that include others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from emulator.core.errors import UserError
from emulator.core.scenarios.scenario import load_scenarios
from emulator.core.world import World
from emulator.core.worlds import Worlds
from tests.core.acme import notes_of


@pytest.fixture
def start(worlds: Worlds) -> World:
    return worlds.start


def write(folder: Path, **files: str) -> str:
    """Write files, of which `a` is the one to load; `_` in a name is a folder."""
    for name, text in files.items():
        file = folder / f"{name.replace('_', '/')}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return str(folder / "a.yaml")


def load(world: World, *references: str) -> None:
    load_scenarios(references, [accounts._vendor for accounts in world.accounts.values()], world, {})


def error(world: World, *references: str) -> str:
    with pytest.raises(UserError) as refused:
        load(world, *references)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_what_is_included_is_there(start: World, tmp_path: Path) -> None:
    load(
        start,
        write(tmp_path, a="include: [b.yaml, c.yaml]\nacme: {ann: {one: a}}", b="acme: {bob: {}}", c="acme: {cat: {}}"),
    )
    assert [account.id for account in start.accounts["acme"]] == ["bob", "cat", "ann"]


def test_the_including_file_wins(start: World, tmp_path: Path) -> None:
    load(
        start,
        write(tmp_path, a="include: [b.yaml]\nbehaviours: {acme.colour: red}", b="behaviours: {acme.colour: blue}"),
    )
    assert start.behaviours["acme.colour"] == "red"


def test_an_include_is_relative_to_the_file_that_has_it(start: World, tmp_path: Path) -> None:
    load(
        start,
        write(
            tmp_path,
            a="include: [d/b.yaml]",
            d_b="include: [c.yaml, ../e.yaml]",
            d_c="acme: {cat: {}}",
            e="acme: {eve: {}}",
        ),
    )
    assert [account.id for account in start.accounts["acme"]] == ["cat", "eve"]


def test_a_built_in_scenario_can_be_included_by_name(start: World, tmp_path: Path) -> None:
    load(start, write(tmp_path, a="include: [empty]\nacme: {ann: {}}"))
    assert len(start.accounts["acme"]) == 1


def test_what_two_files_include_is_loaded_once(start: World, tmp_path: Path) -> None:
    load(
        start,
        write(
            tmp_path,
            a="include: [b.yaml, c.yaml]",
            b="include: [d.yaml]",
            c="include: [d.yaml]",
            d="acme: {ann: {one: d}}",
        ),
    )
    assert notes_of(start) == {"one": "d"}


def test_a_circle_is_named_with_file_and_line(start: World, tmp_path: Path) -> None:
    file = write(tmp_path, a="include: [b.yaml]", b="clock: {mode: real}\ninclude:\n  - a.yaml")
    assert (
        error(start, file)
        == f"{tmp_path}/b.yaml, line 3: include[0] goes in a circle: {file} -> {tmp_path}/b.yaml -> {file}"
    )


def test_a_file_that_includes_itself_is_a_circle(start: World, tmp_path: Path) -> None:
    assert "line 1: include[0] goes in a circle" in error(start, write(tmp_path, a="include: [./a.yaml]"))


def test_includes_without_end_are_refused(start: World, tmp_path: Path) -> None:
    files = {f"f{number}": f"include: [f{number + 1}.yaml]" for number in range(30)}
    assert "f20.yaml, line 1: include[0] is nested too deeply, more than 20 files" in error(
        start, write(tmp_path, a="include: [f1.yaml]", **files)
    )


def test_an_error_in_an_included_file_names_that_file_and_its_line(start: World, tmp_path: Path) -> None:
    file = write(tmp_path, a="include: [d/b.yaml]", d_b="\n\naccme: {}")
    assert error(start, file).startswith(f"{tmp_path}/d/b.yaml, line 3: unknown key 'accme'")


def test_a_half_written_included_file_names_that_file_and_its_line(start: World, tmp_path: Path) -> None:
    file = write(tmp_path, a="include: [b.yaml]", b="acme:\n  ann: {one: ")
    assert error(start, file).startswith(f"{tmp_path}/b.yaml, line 3: not readable as YAML or JSON")


@pytest.mark.parametrize(
    ("include", "message"),
    [
        ("[b.yaml]", "line 2: include[0]: b.yaml can not be read: No such file or directory"),
        ("[nothing]", "line 2: include[0]: scenario 'nothing' is unknown; name one of"),
        ("b.yaml", "line 2: include must be a list of files or names of built-in scenarios"),
        ("[7]", "line 2: include[0] must be a file or the name of a built-in scenario"),
        ('[""]', "line 2: include[0] must be a file or the name"),
        ("[../b.yaml]", "line 2: include[0]: ../b.yaml lies outside the folder of the scenario"),
        ("[d/../../b.yaml]", "lies outside the folder of the scenario"),
        ("[/etc/b.yaml]", "include[0]: /etc/b.yaml must be written relative to the file that names it"),
        ('["b\\0.yaml"]', "must be written relative"),
        ("[folder.yaml]", "include[0]: folder.yaml is no file"),
        ("[out.yaml]", "include[0]: out.yaml leads out of the folder of the scenario"),
        ("[circle.yaml]", "include[0]: circle.yaml can not be read"),
    ],
)
def test_what_can_not_be_included_is_said_with_file_and_line(
    start: World, tmp_path: Path, include: str, message: str
) -> None:
    inner = tmp_path / "inner"
    (inner / "folder.yaml").mkdir(parents=True)
    (tmp_path / "b.yaml").write_text("acme: {}")
    (inner / "out.yaml").symlink_to(tmp_path / "b.yaml")
    (inner / "circle.yaml").symlink_to(inner / "circle.yaml")
    said = error(start, write(inner, a=f"# a comment\ninclude: {include}"))
    assert said.startswith(f"{inner}/a.yaml, line 2: ")
    assert message in said


def test_a_link_within_the_folder_is_followed(start: World, tmp_path: Path) -> None:
    file = write(tmp_path, a="include: [link.yaml]", d_b="acme: {ann: {}}")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "d" / "b.yaml")
    load(start, file)
    assert len(start.accounts["acme"]) == 1


def test_the_folder_itself_may_be_reached_through_a_link(start: World, tmp_path: Path) -> None:
    write(tmp_path / "real", a="include: [b.yaml]", b="acme: {ann: {}}")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    load(start, str(tmp_path / "link" / "a.yaml"))
    assert len(start.accounts["acme"]) == 1


def test_what_would_never_end_is_no_file(start: World, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "b.yaml")
    assert "b.yaml is no file" in error(start, write(tmp_path, a="include: [b.yaml]"))


@pytest.mark.parametrize("text", ['{"acme": {"ann": {"one": "a"}}}', '{"acme": {"ann": {"one": "\\ud83d\\ude00"}}}'])
def test_json_is_read_like_yaml(start: World, tmp_path: Path, text: str) -> None:
    load(start, write(tmp_path, a=text))
    assert notes_of(start)["one"] in ("a", "😀")


@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_what_json_does_not_have_is_no_number(start: World, tmp_path: Path, number: str) -> None:
    load(start, write(tmp_path, a=f'{{"acme": {{"ann": {{"one": {number}}}}}}}'))
    assert notes_of(start)["one"] == number  # as YAML reads it
