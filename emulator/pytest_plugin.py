"""The pytest plugin: an emulator for the session, and a world of its own for each test that asks for one.

Fixtures `emulator`, `emulator_world`, `emulator_intercepted`, `emma_account`, `engagelab_account`; marker `emulator`;
options of the group `emulator`. What is imported here is imported by every pytest run, so the rest is imported where it
is used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from emulator.client import Client
    from emulator.embedded import Emulator
    from emulator.testing.handles import EmmaHandle, EngageLabHandle

_WORLD = pytest.StashKey["Client"]()
_JOURNAL = pytest.StashKey[tuple[str, str]]()
_MODES = ("thread", "process", "in-process")
_LONGEST_NAME = 40  # characters of a test's name in that of its world


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("emulator", "Audience Emulator")
    group.addoption("--emulator-mode", choices=_MODES, help="how it runs [default: emulator_mode, thread]")
    group.addoption("--emulator-url", help="use one that runs elsewhere [EMULATOR_URL]")
    group.addoption("--emulator-token", help="of its control plane; better as [EMULATOR_CONTROL_TOKEN]")
    group.addoption("--emulator-ca", help="file with its certificate authority [EMULATOR_CA]")
    group.addoption("--emulator-fail-on-unmatched", action="store_true", help="fail tests whose calls met no operation")
    parser.addini("emulator_mode", "thread, process or in-process", default="thread")
    parser.addini("emulator_scenario", "scenarios that every world starts with, by name or file", "linelist")
    parser.addini("emulator_fail_on_unmatched", "fail tests whose calls met no operation", "bool", default=False)
    parser.addini("emulator_journal_lines", "requests shown with a test that failed", default="10")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "emulator(...): what the world of the test is like; see docs/python.md")
    mode, lines = config.getini("emulator_mode"), config.getini("emulator_journal_lines")
    if mode not in _MODES:
        raise pytest.UsageError(f"emulator_mode: {mode!r} is none; choose {', '.join(_MODES)}")
    if not (lines.isascii() and lines.isdigit() and 0 < len(lines) < 6 and int(lines)):
        raise pytest.UsageError(f"emulator_journal_lines: {lines!r} is no number from 1 to 99999")
    if config.getoption("--emulator-mode") and _url(config):
        raise pytest.UsageError(
            f"--emulator-mode: the emulator at {_url(config)} runs already; leave this out, or --emulator-url and "
            "EMULATOR_URL"
        )


@pytest.fixture(scope="session")
def emulator(pytestconfig: pytest.Config) -> Iterator[Emulator]:
    """The emulator of the session (with pytest-xdist: of the worker), or the one that runs elsewhere."""
    from emulator.core.errors import UserError

    try:
        running = _make(pytestconfig).start()
    except UserError as error:
        raise _failure(f"the emulator does not start: {error}") from None
    yield running
    try:
        running.close()
    except UserError as error:
        raise _failure(f"the emulator does not end: {error}") from None


@pytest.fixture
def emulator_world(emulator: Emulator, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A world of this test's own, in the state that its marker asks for; dropped afterwards."""
    from emulator.core.errors import UserError
    from emulator.testing.marker import prepare
    from emulator.testing.report import journal

    node = request.node
    try:
        with emulator.world(_world_name(node)) as world:
            try:
                # One that runs elsewhere was not started with these.
                prepare(world, _marks(node), _scenarios(node.config) if emulator.mode == "elsewhere" else ())
            except UserError as error:
                raise _failure(f"the marker emulator: {error}") from None
            node.stash[_WORLD] = world
            yield world
            del node.stash[_WORLD]
            # Of a fixture that ended badly pytest tells when this world is gone.
            node.stash[_JOURNAL] = world.name, journal(world, _lines(node.config))
    except UserError as error:
        raise _failure(f"the world of this test: {error}") from None


