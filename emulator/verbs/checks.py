"""What `emulator doctor` looks at. None of it changes anything, or prints a secret."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from emulator.app import load_start, make_worlds
from emulator.client import ControlClient, Refused, Unreachable
from emulator.core.clock import Clock, stopwatch
from emulator.core.errors import UserError
from emulator.serving.listening import listen, refuse_exposed_control
from emulator.settings import Settings
from emulator.verbs.options import unknown_variables
from emulator.verbs.store_check import store_problem

DISTRIBUTION = "audience-emulator"
_FOR_DEVELOPERS = "dev"
_YEARS = range(2024, 2100)
_WATCHED = 0.1  # seconds
_MOST_DRIFT = 0.05  # seconds
_LEAST_FILES = 256  # a connection needs one


class Finding(NamedTuple):
    """One line of the report; if it is not ok, the text says how to mend it."""

    check: str
    text: str
    ok: bool = True


def of_the_machine() -> Iterator[Finding]:
    """What no setting can change."""
    try:
        yield _python()
        yield _libraries()
    except metadata.PackageNotFoundError:
        yield Finding("installation", "it runs without being installed; run pip install . in its folder", ok=False)
    yield _clock()
    yield _files()


def of_a_start(settings: Settings) -> Iterator[Finding]:
    """Whether a start with these settings would work."""
    exposed = _problem(lambda: refuse_exposed_control(settings))
    yield Finding("exposure", exposed or f"{settings.host} may be listened on", ok=exposed is None)
    yield from _port(settings)
    if settings.store is not None:
        problem = store_problem(Path(settings.store))
        yield Finding("store", problem or f"{settings.store} can be used", ok=problem is None)
    yield from _scenarios(settings)
    with suppress(metadata.PackageNotFoundError):  # which has been said
        yield _extras(settings)


def variables(environment: Mapping[str, str]) -> Finding:
    unknown = list(unknown_variables(environment))
    return Finding("variables", "; ".join(unknown) or "none is unknown", ok=not unknown)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    wanted = metadata.metadata(DISTRIBUTION)["Requires-Python"]
    if SpecifierSet(wanted).contains(version, prereleases=True):
        return Finding("python", version)
    return Finding("python", f"{version} is not supported; install one that is {wanted}", ok=False)


def _libraries() -> Finding:
    wrong = [text for each in _requirements() if (text := _library_problem(each)) is not None]
    if wrong:
        return Finding("libraries", f"{'; '.join(wrong)}; run pip install --upgrade {DISTRIBUTION}", ok=False)
    return Finding("libraries", "all are there, in versions that are supported")


def _requirements(extra: str = "") -> list[Requirement]:
    """What must be installed; for an extra, what it adds."""
    every = [Requirement(text) for text in metadata.requires(DISTRIBUTION) or ()]
    always = [each for each in every if each.marker is None or each.marker.evaluate({"extra": ""})]
    if not extra:
        return always
    return [each for each in every if each.marker and each.marker.evaluate({"extra": extra}) and each not in always]


def _library_problem(wanted: Requirement) -> str | None:
    try:
        version = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        return f"{wanted.name} is missing"
    fits = wanted.specifier.contains(version, prereleases=True)
    return None if fits else f"{wanted.name} {version} is not {wanted.specifier}"


def _clock() -> Finding:
    """Whether the machine knows the year, and its clock runs as fast as time."""
    clock, watch = Clock().now(), stopwatch()
    time.sleep(_WATCHED)
    now = Clock().now()
    drift = abs((now - clock) - (stopwatch() - watch))
    year = datetime.fromtimestamp(now, UTC).year
    if year not in _YEARS:
        return Finding("clock", f"the machine's clock says {year}; set it", ok=False)
    if drift > _MOST_DRIFT:
        text = f"the machine's clock jumped by {drift:.2f} s just now; see that only one service sets it"
        return Finding("clock", text, ok=False)
    return Finding("clock", f"the machine's clock says {datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%SZ}")


def _files() -> Finding:
    if find_spec("resource") is None:
        return Finding("open files", "this system has no limit that could be asked for")
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit != resource.RLIM_INFINITY and limit < _LEAST_FILES:
        return Finding("open files", f"at most {limit}, one for each connection; run ulimit -n 4096", ok=False)
    return Finding("open files", "no limit" if limit == resource.RLIM_INFINITY else f"at most {limit}")


def _port(settings: Settings) -> Iterator[Finding]:
    problem = _problem(lambda: listen(settings.host, settings.port).close())
    if problem is None:
        yield Finding("port", f"{settings.port} is free" if settings.port else "a free one is taken")
        return
    control = _client(settings)
    ready = "ready" if control.is_ready() else "not ready"
    try:
        version = control.call("GET", "version")["version"]
        clock = control.call("GET", "clock")
    except Refused as error:
        yield Finding("port", f"{settings.port} has an emulator already, which is {ready} and says: {error}")
    except Unreachable:
        yield Finding("port", problem, ok=False)
    else:
        yield Finding("port", f"{settings.port} has an emulator {version} already, which is {ready}")
        if clock["mode"] != "real":
            yield Finding("its clock", f"{clock['mode']}, it is {clock['now']} there")


def _client(settings: Settings) -> ControlClient:
    """Of whoever is at the port; who can not prove to be the emulator, as nobody can without TLS, gets no token."""
    ca = None if settings.tls_directory is None else Path(settings.tls_directory, "ca.pem")
    if ca is None or not ca.is_file():
        return ControlClient(settings.url(), insecure=True)
    return ControlClient(settings.url(), token=settings.control_token, ca=str(ca))


def _scenarios(settings: Settings) -> Iterator[Finding]:
    if settings.scenario or settings.behaviour:
        alone = replace(settings, store=None)
        problem = _problem(lambda: load_start(make_worlds(alone), alone))
        yield Finding("scenario", problem or f"{', '.join(settings.scenario) or 'none'}: valid", ok=problem is None)


def _extras(settings: Settings) -> Finding:
    names = metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or ()
    there = {name: not any(map(_library_problem, _requirements(name))) for name in names if name != _FOR_DEVELOPERS}
    missing = [name for name, is_there in there.items() if not is_there and {"tls": settings.speaks_tls}.get(name)]
    if missing:
        return Finding("extras", f"run pip install '{DISTRIBUTION}[{','.join(missing)}]'", ok=False)
    said = ", ".join(f"{name} is {'' if is_there else 'not '}installed" for name, is_there in there.items())
    return Finding("extras", said or "there are none")


def _problem(attempt: Callable[[], object]) -> str | None:
    """What a UserError says, if there is one."""
    try:
        attempt()
    except UserError as error:
        return str(error)
    return None
