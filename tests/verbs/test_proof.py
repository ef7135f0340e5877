"""The verbs about what was asked and answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import httpx2
import pytest

from tests.process import Running, run, running
from tests.support import AUTH, LISTS, MEMBERS

SAVE = "engagelab.members.save"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One that was asked six things: five batches of one member, with a key too many, and one unknown member."""
    with running(tmp_path_factory.mktemp("emulator"), "--clock", "frozen:2024-05-01T12:00:00Z") as started:
        for number in range(5):
            body = {"members": [{"email": f"m{number}@shop.test"}], "update_existing": True, "colour": "red"}
            httpx2.post(f"{started.url}{MEMBERS}", json=body, headers={"Authorization": AUTH}, trust_env=False)
        httpx2.get(f"{started.url}{MEMBERS}/8?x=1", headers={"Authorization": AUTH}, trust_env=False)
        yield started


def verb(emulator: Running, *arguments: str) -> CompletedProcess[str]:
    return run(*arguments, "--url", emulator.url)


def test_journal_lists_entries_that_pass_the_filters(emulator: Running) -> None:
    assert verb(emulator, "journal").stdout.count("\n") == 6
    listed = verb(emulator, "journal", "operation=*.get", "status=2xx").stdout
    assert listed == f"6  2024-05-01T12:00:00Z  GET {MEMBERS}/8?x=1  200  engagelab.members.get\n"


def test_explain_speaks_of_the_last_request_or_of_another(emulator: Running) -> None:
    last = verb(emulator, "explain", "last").stdout.splitlines()
    assert last == verb(emulator, "explain").stdout.splitlines()
    assert last[:4] == [
        f"entry 6  GET {MEMBERS}/8?x=1  200  engagelab.members.get",
        "rule: engagelab.members.get_member (vendor-docs/engagelab-members.txt, Member details)",
        "refused by engagelab.members._member (rule): member 8 not found",
        "nothing reads of the query: x",
    ]
    assert any(line.startswith("looked up: engagelab.not_found_status=200 (documented; Q1") for line in last)
    assert "nothing reads of the body: colour" in verb(emulator, "explain", "1").stdout
    assert verb(emulator, "explain", "99").returncode == 1


def test_explain_of_a_miss_has_the_hint(emulator: Running) -> None:
    httpx2.get(f"{emulator.url}/_world/miss{LISTS}/member", headers={"Authorization": AUTH}, trust_env=False)
    explained = verb(emulator, "explain", "--world", "miss").stdout
    assert "hint: no operation has this method and path; nearest: " in explained
    assert "no operation" in verb(emulator, "journal", "--world", "miss").stdout


def test_explain_has_the_remarks(emulator: Running) -> None:
    body = {"email": "a@b.test", "fields": {"nickname": "x"}}
    httpx2.post(
        f"{emulator.url}/_world/emma/100/members/add", json=body, headers={"Authorization": AUTH}, trust_env=False
    )
    assert "note: " in verb(emulator, "explain", "--world", "emma").stdout


def test_verify_says_ok_or_what_was_seen(emulator: Running) -> None:
    done = verb(emulator, "verify", f"operation={SAVE}", "--count", "5")
    assert (done.returncode, done.stdout) == (0, "ok\n")
    done = verb(emulator, "verify", f"operation={SAVE}", "body=..email=m1@shop.test", "body=..email=m2@shop.test")
    assert done.returncode == 1
    assert done.stdout.startswith(f"operation={SAVE}, body=..email=m1@shop.test, body=..email=m2@shop.test: expected")
    assert verb(emulator, "verify", f"operation={SAVE}", "--at-least", "5", "--at-most", "6").returncode == 0
    assert verb(emulator, "verify", f"operation={SAVE}", "--at-most", "4").returncode == 1


def test_verify_takes_a_document(emulator: Running, tmp_path: Path) -> None:
    file = tmp_path / "expected.json"
    document = {"expect": [{"operation": SAVE, "count": 5}, {"operation": "*.get"}], "in_order": True, "exactly": True}
    file.write_text(json.dumps(document))
    assert verb(emulator, "verify", "--file", str(file)).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["journal", "colour"], "'colour' is no filter"),
        (["verify", "--file", "/nowhere.json"], "--file /nowhere.json: No such file"),
        (["verify", "--file", "/dev/null"], "is no JSON"),
        (["verify", "--file", "-"], "is no JSON"),
        (["verify", "status=200", "--file", "x"], "not both"),
    ],
    ids=str,
)
def test_what_is_asked_wrongly_is_one_line(emulator: Running, arguments: list[str], words: str) -> None:
    done = verb(emulator, *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert words in done.stderr


def test_advice_has_the_vendors_sentences(emulator: Running) -> None:
    said = verb(emulator, "advice").stdout
    assert "loop: 5 calls of engagelab.members.save one after the other" in said
    assert 'vendor-docs/engagelab-members.txt: "members | array[object] | true |' in said
    assert "unread: 'colour' in the body" in said
    assert verb(emulator, "advice", "--world", "quiet").stdout == "nothing to advise\n"