@pytest.fixture
def emma_account(emulator_world: Client) -> EmmaHandle:
    """An account of Emma's in this test's world: base_url, account_id, public_key, private_key, auth, seed()."""
    from emulator.testing.handles import EmmaHandle

    return EmmaHandle(emulator_world)


@pytest.fixture
def engagelab_account(emulator_world: Client) -> EngageLabHandle:
    """An account of EngageLab's in this test's world: base_url, api_user, api_key, auth, seed()."""
    from emulator.testing.handles import EngageLabHandle

    return EngageLabHandle(emulator_world)


@pytest.fixture
def emulator_intercepted(emulator_world: Client) -> Iterator[Client]:
    """This test's world, into which all calls go that code with a hard-coded host sends to a vendor."""
    from emulator.interception import intercept

    with intercept(to=emulator_world) as world:
        yield world


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A marker is read where no fixture uses it, too, because a slip of the pen may be the reason for that."""
    _marks(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    result = yield
    world = item.stash.get(_WORLD, None)
    if world is not None and _is_strict(item):
        from emulator.core.errors import UserError
        from emulator.testing.report import unmatched

        try:
            found = unmatched(world)
        except UserError as error:
            found = f"whether all calls met operations can not be known: {error}"
        if found:
            pytest.fail(found, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        world, told = item.stash.get(_WORLD, None), item.stash.get(_JOURNAL, None)
        if world is not None:
            from emulator.testing.report import journal

            told = world.name, journal(world, _lines(item.config))
        if told is not None:
            report.sections.append((f"emulator, world {told[0]}", told[1]))
    return report


def _make(config: pytest.Config) -> Emulator:
    from emulator.embedded import Emulator

    option = config.getoption
    url = _url(config)
    if url:
        token = option("--emulator-token") or os.environ.get("EMULATOR_CONTROL_TOKEN")
        return Emulator.at(url, token=token, ca=option("--emulator-ca") or os.environ.get("EMULATOR_CA"))
    return Emulator(mode=option("--emulator-mode") or config.getini("emulator_mode"), scenario=_scenarios(config))


def _url(config: pytest.Config) -> str | None:
    """Of one that runs elsewhere."""
    return config.getoption("--emulator-url") or os.environ.get("EMULATOR_URL")


def _lines(config: pytest.Config) -> int:
    return int(config.getini("emulator_journal_lines"))


def _scenarios(config: pytest.Config) -> list[str]:
    """Those that every world starts with."""
    return [_near(config, each) for each in config.getini("emulator_scenario")]


def _near(config: pytest.Config, scenario: str) -> str:
    """A file is named as seen from the folder of the configuration."""
    from emulator.core.scenarios.scenario_file import names_file

    return str(config.rootpath / scenario) if names_file(scenario) else scenario


def _world_name(item: pytest.Item) -> str:
    """It says whose it is, and no other test, worker or run has it."""
    from emulator.core.ids import unique_name

    name = re.sub(r"[^A-Za-z0-9_]+", "-", item.name).strip("-_")[:_LONGEST_NAME]
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    return "-".join(part for part in (name or "test", worker, unique_name()[:12]) if part)


def _marks(item: pytest.Item) -> dict[str, Any]:
    """What the markers say, the closest to the test wins."""
    marks = [(mark.args, mark.kwargs) for mark in item.iter_markers("emulator")]
    if not marks:
        return {}
    from emulator.core.errors import UserError
    from emulator.testing.marker import read_marks

    try:
        return read_marks(reversed(marks))
    except UserError as error:
        raise _failure(f"the marker emulator: {error}") from None


def _failure(text: str) -> BaseException:
    """Fails a test in one line."""
    return pytest.fail.Exception(text, pytrace=False)


def _is_strict(item: pytest.Item) -> bool:
    name = "emulator_fail_on_unmatched"
    wanted = item.config.getoption(name) or item.config.getini(name)
    return bool(wanted) and not _marks(item).get("allow_unmatched", False)
