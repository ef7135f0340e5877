"""The ASGI application: vendors, worlds, the pipeline before, the control plane behind."""

from __future__ import annotations

import logging
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import Receive, Scope, Send

from emulator.control.guard import Guard
from emulator.control.keeping import Keeping
from emulator.control.routes import EXCEPTION_HANDLERS, ROUTES
from emulator.core.clock import read_clock
from emulator.core.pipeline import Pipeline
from emulator.core.scenarios.scenario import load_scenarios
from emulator.core.scenarios.scenario_folder import refuse_doubles
from emulator.core.senders import Names
from emulator.core.vendor import Vendor
from emulator.core.webhooks.reach import Reach
from emulator.core.worlds import Worlds
from emulator.emma import Emma
from emulator.engagelab import EngageLab
from emulator.settings import Settings, flag, is_loopback

logger = logging.getLogger("emulator")


class EmulatorApp(Starlette):
    """The control plane as a Starlette application, with the pipeline as a pure ASGI layer before it.

    Middleware that is added to it wraps the control plane only.
    """

    def __init__(self, worlds: Worlds, settings: Settings, ca: bytes | None = None) -> None:
        """`ca` is the certificate that `ca.pem` serves."""
        super().__init__(
            routes=ROUTES, exception_handlers=EXCEPTION_HANDLERS, middleware=[Middleware(Keeping, worlds=worlds)]
        )
        # A redirect would lead out of the world that the prefix names.
        self.router.redirect_slashes = False
        self.state.worlds = worlds
        self.state.max_body = settings.max_body
        self.state.scenario_folder = settings.scenario_folder
        self.state.ca = ca
        names = Names(
            [settings.host, *settings.allowed_host, *(host for each in worlds.vendors for host in each.hosts)]
        )
        guard = Guard(
            super().__call__,
            token=settings.control_token,
            loopback=is_loopback(settings.host),
            insecure=settings.insecure_control,
            names=names,
        )
        self.pipeline = Pipeline(guard, worlds=worlds, max_body=settings.max_body, names=names)

    def close(self) -> None:
        """Leave everything on disk, if it is kept there. Raises UserError."""
        self.state.worlds.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.pipeline(scope, receive, send)


def make_vendors() -> tuple[Vendor, ...]:
    """Every emulated vendor; a new one is a line here."""
    return (Emma(), EngageLab())


def make_worlds(settings: Settings) -> Worlds:
    """No world yet, and nothing loaded."""
    return Worlds(
        make_vendors(),
        cap=settings.max_worlds,
        journal_entries=settings.journal_entries,
        journal_bytes=settings.journal_bytes,
        open_accounts=settings.accounts == "open",
        reach=Reach(not is_loopback(settings.host), settings.webhooks_anywhere, settings.webhook_target),
    )


def load_start(worlds: Worlds, settings: Settings) -> None:
    """Put scenarios, behaviours and clock into the state that worlds start with, or go on with what the store holds.

    Raises UserError.
    """
    refuse_doubles(settings.scenario_folder)
    if settings.store is None:
        _fill(worlds, settings)
        worlds.open()
        return
    # Imported here because a start without a directory does not need it.
    from emulator.core.durable.directory import Directory

    directory = Directory(Path(settings.store))
    try:
        if directory.is_empty():
            _fill(worlds, settings)
            worlds.keep(directory)
        else:
            _say_what_is_passed_over(settings)
            worlds.load(directory)
    except BaseException:
        directory.release()
        raise
    worlds.open()


def _fill(worlds: Worlds, settings: Settings) -> None:
    clock = None if settings.clock is None else read_clock(settings.clock)
    chosen = dict(settings.behaviour)
    load_scenarios(settings.scenario, worlds.vendors, worlds.start, chosen, clock, folder=settings.scenario_folder)


def _say_what_is_passed_over(settings: Settings) -> None:
    given = [flag(name) for name in ("scenario", "behaviour", "clock") if getattr(settings, name)]
    if given:
        logger.warning("%s holds worlds and goes on with them; passed over: %s", settings.store, ", ".join(given))


def create_app(settings: Settings | None = None, ca: bytes | None = None) -> EmulatorApp:
    """A ready application, for any ASGI server or for a test client without a socket. `ca` is the certificate that
    `ca.pem` serves. Raises UserError.
    """
    settings = settings or Settings()
    worlds = make_worlds(settings)
    load_start(worlds, settings)
    return EmulatorApp(worlds, settings, ca)
