"""The ASGI application: vendors, worlds, the pipeline before, the control plane behind."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from emulator.control.routes import EXCEPTION_HANDLERS, ROUTES
from emulator.core.clock import read_clock
from emulator.core.pipeline import Pipeline
from emulator.core.scenario import load_scenarios
from emulator.core.vendor import Vendor
from emulator.core.worlds import Worlds
from emulator.emma import Emma
from emulator.engagelab import EngageLab
from emulator.settings import Settings


class EmulatorApp(Starlette):
    """The control plane as a Starlette application, with the pipeline as a pure ASGI layer before it.

    Middleware that is added to it wraps the control plane only.
    """

    def __init__(self, worlds: Worlds, settings: Settings) -> None:
        super().__init__(routes=ROUTES, exception_handlers=EXCEPTION_HANDLERS)
        # A redirect would lead out of the world that the prefix names.
        self.router.redirect_slashes = False
        self.state.worlds = worlds
        self.state.max_body = settings.max_body
        self.pipeline = Pipeline(super().__call__, worlds=worlds, max_body=settings.max_body)

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
        webhooks_anywhere=settings.webhooks_anywhere,
    )


def load_start(worlds: Worlds, settings: Settings) -> None:
    """Put scenarios, behaviours and clock into the state that worlds start with. Raises UserError."""
    load_scenarios(settings.scenario, worlds.vendors, worlds.start, dict(settings.behaviour))
    if settings.clock is not None:
        worlds.start.clock = read_clock(settings.clock)
    worlds.open()


def create_app(settings: Settings | None = None) -> EmulatorApp:
    """A ready application, for any ASGI server or for a test client without a socket. Raises UserError."""
    settings = settings or Settings()
    worlds = make_worlds(settings)
    load_start(worlds, settings)
    return EmulatorApp(worlds, settings)
