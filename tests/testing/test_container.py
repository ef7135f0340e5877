"""`emulator.testing`: testcontainers and its Docker client are real, the engine is not."""

from __future__ import annotations

import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from docker.errors import ImageNotFound, NotFound
from testcontainers.core.config import ConnectionMode, testcontainers_config

from emulator.core.errors import UserError
from emulator.testing.container import DATA, IMAGE, PORT, SCENARIOS, EmulatorContainer
from tests import docker_engine
from tests.docker_engine import Engine
from tests.dockerfile import stages
from tests.process import environment

FINAL = stages()[-1]
TOKEN = "correct-horse-battery"


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    with docker_engine.running(tmp_path, IMAGE) as engine:
        monkeypatch.setenv("DOCKER_HOST", engine.url)
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "none"))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
        monkeypatch.setattr(testcontainers_config, "connection_mode_override", ConnectionMode.docker_host)
        monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
        monkeypatch.setattr(testcontainers_config, "max_tries", 15)  # seconds
        yield engine
        assert engine.unknown == []
        assert engine.containers == {}


def emails(emulator: EmulatorContainer) -> list[str]:
    answer = httpx2.get(
        f"{emulator.get_base_url('emma')}/members", auth=emulator.get_credentials("emma"), trust_env=False
    )
    assert answer.is_success, answer.text
    return [member["email"] for member in answer.json()]


def test_its_places_are_those_of_the_image() -> None:
    variables = FINAL.pairs("ENV")
    assert str(PORT) == variables["EMULATOR_PORT"]
    assert variables["EMULATOR_SCENARIO_FOLDER"] == SCENARIOS
    assert FINAL.last("VOLUME").value == DATA


def test_it_is_ready_inside_of_with_and_gone_afterwards(engine: Engine) -> None:
    with EmulatorContainer() as emulator:
        (container,) = engine.containers.values()
        assert container.asked["Image"] == IMAGE
        assert emulator.get_url() == f"http://127.0.0.1:{container.ports['8025/tcp']}"
        assert emulator.get_client().control.is_ready()
        assert emails(emulator) == []
    assert engine.removed == [container]


def test_both_vendors_can_be_called(engine: Engine) -> None:
    with EmulatorContainer() as emulator:
        answer = httpx2.post(
            f"{emulator.get_base_url('engagelab')}/v1/marketing/lists/members",
            json={"members": [{"email": "ann@shop.test"}], "update_existing": False},
            auth=emulator.get_credentials("engagelab"),
            trust_env=False,
        )
        assert answer.json()["created_count"] == 1
        with pytest.raises(UserError, match="acme"):
            emulator.get_base_url("acme")


def test_it_starts_with_a_scenario_by_name(engine: Engine) -> None:
    with EmulatorContainer().with_scenario("newsletter") as emulator:
        assert emulator.get_client().clock.get().mode == "frozen"


def test_it_knows_the_accounts_and_keys_of_its_scenario(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("emma: {accounts: [{account_id: 7, keys: {ours: s3cret}}]}")
    with EmulatorContainer().with_env("EMULATOR_ACCOUNTS", "closed").with_scenario(tmp_path / "shop.yaml") as emulator:
        assert emulator.get_base_url("emma") == f"{emulator.get_url()}/7"
        assert emulator.get_base_url("emma", "other") == f"{emulator.get_url()}/_world/other/7"
        assert emulator.get_credentials("emma") == ("ours", "s3cret")
        assert emails(emulator) == []
        with pytest.raises(UserError, match="no account of EngageLab Email can be opened; declare one with keys"):
            emulator.get_credentials("engagelab")


def test_it_starts_with_files_and_what_they_name(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    (tmp_path / "shop.yaml").write_text("include: [base.yaml]\nclock: {mode: frozen}\n")
    (tmp_path / "base.yaml").write_text("emma: {accounts: [{account_id: 100, members_from: people/all.csv}]}")
    (tmp_path / "people" / "all.csv").write_text("email\nann@shop.test\n")
    (tmp_path / "limits.json").write_text('{"limits": {"emma": true}}')
    both = EmulatorContainer().with_scenario(tmp_path / "shop.yaml").with_scenario(str(tmp_path / "limits.json"))
    with both as emulator:
        assert emails(emulator) == ["ann@shop.test"]
        assert emulator.get_client().clock.get().mode == "frozen"
        names = [each["name"] for each in emulator.get_client().read("scenarios")["scenarios"]]
        assert {"shop", "base", "limits"} <= set(names)


def test_a_file_that_is_not_there_is_said_before_anything_starts(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"shop\.yaml: No such file"):
        EmulatorContainer().with_scenario(tmp_path / "shop.yaml")


def test_a_token_guards_it_and_its_client_brings_it(engine: Engine) -> None:
    with EmulatorContainer().with_control_token(TOKEN) as emulator:
        assert httpx2.get(f"{emulator.get_url()}/_emulator/clock", trust_env=False).status_code == 401
        client = emulator.get_client("other")
        assert client.clock.get().mode == "real"
        assert [each.name for each in client.worlds.all()] == ["default", "other"]


def test_its_certificate_is_what_clients_trust(engine: Engine) -> None:
    with EmulatorContainer().with_tls().with_control_token(TOKEN) as emulator:
        assert emulator.get_url().startswith("https://127.0.0.1:")
        assert emulator.get_control_client().call("GET", "clock")["mode"] == "real"
        trusting = ssl.create_default_context(cadata=emulator.get_ca())
        answer = httpx2.get(f"{emulator.get_url()}/_emulator/livez", verify=trusting, trust_env=False)
        assert answer.status_code == 200
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(f"{emulator.get_url()}/_emulator/livez", trust_env=False)


def test_what_is_kept_in_a_volume_is_there_in_the_next_container(engine: Engine, tmp_path: Path) -> None:
    volume = tmp_path / "kept"
    volume.mkdir()
    for found in ([], ["ann@shop.test"]):
        with EmulatorContainer().with_store(volume) as emulator:
            assert emails(emulator) == found
            body = {"email": "ann@shop.test"}
            url = f"{emulator.get_base_url('emma')}/members/add"
            httpx2.post(url, json=body, auth=emulator.get_credentials("emma"), trust_env=False)
            (container,) = engine.containers.values()
            assert container.asked["HostConfig"]["Binds"] == [f"{volume}:{DATA}:rw"]


def test_a_store_needs_no_volume(engine: Engine) -> None:
    with EmulatorContainer().with_store() as emulator:
        (container,) = engine.containers.values()
        assert container.variables["EMULATOR_STORE"] == f"tinydb:{DATA}"
        assert list((container.root / "data").iterdir())
        assert emails(emulator) == []


def test_image_and_port_can_be_others(engine: Engine) -> None:
    engine.images = ("registry.test/emulator:1",)
    with EmulatorContainer("registry.test/emulator:1", port=9025) as emulator:
        (container,) = engine.containers.values()
        assert list(container.ports) == ["9025/tcp"]
        assert emulator.get_client().control.is_ready()


def test_an_image_that_was_not_built_is_the_engines_error(engine: Engine) -> None:
    engine.images = ()
    with pytest.raises((ImageNotFound, NotFound)):
        EmulatorContainer().start()


def test_without_testcontainers_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "testcontainers.py").write_text("raise ImportError('gone')")
    done = subprocess.run(
        [sys.executable, "-c", "from emulator.testing import EmulatorContainer"],
        env=environment(PYTHONPATH=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ImportError: emulator.testing needs testcontainers (gone); pip install 'audience-emulator[" in done.stderr
