"""Which emulator the verbs speak to, and what they make of the environment."""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.core.errors import UserError
from emulator.verbs import options
from tests.process import COMMAND, Running, environment, run, running


def given(**flags: str) -> argparse.Namespace:
    return argparse.Namespace(talks=True, verb_name="clock", **flags)


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, "http://127.0.0.1:8025"),
        ({"EMULATOR_PORT": "9"}, "http://127.0.0.1:9"),
        ({"EMULATOR_HOST": "0.0.0.0"}, "http://127.0.0.1:8025"),
        ({"EMULATOR_HOST": "::", "EMULATOR_PORT": "9"}, "http://[::1]:9"),
        ({"EMULATOR_HOST": "10.1.2.3"}, "http://10.1.2.3:8025"),
        ({"EMULATOR_URL": "http://there:1", "EMULATOR_PORT": "9"}, "http://there:1"),
        ({"EMULATOR_URL": "", "EMULATOR_PORT": ""}, "http://127.0.0.1:8025"),
        ({"EMULATOR_TLS": "true"}, "https://127.0.0.1:8025"),
        ({"EMULATOR_TLS_DIRECTORY": "/somewhere", "EMULATOR_PORT": "9"}, "https://127.0.0.1:9"),
    ],
    ids=str,
)
def test_without_a_flag_the_address_is_that_of_a_start_with_the_same_environment(
    variables: dict[str, str], url: str
) -> None:
    found = given()
    options.complete(found, variables)
    assert found.url == url


def test_a_flag_wins_over_the_environment() -> None:
    found = given(url="http://here:1", ca="mine.pem", token="mine")
    options.complete(
        found, {"EMULATOR_URL": "http://there:1", "EMULATOR_CA": "its.pem", "EMULATOR_CONTROL_TOKEN": "its"}
    )
    assert (found.url, found.ca, found.token, found.world) == ("http://here:1", "mine.pem", "mine", "default")


def test_the_certificate_is_the_one_that_an_emulator_here_has_made(tmp_path: Path) -> None:
    found = given()
    options.complete(found, {"EMULATOR_TLS_DIRECTORY": str(tmp_path)})
    assert not found.ca
    (tmp_path / "ca.pem").touch()
    found = given()
    options.complete(found, {"EMULATOR_TLS_DIRECTORY": str(tmp_path)})
    assert found.ca == str(tmp_path / "ca.pem")
    found = given()
    options.complete(found, {"EMULATOR_TLS_DIRECTORY": str(tmp_path), "EMULATOR_CA": "its.pem"})
    assert found.ca == "its.pem"


@pytest.mark.parametrize("port", ["0", "many", "tcp://10.0.0.1:8025"])
def test_a_port_that_says_nothing_is_said_to(port: str) -> None:
    with pytest.raises(UserError, match="EMULATOR_PORT"):
        options.complete(given(), {"EMULATOR_PORT": port})


def test_ready_follows_the_environment_of_its_start(tmp_path: Path) -> None:
    with running(tmp_path, EMULATOR_HOST="0.0.0.0", EMULATOR_INSECURE_CONTROL="1") as started:
        variables = {"EMULATOR_HOST": "0.0.0.0", "EMULATOR_PORT": str(started.address[1])}
        assert run("ready", **variables).returncode == 0
    assert run("ready", **variables).returncode == 1


def test_a_certificate_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for file in (tmp_path / "ca.pem", tmp_path / "nothing.pem"):
        done = run("clock", "--url", "https://127.0.0.1:1", "--ca", str(file))
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert done.stderr.startswith(f"emulator: --ca {file}: ")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("EMULATOR_PROT", "EMULATOR_PROT is no variable of the emulator; did you mean EMULATOR_PORT?"),
        ("EMULATOR_XYZZY_PLUGH", "EMULATOR_XYZZY_PLUGH is no variable of the emulator"),
    ],
)
def test_a_variable_that_looks_like_ours_and_is_none_is_named(name: str, said: str) -> None:
    assert list(options.unknown_variables({name: "1", "EMULATOR_PORT": "1", "PATH": ""})) == [said]


@pytest.mark.parametrize(
    "name", ["EMULATOR_URL", "EMULATOR_CA", "EMULATOR_SERVICE_HOST", "EMULATOR_PORT_8025_TCP_ADDR", "EMULATOR_STORE"]
)
def test_what_is_ours_or_comes_with_a_service_of_our_name_is_not(name: str) -> None:
    assert list(options.unknown_variables({name: "1"})) == []


def test_start_warns_of_an_unknown_variable_and_starts(tmp_path: Path) -> None:
    with running(tmp_path, EMULATOR_SCENARIOS="empty") as started:
        _, _, errors = started.stop()
    assert errors == "emulator: EMULATOR_SCENARIOS is no variable of the emulator; did you mean EMULATOR_SCENARIO?\n"


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str]]:
    """An emulator that speaks TLS, and the directory of its authority."""
    folder = tmp_path_factory.mktemp("secure")
    with running(folder, "--json", EMULATOR_TLS_DIRECTORY=str(folder / "tls")) as started:
        yield started, str(folder / "tls")


def test_over_tls_whoever_has_the_directory_needs_no_flag(secure: tuple[Running, str]) -> None:
    started, directory = secure
    port = str(started.address[1])
    assert run("clock", EMULATOR_TLS_DIRECTORY=directory, EMULATOR_PORT=port).returncode == 0
    assert run("clock", "--url", started.url, "--ca", f"{directory}/ca.pem").returncode == 0
    done = run("clock", EMULATOR_TLS="1", EMULATOR_PORT=port)
    assert (done.returncode, "certificate" in done.stderr) == (3, True)


def test_ready_needs_no_certificate_and_brings_no_token(secure: tuple[Running, str]) -> None:
    port = str(secure[0].address[1])
    assert run("ready", EMULATOR_TLS="1", EMULATOR_PORT=port, EMULATOR_CONTROL_TOKEN="no token").returncode == 0


def test_env_says_whom_to_trust_and_curl_does(secure: tuple[Running, str], tmp_path: Path) -> None:
    started, directory = secure
    lines = f"""
        eval "$({" ".join(COMMAND)} env emma)"
        curl -s --fail -u "$EMMA_PUBLIC_KEY:$EMMA_PRIVATE_KEY" "$EMMA_BASE_URL/members"
    """
    there = environment(EMULATOR_URL=started.url, EMULATOR_CA=f"{directory}/ca.pem")
    done = subprocess.run(["sh", "-c", lines], capture_output=True, text=True, env=there, check=False)
    assert (done.returncode, done.stdout) == (0, "[]")


def test_doctor_finds_an_emulator_that_speaks_tls(secure: tuple[Running, str]) -> None:
    started, directory = secure
    done = run("doctor", "--tls-directory", directory, "--port", str(started.address[1]))
    assert (done.returncode, "which is ready" in done.stdout) == (0, True)


def test_start_says_in_json_where_its_certificate_is(tmp_path: Path) -> None:
    with running(tmp_path, "--json", "--tls-directory", str(tmp_path / "tls")) as started:
        announced = json.loads(started.stop()[1])
    assert announced["url"].startswith("https://")
    assert announced["ca"] == str(tmp_path / "tls" / "ca.pem")
