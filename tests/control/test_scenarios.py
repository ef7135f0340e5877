"""Loading scenarios by name into a world that runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from emulator.app import create_app
from emulator.core.scenarios.scenario_file import built_in
from emulator.settings import Settings
from tests.conftest import ClientFactory
from tests.emma.support import AUTH
from tests.process import run, running

SCENARIOS = "/_emulator/scenarios"
SHOP = "# A shop\ninclude: [base.yaml]\n"
BASE = "emma: {accounts: [{account_id: 100, members_from: people/all.csv}]}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "scenarios"
    (folder / "people").mkdir(parents=True)
    (folder / "shop.yaml").write_text(SHOP)
    (folder / "base.yaml").write_text(BASE)
    (folder / "people" / "all.csv").write_text("email\nann@shop.test\n")
    return folder


@pytest.fixture
def client(make_client: ClientFactory, folder: Path) -> TestClient:
    client = make_client(scenario_folder=str(folder))
    client.headers["Authorization"] = AUTH
    return client


def emails(client: TestClient, prefix: str = "") -> list[str]:
    return [member["email"] for member in client.get(f"{prefix}/100/members").json()]


def test_the_list_has_those_that_come_along_and_those_of_the_folder(client: TestClient) -> None:
    found: list[dict[str, Any]] = client.get(SCENARIOS).json()["scenarios"]
    assert [each["name"] for each in found] == sorted([*built_in(), "shop", "base"])
    assert {"name": "shop", "about": "A shop", "source": "folder"} in found
    assert {each["name"] for each in found if each["source"] == "built-in"} == set(built_in())


def test_without_a_folder_the_list_has_those_that_come_along(make_client: ClientFactory) -> None:
    assert {each["source"] for each in make_client().get(SCENARIOS).json()["scenarios"]} == {"built-in"}


def test_a_scenario_of_the_folder_is_loaded_with_what_it_names(client: TestClient) -> None:
    client.post("/100/members/add", json={"email": "bob@shop.test"})
    answer = client.post(f"{SCENARIOS}/shop/load")
    assert (answer.status_code, answer.json()) == (
        200,
        {"world": "default", "accounts": {"emma": ["100"], "engagelab": []}},
    )
    assert emails(client) == ["ann@shop.test"]


def test_it_does_what_putting_its_text_does(client: TestClient) -> None:
    loaded = client.post(f"/_world/a{SCENARIOS}/newsletter/load").json()
    put = client.put("/_world/b/_emulator/state", content=built_in()["newsletter"].read_bytes()).json()
    assert loaded | {"world": "b"} == put
    assert emails(client, "/_world/a") == emails(client, "/_world/b") != []
    assert client.get("/_world/a/_emulator/clock").json()["mode"] == "frozen"


def test_other_worlds_know_nothing_of_it(client: TestClient) -> None:
    client.post(f"/_world/a{SCENARIOS}/shop/load")
    assert emails(client) == []


def test_a_wrong_scenario_leaves_the_world_as_it_was(client: TestClient, folder: Path) -> None:
    client.post(f"{SCENARIOS}/shop/load")
    (folder / "people" / "all.csv").write_text("email\nbob@shop.test\ncat@shop.test,1\n")
    answer = client.post(f"{SCENARIOS}/shop/load")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"{folder}/people/all.csv, line 3: ")
    assert emails(client) == ["ann@shop.test"]


@pytest.mark.parametrize(
    ("name", "status"),
    [("unknown", 404), ("..%2F..%2Fetc%2Fpasswd", 404), ("%2e%2e", 400), ("a%00b", 400), ("shop.yaml", 404)],
)
def test_a_name_that_means_nothing_is_refused(client: TestClient, name: str, status: int) -> None:
    answer = client.post(f"{SCENARIOS}/{name}/load")
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}


def test_a_folder_that_makes_a_name_mean_two_scenarios_later_is_a_conflict(folder: Path) -> None:
    client = TestClient(create_app(Settings(scenario_folder=str(folder))))
    (folder / "newsletter.yaml").write_text("{}")
    assert client.post(f"{SCENARIOS}/newsletter/load").status_code == 409
    assert client.post(f"{SCENARIOS}/shop/load").status_code == 200


def test_a_folder_that_is_gone_is_said(folder: Path) -> None:
    client = TestClient(create_app(Settings(scenario_folder=str(folder))))
    folder.rename(folder.parent / "elsewhere")
    for answer in (client.get(SCENARIOS), client.post(f"{SCENARIOS}/shop/load")):
        assert answer.status_code == 400
        assert answer.json()["error"].startswith(f"scenario folder {folder}: No such file")


def test_start_takes_a_name_of_the_folder(folder: Path, tmp_path: Path) -> None:
    with running(tmp_path, "--scenario", "shop", EMULATOR_SCENARIO_FOLDER=str(folder)) as started:
        exported = run("snapshot", "export", "--url", started.url)
    assert "ann@shop.test" in exported.stdout


@pytest.mark.parametrize(
    ("file", "said"),
    [("newsletter.yaml", "both called 'newsletter'"), ("shop.json", "both called 'shop'"), (None, "No such file")],
)
def test_start_refuses_a_folder_that_is_unclear(folder: Path, file: str | None, said: str) -> None:
    if file is None:
        folder.rename(folder.parent / "elsewhere")
    else:
        (folder / file).write_text("{}")
    done = run("start", "--port", "0", "--scenario-folder", str(folder))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"emulator: scenario folder {folder}: ")
    assert said in done.stderr
