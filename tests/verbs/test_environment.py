"""`emulator env`, and the credentials behind it."""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.client import Refused
from emulator.serving.trust import trust_environment
from emulator.verbs import environment as verb
from tests.process import COMMAND, Running, environment, run, running

SCENARIO = """
emma: {accounts: [{account_id: 7, keys: {"it's": "a $key `of` \\"mine\\" \\\\"}}]}
engagelab: {accounts: [{api_user: shop, api_key: s3cret}]}
"""
KEY = 'a $key `of` "mine" \\'


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("emulator")
    (folder / "shop.yaml").write_text(SCENARIO)
    with running(folder, "--scenario", str(folder / "shop.yaml"), "--accounts", "closed") as started:
        yield started


def variables(emulator: Running, script: str) -> dict[str, str]:
    """What a shell has after these lines."""
    there = environment(EMULATOR_URL=emulator.url)
    done = subprocess.run(["sh", "-c", f"{script}\nenv -0"], capture_output=True, text=True, check=True, env=there)
    pairs = dict(each.partition("=")[::2] for each in done.stdout.split("\0"))
    return {name: value for name, value in pairs.items() if name.startswith(("EMMA", "ENGAGELAB"))}


def test_a_shell_takes_it_over_whatever_is_in_a_key(emulator: Running) -> None:
    assert variables(emulator, f'eval "$({" ".join(COMMAND)} env emma)"') == {
        "EMMA_BASE_URL": f"{emulator.url}/7",
        "EMMA_ACCOUNT_ID": "7",
        "EMMA_PUBLIC_KEY": "it's",
        "EMMA_PRIVATE_KEY": KEY,
    }


def test_all_has_every_vendor(emulator: Running) -> None:
    found = variables(emulator, f'eval "$({" ".join(COMMAND)} env all)"')
    assert len(found) == 7
    assert (found["ENGAGELAB_API_USER"], found["ENGAGELAB_API_KEY"]) == ("shop", "s3cret")


def test_a_file_for_dotenv_is_one_that_a_shell_reads_too(emulator: Running, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(run("env", "emma", "--format", "dotenv", "--url", emulator.url).stdout)
    assert f"EMMA_BASE_URL={emulator.url}/7\n" in file.read_text()
    assert variables(emulator, f"set -a; . {file}")["EMMA_PUBLIC_KEY"] == "it's"


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("http://127.0.0.1:8025/100", "X=http://127.0.0.1:8025/100"),
        ("", "X=''"),
        ("a b $c", "X='a b $c'"),
        ("it's $5", 'X="it\'s \\$5"'),
        ("two\nlines", 'X="two\\nlines"'),
    ],
)
def test_a_value_for_dotenv_is_quoted_where_it_must_be(value: str, line: str) -> None:
    assert verb._lines({"X": value}, "dotenv") == [line]


def test_it_is_json_either_way(emulator: Running) -> None:
    ways = (["--json"], ["--format", "json"])
    first, second = (run("env", "emma", *more, "--url", emulator.url).stdout for more in ways)
    assert json.loads(first) == json.loads(second)
    assert json.loads(first)["EMMA_PRIVATE_KEY"] == KEY


def test_the_address_is_that_of_the_world(emulator: Running) -> None:
    assert f"={emulator.url}/_world/mine/7\n" in run("env", "emma", "--world", "mine", "--url", emulator.url).stdout


def test_over_https_it_says_whom_to_trust() -> None:
    given = argparse.Namespace(vendor="emma", format="shell", url="https://127.0.0.1:8025", ca="ca.pem")
    answer = {"vendors": [{"account": "100", "title": "Emma", "variables": {"EMMA_ACCOUNT_ID": "100"}}]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verb, "call", lambda *_: answer)
        value = verb._env(given).value
    trusted = str(Path("ca.pem").absolute())
    assert value == {"EMMA_ACCOUNT_ID": "100"} | trust_environment(trusted)


@pytest.mark.parametrize(
    ("name", "vendor"),
    [
        ("X=1; touch PWNED; Y", "emma"),
        ("EMMA_X=1; touch PWNED; Y", "emma"),
        ("EMMA_X\n", "emma"),
        ("PATH", "emma"),
        ("emma_x", "emma"),
        ("ENGAGELAB_API_KEY", "emma"),
        ("PATH", "all"),
        ("LD_PRELOAD", "all"),
    ],
)
def test_whoever_has_the_port_names_no_other_variables(name: str, vendor: str) -> None:
    said = "ld" if name.startswith("LD") else "emma"
    answer = {"vendors": [{"vendor": said, "account": "1", "title": "Emma", "variables": {name: "v"}}]}
    given = argparse.Namespace(vendor=vendor, format="shell", url="http://127.0.0.1:8025", ca=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verb, "call", lambda *_: answer)
        with pytest.raises(Refused, match=r"is no (variable of emma|vendor of this version)"):
            verb._env(given)


def test_a_value_is_a_text() -> None:
    with pytest.raises(Refused):
        verb._checked({"EMMA_ACCOUNT_ID": 7}, "emma")


def test_a_vendor_without_an_account_is_a_no(tmp_path: Path) -> None:
    with running(tmp_path, "--accounts", "closed") as started:
        done = run("env", "emma", "--url", started.url)
    assert (done.returncode, done.stdout, "declare one in a scenario" in done.stderr) == (1, "", True)


def test_a_vendor_that_there_is_not_is_named(emulator: Running) -> None:
    done = run("env", "acme", "--url", emulator.url)
    assert (done.returncode, "'acme' is no choice; choose emma or engagelab" in done.stderr) == (1, True)
