"""`emulator faults` and `emulator limits`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.process import Running, run, running


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("emulator")) as started:
        yield started


def said(emulator: Running, *arguments: str, world: str) -> str:
    done = run(*arguments, "--world", world, EMULATOR_URL=emulator.url)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_faults_are_added_listed_and_cleared(emulator: Running) -> None:
    def faults(*arguments: str) -> str:
        return said(emulator, "faults", *arguments, world="faults")

    added = 'mine  0 of 0 calls  operation=emma.groups.* match={"path": "/a"} delay=[1.0, 2.0] nth=3 when=before\n'
    assert faults("add", "id=mine", "operation=emma.groups.*", "delay=[1,2]", "nth=3", 'match={"path":"/a"}') == added
    assert faults("add", "status=500", "message=out of ink") == (
        "fault-2  0 of 0 calls  operation=* status=500 message=out of ink when=before\n"
    )
    assert faults("list").splitlines()[0] + "\n" == added
    assert faults("clear", "mine") == "dropped mine\n"
    assert faults("clear") == "cleared 1\n"
    assert faults("list") == ""


def test_limits_are_listed_and_set(emulator: Running) -> None:
    def limits(*arguments: str) -> str:
        return said(emulator, "limits", *arguments, world="limits")

    assert limits() == "emma=off  180 calls in 60 s  refused 0\n"
    assert limits("emma=on") == "emma=on  180 calls in 60 s  refused 0\n"
    assert limits("emma=5/0.5") == "emma=on  5 calls in 0.5 s  refused 0\n"
    assert limits("emma=off") == "emma=off  180 calls in 60 s  refused 0\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["faults", "add"], 2, "say what fails"),
        (["faults", "add", "status"], 2, "write it as KEY=VALUE"),
        (["faults", "add", "status=418"], 1, "status can not be 418"),
        (["faults", "clear", "nothing"], 1, "there is no fault 'nothing'"),
        (["faults", "list", "mine"], 2, "takes nothing else"),
        (["limits", "emma"], 2, "write it as VENDOR=on"),
        (["limits", "emma=a/b"], 2, "write it as VENDOR=on"),
        (["limits", "engagelab=on"], 1, "documents no limit"),
    ],
)
def test_a_refusal_is_one_line_and_an_exit_code(emulator: Running, arguments: list[str], code: int, words: str) -> None:
    done = run(*arguments, EMULATOR_URL=emulator.url)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr
    assert words in done.stderr
