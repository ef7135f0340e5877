"""Scenarios by name, those in a folder included."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from emulator.core.errors import Conflict, UnknownName, UserError
from emulator.core.scenarios.includes import with_includes
from emulator.core.scenarios.scenario_file import built_in
from emulator.core.scenarios.scenario_folder import available, read_named, read_reference, refuse_doubles

OUTSIDE = "remarks: [from outside]"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.yaml").write_text(OUTSIDE)
    folder = tmp_path / "scenarios"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return [each.name for each in available(str(folder)) if each.source == "folder"]


def refusal(name: str, folder: Path, error: type[UserError] = UserError) -> str:
    with pytest.raises(error) as refused:
        read_named(name, str(folder))
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_what_comes_along_is_listed_with_its_first_comment() -> None:
    found = available(None)
    assert [each.name for each in found] == sorted(built_in())
    assert {each.source for each in found} == {"built-in"}
    assert all(each.about for each in found)


@pytest.mark.parametrize("suffix", [".yaml", ".yml", ".json"])
def test_a_file_of_the_folder_is_known_by_its_name_without_suffix(folder: Path, suffix: str) -> None:
    (folder / f"shop{suffix}").write_text('{"remarks": ["a shop"]}')
    assert names(folder) == ["shop"]
    assert read_named("shop", str(folder)).document == {"remarks": ["a shop"]}


def test_the_list_says_what_the_first_comment_says(folder: Path) -> None:
    (folder / "shop.yaml").write_text("# yaml-language-server: $schema=schema.json\n# A shop\n# of ours. More.\n{}")
    assert ("shop", "A shop of ours", "folder") in available(str(folder))


def test_what_comes_along_can_be_read_beside_the_folder(folder: Path) -> None:
    assert "emma" in read_named("newsletter", str(folder)).document


def test_only_what_looks_like_a_scenario_is_listed(folder: Path) -> None:
    for name in ("shop.yaml", ".hidden.yaml", "a b.yaml", "people.csv", "README", f"{'a' * 65}.yaml"):
        (folder / name).write_text("{}")
    (folder / "folder.yaml").mkdir()
    os.mkfifo(folder / "pipe.yaml")
    (folder / "gone.yaml").symlink_to("nowhere.yaml")
    (folder / "out.yaml").symlink_to("../secret.yaml")
    assert names(folder) == ["shop"]


def test_a_mounted_folder_may_change(folder: Path) -> None:
    (folder / "shop.yaml").write_text("remarks: [one]")
    assert read_named("shop", str(folder)).document == {"remarks": ["one"]}
    (folder / "shop.yaml").write_text("remarks: [two]")
    (folder / "new.yaml").write_text("remarks: [three]")
    assert read_named("shop", str(folder)).document == {"remarks": ["two"]}
    assert names(folder) == ["new", "shop"]


def test_files_that_are_links_inside_of_the_folder_are_read_as_kubernetes_mounts_them(folder: Path) -> None:
    real = folder / "..2026_01_01"
    real.mkdir()
    (folder / "..data").symlink_to(real.name)
    for name, text in {"shop.yaml": "include: [base.yaml]", "base.yaml": "remarks: [base]"}.items():
        (real / name).write_text(text)
        (folder / name).symlink_to(f"..data/{name}")
    assert names(folder) == ["base", "shop"]
    files = with_includes([read_named("shop", str(folder))])
    assert [file.document for file in files] == [{"remarks": ["base"]}, {"include": ["base.yaml"]}]


@pytest.mark.parametrize("name", ["../secret", "..", ".", "", "/etc/passwd", "a/b", "a\\b", "a\0b", "a" * 65, "sécret"])
def test_a_name_is_no_path(folder: Path, name: str) -> None:
    assert "a name has 1 to 64 letters" in refusal(name, folder)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda file: file.symlink_to("../secret.yaml"), "leads out of the folder"),
        (lambda file: file.symlink_to(file.parent.parent / "secret.yaml"), "leads out of the folder"),
        (lambda file: file.symlink_to("nowhere"), "No such file"),
        (lambda file: os.mkfifo(file), "is no file"),
        (lambda file: file.mkdir(), "is no file"),
        (lambda file: file.symlink_to("/dev/zero"), "leads out of the folder"),
    ],
    ids=["link", "absolute link", "broken link", "pipe", "folder", "device"],
)
def test_what_is_no_file_of_the_folder_is_refused(folder: Path, make: object, said: str) -> None:
    assert callable(make)
    make(folder / "shop.yaml")
    text = refusal("shop", folder)
    assert text.startswith(f"scenario 'shop': {folder}/shop.yaml ")
    assert said in text


@pytest.mark.parametrize("entry", ["../secret.yaml", "SECRET", "link.yaml"])
def test_an_include_does_not_lead_out(folder: Path, entry: str) -> None:
    (folder / "link.yaml").symlink_to("../secret.yaml")
    (folder / "shop.yaml").write_text(f"include: [{entry.replace('SECRET', str(folder.parent / 'secret.yaml'))}]")
    with pytest.raises(UserError, match=r"shop.yaml, line 1: include\[0\]: .* (out|relative)"):
        with_includes([read_named("shop", str(folder))])


def test_a_name_does_not_tell_what_lies_in_the_working_directory(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes").write_text("")
    monkeypatch.chdir(tmp_path)
    assert refusal("notes", folder, UnknownName).startswith("scenario 'notes' is unknown; name one of ")
    (folder / "shop.yaml").write_text("include: [notes]")
    with pytest.raises(UserError, match="scenario 'notes' is unknown"):
        with_includes([read_named("shop", str(folder))])


def test_an_unknown_name_is_told_the_known_ones(folder: Path) -> None:
    (folder / "shop.yaml").write_text("{}")
    text = refusal("shap", folder, UnknownName)
    assert "newsletter, shop" in text


@pytest.mark.parametrize("files", [["newsletter.yaml"], ["shop.yaml", "shop.json"]])
def test_a_name_that_means_two_scenarios_is_refused(folder: Path, files: list[str]) -> None:
    for file in files:
        (folder / file).write_text("{}")
    name = files[0].removesuffix(".yaml")
    said = f"are both called {name!r}; rename a file"
    assert said in refusal(name, folder, Conflict)
    with pytest.raises(Conflict, match=said):
        refuse_doubles(str(folder))


def test_names_that_mean_one_scenario_are_not(folder: Path) -> None:
    refuse_doubles(None)
    (folder / "shop.yaml").write_text("{}")
    (folder / "shop.csv").write_text("")
    refuse_doubles(str(folder))


def test_a_folder_that_is_none_is_refused(folder: Path) -> None:
    for missing in (folder / "gone", folder.parent / "secret.yaml"):
        with pytest.raises(UserError, match=f"scenario folder {missing}: N.* --scenario-folder"):
            refuse_doubles(str(missing))


def test_a_reference_is_a_file_or_a_name(folder: Path) -> None:
    (folder / "shop.yaml").write_text("remarks: [by name]")
    assert read_reference("shop", str(folder)).document == {"remarks": ["by name"]}
    assert read_reference(str(folder.parent / "secret.yaml"), str(folder)).document == {"remarks": ["from outside"]}
    with pytest.raises(UserError, match="'shop' is unknown"):
        read_reference("shop", None)
    with pytest.raises(UserError, match="'my shop' is unknown"):
        read_reference("my shop", str(folder))
