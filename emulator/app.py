"""The ASGI application: vendors, worlds, the pipeline before, the control plane behind."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware

from emulator.control.routes import EXCEPTION_HANDLERS, ROUTES
from emulator.core.clock import read_clock
from emulator.core.pipeline import Pipeline
from emulator.core.scenario import load_scenarios
from emulator.core.vendor import Vendor
from emulator.core.worlds import Worlds
from emulator.engagelab import EngageLab
from emulator.settings import Settings


def make_vendors() -> tuple[Vendor, ...]:
    """Every emulated vendor; a new one is a line here."""
    return (EngageLab(),)


def make_worlds(settings: Settings) -> Worlds:
    """No world yet, and nothing loaded."""
    return Worlds(
        make_vendors(),
        cap=settings.max_worlds,
        journal_entries=settings.journal_entries,
        journal_bytes=settings.journal_bytes,
        open_accounts=settings.accounts == "open",
    )


def load_start(worlds: Worlds, settings: Settings) -> None:
    """Put scenarios, behaviours and clock into the state that worlds start with. Raises UserError."""
    load_scenarios(settings.scenario, worlds.vendors, worlds.start, dict(settings.behaviour))
    if settings.clock is not None:
        worlds.start.clock = read_clock(settings.clock)
    worlds.ready = True


def make_app(worlds: Worlds, settings: Settings) -> Starlette:
    """The application over these worlds, which may become ready later."""
    app = Starlette(
        routes=ROUTES,
        middleware=[Middleware(Pipeline, worlds=worlds, max_body=settings.max_body)],
        exception_handlers=EXCEPTION_HANDLERS,
    )
    app.state.worlds = worlds
    app.state.max_body = settings.max_body
    return app


def create_app(settings: Settings | None = None) -> Starlette:
    """A ready application, for any ASGI server or for a test client without a socket. Raises UserError."""
    settings = settings or Settings()
    worlds = make_worlds(settings)
    load_start(worlds, settings)
    return make_app(worlds, settings)
