"""What every verb prints and how it ends: JSON, errors, exit codes, colours."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest

from emulator.cli import make_parser
from emulator.output import wants_colour
from emulator.verbs.result import EXIT_CODES
from tests.process import COMMAND, SECONDS, Running, environment, run, running
from tests.terminal import terminal

ESCAPE = "\x1b["

# Arguments of each verb that `prepare` makes sense of; `start` has a test of its own.
EXAMPLES: dict[str, list[list[str]]] = {
    "ready": [[]],
    "reset": [[], ["--scope", "clock"]],
    "seed": [["newsletter"]],
    "behaviours": [[], ["engagelab.patch=update"]],
    "clock": [[], ["--set", "frozen"], ["--advance", "1d"]],
    "env": [["all"], ["emma", "--format", "dotenv"]],
    "operations": [[]],
    "scenarios": [[]],
    "validate": [["empty", "newsletter"]],
    "snapshot": [
        ["save", "one"],
        ["list"],
        ["diff", "one"],
        ["export"],
        ["export", "one", "--output", "state.yaml"],
        ["load", "one"],
        ["drop", "one"],
    ],
    "faults": [["add", "status=500"], ["list"], ["clear", "mine"], ["clear"]],
    "limits": [[], ["emma=on"]],
    "journal": [[], ["status=2xx"]],
    "explain": [[]],
    "verify": [["--count", "0", "status=418"]],
    "advice": [[]],
    "doctor": [["--port", "0"]],
    "completion": [["bash"]],
}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("emulator"), "--clock", "frozen:2024-05-01T12:00:00Z") as started:
        run("seed", "newsletter", "--url", started.url)
        yield started


def in_terminal(*arguments: str, **variables: str) -> tuple[int, str]:
    with terminal(*arguments, **variables) as screen:
        return screen.ended()


def test_each_verb_has_an_example() -> None:
    assert {*EXAMPLES, "start"} == set(make_parser().verbs)


@pytest.mark.parametrize(
    ("verb", "arguments"), [(verb, each) for verb, every in EXAMPLES.items() for each in every], ids=str
)
def test_every_verb_prints_json_when_it_is_asked_to(
    emulator: Running, tmp_path: Path, verb: str, arguments: list[str]
) -> None:
    arguments = [str(tmp_path / each) if each == "state.yaml" else each for each in arguments]
    prepare(emulator, verb)
    done = run(verb, *arguments, "--json", EMULATOR_URL=emulator.url, FORCE_COLOR="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)
    assert ESCAPE not in done.stdout


def prepare(emulator: Running, verb: str) -> None:
    """Make what the examples speak of."""
    if verb == "explain":
        httpx2.get(f"{emulator.url}/100/members", trust_env=False)
    if verb == "snapshot":
        run("snapshot", "save", "one", EMULATOR_URL=emulator.url)
    if verb == "faults":
        run("faults", "clear", EMULATOR_URL=emulator.url)
        run("faults", "add", "id=mine", "status=500", "nth=1", EMULATOR_URL=emulator.url)


def test_start_announces_itself_as_a_line_of_json(tmp_path: Path) -> None:
    with running(tmp_path, "--json") as started:
        code, output, errors = started.stop()
    assert (code, errors, output.count("\n")) == (0, "", 1)
    announced = json.loads(output)
    assert announced["url"] == started.url
    assert [each["vendor"] for each in announced["vendors"]] == ["emma", "engagelab"]
    assert announced["vendors"][0]["base_url"] == f"{started.url}/100"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["clock", "--to", "noon"], 1),
        (["behaviours", "nothing"], 2),
        (["dance"], 2),
        (["snapshot", "save"], 2),
        (["clock", "--url", "http://127.0.0.1:1"], 3),
        (["start", "--port", "many"], 2),
    ],
    ids=str,
)
def test_an_error_is_json_too_and_ends_as_without(emulator: Running, arguments: list[str], code: int) -> None:
    plain, told = (run(*arguments, *more, EMULATOR_URL=emulator.url) for more in ([], ["--json"]))
    assert (plain.returncode, told.returncode, told.stdout) == (code, code, "")
    assert json.loads(told.stderr)["error"] in plain.stderr


def test_what_is_not_so_is_json_and_an_exit_code(emulator: Running) -> None:
    for arguments, key in ((["verify", "status=418"], "ok"), (["validate", "nothing"], "scenarios")):
        done = run(*arguments, "--json", EMULATOR_URL=emulator.url)
        assert (done.returncode, done.stderr) == (1, "")
        assert key in json.loads(done.stdout)
    done = run("ready", "--json", "--url", "http://127.0.0.1:1")
    assert (done.returncode, json.loads(done.stdout)["ready"], done.stderr) == (1, False, "")


def test_a_wrong_question_to_verify_does_not_look_like_no(emulator: Running) -> None:
    done = run("verify", "colour=red", "--url", emulator.url)
    assert (done.returncode, done.stderr.startswith("emulator: verify: unknown filter 'colour'")) == (2, True)
    assert run("verify", "status=418", "--url", emulator.url).returncode == 1
    assert run("verify", "--url", "http://127.0.0.1:1").returncode == 3


def test_flags_that_say_where_may_stand_on_either_side_of_the_verb(emulator: Running) -> None:
    run("clock", "--advance", "1d", "--world", "side", "--url", emulator.url)
    there = ["--url", emulator.url, "--world", "side", "--json"]
    ways = ([*there, "clock"], ["clock", *there], [*there[:2], "clock", *there[2:]])
    before, after, both = (run(*arguments).stdout for arguments in ways)
    assert before == after == both
    assert json.loads(before)["now"] == "2024-05-02T12:00:00Z"


def test_the_flag_nearer_to_its_verb_wins(emulator: Running) -> None:
    assert run("--url", "http://127.0.0.1:1", "clock", "--url", emulator.url).returncode == 0


def test_a_verb_that_asks_nobody_says_so() -> None:
    done = run("--url", "http://127.0.0.1:1", "scenarios")
    assert (done.returncode, "leave --url out" in done.stderr) == (2, True)


def test_colours_are_for_terminals_and_carry_nothing_alone(emulator: Running) -> None:
    arguments = ["validate", "empty", "nothing"]
    code, text = in_terminal(*arguments)
    assert (code, "\x1b[32mvalid\x1b[0m" in text, "\x1b[31m" in text) == (1, True, True)
    plain = run(*arguments).stdout
    assert re.sub(r"\x1b\[\d*m", "", text).split() == plain.split()
    assert ESCAPE not in plain
    assert "\x1b[31memulator:\x1b[0m" in in_terminal("clock", "--url", "http://127.0.0.1:1")[1]
    assert ESCAPE not in in_terminal(*arguments, "--json")[1]
    assert ESCAPE not in in_terminal(*arguments, NO_COLOR="1")[1]
    assert ESCAPE in run(*arguments, FORCE_COLOR="1").stdout


EVIL = "\x1b[31mX\nok: forged"


def test_what_clients_wrote_steers_no_terminal_and_forges_no_line(emulator: Running) -> None:
    there = ["--world", "evil", "--url", emulator.url]
    evil = quote(EVIL)
    shown = "\\x1b[31mX\\nok: forged"
    base = f"{emulator.url}/_world/evil/100"
    asked = httpx2.get(f"{base}/members/email/{evil}?{evil}=1", auth=("a", "b"), trust_env=False)
    assert asked.status_code == 404
    lines = run("explain", *there).stdout.splitlines()
    assert f"nothing reads of the query: {shown}" in lines
    assert not [line for line in lines if line.startswith("ok: ")]
    httpx2.post(f"{base}/groups", json={"groups": [{"group_name": EVIL}]}, auth=("a", "b"), trust_env=False)
    for verb in (["explain"], ["journal"], ["snapshot", "diff"], ["advice"]):
        assert "\x1b" not in run(*verb, *there).stdout
    assert shown in run("snapshot", "diff", *there).stdout


def test_a_file_name_forges_no_line_of_an_error(tmp_path: Path) -> None:
    done = run("validate", str(tmp_path / f"{EVIL}.yaml"))
    assert (done.stdout.count("\n"), "\x1b" in done.stdout) == (1, False)
    done = run("verify", "--file", f"{EVIL}.json")
    assert (done.stderr.count("\n"), "\x1b" in done.stderr) == (1, False)
    assert "\x1b[31mX" not in run("verify", "--file", f"{EVIL}.json", FORCE_COLOR="1").stderr


def test_start_forges_no_line_either(tmp_path: Path) -> None:
    with running(tmp_path, **{"EMULATOR_\x1b[31mX\nforged": "1"}) as started:
        _, _, errors = started.stop()
    assert errors.startswith("emulator: EMULATOR_\\x1b[31mX\\nforged is no variable")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "CLICOLOR_FORCE": "1"}, True),
    ],
    ids=str,
)
def test_the_environment_says_whether_colours_are_wanted(variables: dict[str, str], wanted: bool) -> None:
    assert wants_colour(Terminal(), variables) is wanted


@pytest.mark.parametrize(
    ("variables", "wanted"), [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "0"}, False)], ids=str
)
def test_without_a_terminal_colours_must_be_forced(variables: dict[str, str], wanted: bool) -> None:
    assert wants_colour(io.StringIO(), variables) is wanted


def test_nobody_is_asked_for_a_colour_where_there_is_no_output() -> None:
    assert wants_colour(None, {"FORCE_COLOR": "1"}) is False


def test_every_exit_code_that_the_documents_name_can_happen(emulator: Running, tmp_path: Path) -> None:
    seen = {
        run("clock", "--url", emulator.url).returncode,
        run("clock", "--to", "noon", "--url", emulator.url).returncode,
        run("dance").returncode,
        run("clock", "--url", "http://127.0.0.1:1").returncode,
        # The verb waits, and is interrupted.
        interrupted("ready", "--wait", "30", "--url", "http://127.0.0.1:1"),
    }
    assert seen == set(EXIT_CODES)


def interrupted(*arguments: str) -> int:
    with subprocess.Popen([*COMMAND, *arguments], env=environment(), stderr=subprocess.PIPE, text=True) as process:
        time.sleep(1)  # it is waiting by then
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=SECONDS)
    assert errors == ""
    return process.returncode
