"""`Emulator.at`: one that runs already."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator import Emulator, intercept
from emulator.client import Client
from emulator.core.errors import UserError
from tests.process import Running, running

TOKEN = "correct-horse-battery"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("elsewhere")) as started:
        yield started


def test_one_that_runs_elsewhere_is_used_and_left_running(started: Running) -> None:
    for _ in range(2):
        with Emulator.at(started.url) as emulator, emulator.world() as world:
            assert world.url.startswith(started.url)
            assert emulator.mode == "elsewhere"
    assert started.process.poll() is None


def test_a_second_block_reaches_the_same_one_again(started: Running) -> None:
    emulator = Emulator.at(started.url)
    emulator.close()
    with pytest.raises(UserError, match="is not running"):
        _ = emulator.url
    with emulator:
        assert emulator.url == started.url


def test_nobody_elsewhere_is_one_line() -> None:
    with pytest.raises(UserError, match=r"no emulator is ready at http://127\.0\.0\.1:1") as error:
        Emulator.at("http://127.0.0.1:1")
    assert "refused; start one with `emulator start`" in str(error.value)


def test_a_certificate_that_is_not_trusted_is_told_as_that_at_once() -> None:
    with Emulator(tls=True) as emulator:
        with pytest.raises(UserError, match=r"the certificate of https://.* is not trusted: .*; give the ca.pem"):
            Emulator.at(emulator.url)
        with Emulator.at(emulator.url, ca=emulator.ca) as trusting:
            assert trusting.ca == emulator.ca
            assert trusting.client.clock.get().mode == "real"


def test_a_token_that_is_missing_or_wrong_is_told_at_once() -> None:
    with Emulator(control_token=TOKEN) as emulator:
        for token in (None, "another-horse-battery"):
            with pytest.raises(UserError, match=r"needs its token: .*; in Python token=\.\.\., with pytest --"):
                Emulator.at(emulator.url, token=token)
        with Emulator.at(emulator.url, token=TOKEN) as known:
            assert known.client.clock.get().mode == "real"
        with intercept(to=emulator.url) as client:  # which needs none to lead calls there
            assert isinstance(client, Client)


def test_an_authority_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"), Emulator(tls=True) as emulator:
        Emulator.at(emulator.url, ca=str(tmp_path / "none.pem"))
