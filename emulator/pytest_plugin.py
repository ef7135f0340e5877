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
_MODES = ("thread", "process", "in-process")
_LONGEST_NAME = 40  # characters of a test's name in that of its world
_MARKS = ("scenario", "clock", "behaviours", "faults", "limits", "allow_unmatched")
_MARKER = (
    "emulator(scenario=..., clock='frozen:2024-05-01T12:00:00Z', behaviours={...}, faults=[...], limits={...}, "
    "allow_unmatched=True): what the world of the test is like"
)


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
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture(scope="session")
def emulator(pytestconfig: pytest.Config) -> Iterator[Emulator]:
    """The emulator of the session (with pytest-xdist: of the worker), or the one that runs elsewhere."""
    from emulator.core.errors import UserError
    from emulator.embedded import Emulator

    try:
        running = _make(pytestconfig).start()
    except UserError as error:
        pytest.fail(f"the emulator does not start: {error}", pytrace=False)
    with running:
        assert isinstance(running, Emulator)
        yield running


@pytest.fixture
def emulator_world(emulator: Emulator, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A world of this test's own, in the state that its marker asks for; dropped afterwards."""
    from emulator.core.errors import UserError

    with emulator.world(_world_name(request.node)) as world:
        try:
            _prepare(world, _marks(request.node))
        except UserError as error:
            pytest.fail(f"the marker emulator: {error}", pytrace=False)
        request.node.stash[_WORLD] = world
        yield world
        del request.node.stash[_WORLD]


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    result = yield
    world = item.stash.get(_WORLD, None)
    if world is not None and _is_strict(item):
        from emulator.testing.report import unmatched

        found = unmatched(world)
        if found:
            pytest.fail(found, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    world = item.stash.get(_WORLD, None)
    if report.failed and world is not None:
        from emulator.testing.report import journal

        lines = int(item.config.getini("emulator_journal_lines"))
        report.sections.append((f"emulator, world {world.name}", journal(world, lines)))
    return report


def _make(config: pytest.Config) -> Emulator:
    from emulator.embedded import Emulator

    option = config.getoption
    url = option("--emulator-url") or os.environ.get("EMULATOR_URL")
    if url:
        token = option("--emulator-token") or os.environ.get("EMULATOR_CONTROL_TOKEN")
        return Emulator.at(url, token=token, ca=option("--emulator-ca") or os.environ.get("EMULATOR_CA"))
    scenarios = [_near(config, each) for each in config.getini("emulator_scenario")]
    return Emulator(mode=option("--emulator-mode") or config.getini("emulator_mode"), scenario=scenarios)


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
    wanted: dict[str, Any] = {}
    for mark in reversed(list(item.iter_markers("emulator"))):
        unknown = [key for key in mark.kwargs if key not in _MARKS]
        if unknown or mark.args:
            said = f"{unknown[0]!r} is unknown" if unknown else "it takes no positional arguments"
            pytest.fail(f"the marker emulator: {said}; write {_MARKER.partition(':')[0]}", pytrace=False)
        wanted.update(mark.kwargs)
    return wanted


def _prepare(world: Client, wanted: dict[str, Any]) -> None:
    if "scenario" in wanted:
        world.seed(wanted["scenario"])
    if "behaviours" in wanted:
        world.behaviours.set(wanted["behaviours"])
    if "clock" in wanted:
        mode, _, at = wanted["clock"].partition(":")
        # A reset, because it may start at any instant.
        world.reset("clock", clock={"mode": mode, "at": at} if at else {"mode": mode})
    if "limits" in wanted:
        world.limits.set(**wanted["limits"])
    if "faults" in wanted:
        world.faults.replace(*wanted["faults"])


def _is_strict(item: pytest.Item) -> bool:
    name = "emulator_fail_on_unmatched"
    wanted = item.config.getoption(name) or item.config.getini(name)
    return bool(wanted) and not _marks(item).get("allow_unmatched", False)
