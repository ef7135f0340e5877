"""The progress bar of what takes long."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import pytest

from tests.process import SECONDS, run, running
from tests.terminal import terminal

MEMBERS = 200_000  # enough for more than half a second anywhere
BAR = re.compile(r"loading: +\d+%\|.*?\| (\d+)/(\d+) ")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("large") / "large.yaml"
    fields = "[{field_id: 200, shortcut_name: first_name, display_name: First Name}]"
    file.write_text(f"emma: {{accounts: [{{account_id: 7, fields: {fields}, generate: [{{members: {MEMBERS}}}]}}]}}")
    return file


def counts(text: str) -> list[int]:
    """What the bar said, in order."""
    seen = [(int(rows), int(total)) for rows, total in BAR.findall(text)]
    assert {total for _, total in seen} == {MEMBERS}
    return [rows for rows, _ in seen]


def test_a_long_seed_shows_how_far_it_is(tmp_path: Path, large: Path) -> None:
    with running(tmp_path) as started:
        with terminal("seed", str(large), "--url", started.url) as screen:
            code, text = screen.ended()
        rows = counts(text)
        assert code == 0
        assert rows == sorted(rows)
        assert any(0 < each < MEMBERS for each in rows)
        assert "loaded" in text.splitlines()[-1]


def test_a_long_start_shows_how_far_it_is(tmp_path: Path, large: Path) -> None:
    with terminal("start", "--port", "0", "--scenario", str(large)) as screen:
        end = time.monotonic() + SECONDS
        while "Audience Emulator" not in screen.text and time.monotonic() < end:
            time.sleep(0.05)
        screen.process.send_signal(signal.SIGTERM)
        code, text = screen.ended()
    rows = counts(text)
    assert code == 0
    assert rows == sorted(rows)
    assert any(0 < each < MEMBERS for each in rows)


def test_nobody_else_sees_it(tmp_path: Path, large: Path) -> None:
    with running(tmp_path) as started:
        done = run("seed", str(large), "--url", started.url)
        assert (done.returncode, done.stderr) == (0, "")
        with terminal("seed", str(large), "--url", started.url, TERM="dumb") as screen:
            assert "loading" not in screen.ended()[1]


def test_what_is_done_soon_shows_none(tmp_path: Path) -> None:
    with running(tmp_path) as started, terminal("seed", "newsletter", "--url", started.url) as screen:
        assert screen.ended() == (0, "world default: newsletter loaded\r\n")


def test_rows_of_a_csv_file_are_counted_without_a_total(tmp_path: Path) -> None:
    lines = "".join(f"m{number}@shop.test\n" for number in range(100_000))
    (tmp_path / "people.csv").write_text(f"email\n{lines}")
    (tmp_path / "shop.yaml").write_text("emma: {accounts: [{account_id: 7, members_from: people.csv}]}")
    with running(tmp_path) as started, terminal("seed", str(tmp_path / "shop.yaml"), "--url", started.url) as screen:
        code, text = screen.ended()
    assert code == 0
    assert re.search(r"loading: [1-9]\d* rows ", text)
