"""The examples: what can be run here is run, the rest is checked against the schemas of those who read it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import kubernetes_validate
import pytest
import yaml

from emulator.cli import make_parser
from emulator.client import ControlClient
from emulator.core.scenarios.scenario_folder import read_named
from emulator.settings import TABLE, read_settings, variable
from tests.dockerfile import ROOT, stages
from tests.process import Running, environment, run, running

EXAMPLES = ROOT / "examples"
FINAL = stages()[-1]
KUBERNETES = list(yaml.safe_load_all((EXAMPLES / "kubernetes.yaml").read_text()))
COMPOSE = yaml.safe_load((EXAMPLES / "compose.yaml").read_text())
SCHEMAS = {
    "github-actions.yml": "vendor.github-workflows",
    "gitlab-ci.yml": "vendor.gitlab-ci",
    "compose.yaml": "vendor.compose-spec",
    "compose.tls.yaml": "vendor.compose-spec",
}
FILES = [path for path in sorted(EXAMPLES.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
YAML = [path for path in FILES if path.suffix in (".yaml", ".yml") and path.parent == EXAMPLES]
each_yaml = pytest.mark.parametrize("file", YAML, ids=lambda file: file.name)


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("emulator")) as started:
        yield started


def follow(folder: Path, *command: str, **variables: str) -> str:
    """What an example says when it is run, as a newcomer would; it must say so with exit code 0."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(no_proxy="127.0.0.1", NO_PROXY="127.0.0.1", **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_first_calls_do_what_they_say(emulator: Running) -> None:
    tool("curl")
    said = follow(EXAMPLES / "curl", "./quickstart.sh", EMULATOR_URL=emulator.url)
    added, failed = said.partition("break something")[::2]
    assert '"added":true' in added
    assert '"created_count":1' in added
    assert '"ok":true' in failed
    assert [each["name"] for each in ControlClient(emulator.url).call("GET", "worlds")["worlds"]] == ["default"]


def test_the_tests_in_javascript_pass(emulator: Running) -> None:
    said = follow(EXAMPLES / "node", tool("node"), "--test", EMULATOR_URL=emulator.url)
    assert re.search(r"pass 3\b", said), said
    assert re.search(r"fail 0\b", said), said


@pytest.mark.parametrize("started", [True, False], ids=["against one that runs", "with one of their own"])
def test_the_tests_in_python_pass(emulator: Running, started: bool) -> None:
    variables = {"EMULATOR_URL": emulator.url} if started else {}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    said = follow(EXAMPLES / "python", *command, PYTEST_ADDOPTS="", **variables)
    assert "4 passed" in said


def test_every_example_is_in_the_list() -> None:
    listed = re.findall(r"\]\(([a-z./-]+)\)", (EXAMPLES / "README.md").read_text())
    assert all((EXAMPLES / each).exists() for each in listed)
    missing = [path for path in FILES if not any(path.is_relative_to(EXAMPLES / each) for each in listed)]
    assert missing == [EXAMPLES / "README.md"]


@pytest.mark.parametrize(("name", "schema"), SCHEMAS.items())
def test_a_file_for_others_fits_their_schema(name: str, schema: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(EXAMPLES / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("resource", KUBERNETES, ids=lambda resource: resource["kind"])
def test_what_kubernetes_is_told_fits_its_schema(resource: Any) -> None:
    kubernetes_validate.validate(resource, kubernetes_validate.latest_version(), strict=True)


def test_every_file_is_looked_at() -> None:
    assert {path.name for path in YAML} == {*SCHEMAS, "kubernetes.yaml"}


@each_yaml
def test_variables_are_settings_with_values_that_are_read(file: Path) -> None:
    known = {variable(name) for name in TABLE} | {"EMULATOR_URL"}
    told = told_variables(yaml.safe_load_all(file.read_text()))
    assert told.keys() <= known
    read_settings({}, {name: value for name, value in told.items() if value is not None})


def told_variables(value: object) -> dict[str, str | None]:
    """All EMULATOR_... with their values, wherever they stand."""
    found: dict[str, str | None] = {}
    if isinstance(value, dict):
        if str(value.get("name")).startswith("EMULATOR_"):
            found[value["name"]] = value.get("value")
        found |= {name: each for name, each in value.items() if str(name).startswith("EMULATOR_")}
        value = list(value.values())
    if not isinstance(value, str):
        for each in value if hasattr(value, "__iter__") else ():
            found |= told_variables(each)
    return found


@each_yaml
def test_commands_of_the_emulator_are_commands(file: Path) -> None:
    text = re.sub(r"\[CMD, (.*)\]", lambda match: match[1].replace(",", ""), file.read_text())
    commands = re.findall(r"(?<![\w./-])emulator (?:ready|start)[^\n\"&]*", text)
    assert commands or file.name in ("gitlab-ci.yml", "kubernetes.yaml", "compose.tls.yaml")
    for command in commands:
        assert make_parser().parse_args(shlex.split(command)[1:])


def test_compose_mounts_and_builds_what_there_is() -> None:
    emulator = COMPOSE["services"]["audience-emulator"]
    assert (EXAMPLES / emulator["build"] / "Dockerfile").is_file()
    mounts = [volume.split(":")[:2] for service in COMPOSE["services"].values() for volume in service["volumes"]]
    assert all((EXAMPLES / source).is_dir() for source, _ in mounts if source not in COMPOSE["volumes"])
    assert emulator["healthcheck"]["test"][1:] == FINAL.health_check
    assert FINAL.last("VOLUME").value in [place for _, place in mounts]


def test_the_scenarios_are_valid(tmp_path: Path) -> None:
    for name, text in KUBERNETES[0]["data"].items():
        (tmp_path / name).write_text(text)
    for file in (*tmp_path.iterdir(), *(EXAMPLES / "scenarios").iterdir()):
        done = run("validate", str(file))
        assert done.returncode == 0, done.stdout
    assert read_named(
        COMPOSE["services"]["audience-emulator"]["environment"]["EMULATOR_SCENARIO"], str(EXAMPLES / "scenarios")
    )


def test_kubernetes_is_told_what_the_image_is() -> None:
    pod = KUBERNETES[1]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}" == FINAL.last("USER").value
    assert container["ports"][0]["containerPort"] == int(FINAL.last("EXPOSE").value)
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/scenarios", "/data", "/tmp"}
    assert pod["enableServiceLinks"] is False
    selector = KUBERNETES[1]["spec"]["selector"]["matchLabels"]
    assert selector == KUBERNETES[1]["spec"]["template"]["metadata"]["labels"] == KUBERNETES[2]["spec"]["selector"]


def test_the_probes_are_answered_without_a_token(tmp_path: Path) -> None:
    (container,) = KUBERNETES[1]["spec"]["template"]["spec"]["containers"]
    with running(tmp_path, EMULATOR_CONTROL_TOKEN="correct-horse-battery") as guarded:
        for probe in ("readinessProbe", "livenessProbe"):
            path = container[probe]["httpGet"]["path"]
            assert httpx2.get(f"{guarded.url}{path}", trust_env=False).status_code == 200


def test_no_service_is_called_so_that_its_variables_would_be_settings() -> None:
    names = [each["metadata"]["name"] for each in KUBERNETES if each["kind"] == "Service"]
    gitlab = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text())
    names += [service["alias"] for service in gitlab["test"]["services"]]
    assert names
    assert all(not name.upper().replace("-", "_").startswith("EMULATOR") for name in names)


def test_scripts_can_be_started() -> None:
    assert os.access(EXAMPLES / "curl" / "quickstart.sh", os.X_OK)
