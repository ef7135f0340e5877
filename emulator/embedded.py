"""An emulator for as long as a block of code lasts."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from emulator.client import AsyncClient, Client, Refused
from emulator.client.encoding import encoded
from emulator.core.errors import UserError
from emulator.core.ids import unique_name
from emulator.hosting.arguments import settings_of
from emulator.hosting.entering import entered
from emulator.hosting.hosted import MODES, Hosted, Mode, host

if TYPE_CHECKING:
    from emulator.client.scenarios import Scenario

_UNAUTHORIZED = 401
_NOT_FOUND = 404


class Emulator:
    """Starts where its block begins and ends with it.

    `mode` is `thread` (a free port, served by a thread), `process` (a process of its own) or `in-process` (no socket:
    give `transport` to a client of httpx). The rest is what `emulator start` can be told: `scenario`, a name, a file or
    the scenario itself, or several; `clock`, `behaviours`, `accounts`, `store`, `port`. Raises UserError.
    """

    def __init__(
        self,
        *,
        mode: Mode = "thread",
        scenario: Scenario | Sequence[Scenario] = (),
        clock: str | None = None,
        behaviours: Mapping[str, object] | None = None,
        port: int = 0,
        **settings: Any,
    ) -> None:
        if mode not in MODES:
            raise UserError(f"mode: {mode!r} is none; choose {', '.join(MODES)}")
        self._mode = mode
        self._scenarios = [scenario] if isinstance(scenario, str | Path | Mapping) else list(scenario)
        self._settings = {"clock": clock, "behaviour": behaviours or {}, "port": port, **settings}
        self._token: str | None = settings.get("control_token")
        self._hosted: Hosted | None = None
        self._elsewhere: _Elsewhere | None = None
        self._client: Client | None = None

    @classmethod
    def at(cls, url: str, *, token: str | None = None, ca: str | None = None) -> Emulator:
        """One that runs already, elsewhere perhaps; it goes on when the block ends. Raises UserError."""
        emulator = cls()
        emulator._elsewhere = _Elsewhere(url, token, ca)
        return emulator.start()

    def start(self) -> Self:
        """Run it until `close`; a block does both. Raises UserError."""
        if self._client is not None:
            return self
        if self._elsewhere is not None:
            self._client = self._elsewhere.reach()
            return self
        with ExitStack() as files:
            scenarios = [str(_as_reference(each, files)) for each in self._scenarios]
            self._hosted = hosted = host(self._mode, settings_of({**self._settings, "scenario": scenarios}))
        self._client = Client(hosted.url, token=self._token, ca=hosted.ca, exchange=hosted.exchange)
        return self

    def close(self) -> None:
        """End it, if it was started here. Raises UserError when something that it kept could not be written."""
        hosted, self._hosted, self._client = self._hosted, None, None
        if hosted is not None:
            hosted.close()

    @property
    def mode(self) -> Mode | Literal["elsewhere"]:
        """How it runs."""
        return self._mode if self._elsewhere is None else "elsewhere"

    @property
    def client(self) -> Client:
        """The control plane of the world `default`. Raises UserError before the start."""
        if self._client is None:
            raise UserError("the emulator is not running; use it in a block: with Emulator() as emulator: ...")
        return self._client

    @property
    def async_client(self) -> AsyncClient:
        """The same for code with an event loop."""
        return async_twin(self.client)

    @property
    def url(self) -> str:
        """Scheme, host and port; in a world's own `url` its prefix follows."""
        return self.client.url

    @property
    def ca(self) -> str | None:
        """A file with the certificate authority to trust, if it has TLS."""
        if self._elsewhere is not None:
            return self._elsewhere.ca
        return None if self._hosted is None else self._hosted.ca

    @property
    def transport(self) -> Any:
        """For clients of httpx and httpx2: `httpx.Client(transport=emulator.transport, base_url=emulator.url)`.

        Raises UserError where it has a socket.
        """
        from emulator.hosting.transport import AppTransport

        exchange = None if self._hosted is None else self._hosted.exchange
        if exchange is None:
            raise UserError('only an emulator with mode="in-process" has a transport; this one has a url')
        return AppTransport(exchange)

    @contextmanager
    def world(self, name: str | None = None) -> Iterator[Client]:
        """A world of its own as the emulator started, dropped when the block ends; later calls of it are refused."""
        world = self.client.elsewhere(name or f"w-{unique_name()}")
        world.worlds.create(world.name, once=True)
        try:
            yield world
        except BaseException:
            with suppress(UserError):  # which would hide what went wrong in the block
                _drop(world)
            raise
        _drop(world)

    @asynccontextmanager
    async def async_world(self, name: str | None = None) -> AsyncIterator[AsyncClient]:
        """The same for code with an event loop."""
        entering = self.world(name)
        world = await entered(entering.__enter__, lambda _: entering.__exit__(None, None, None))
        try:
            yield async_twin(world)
        except BaseException as error:
            await asyncio.to_thread(entering.__exit__, type(error), error, error.__traceback__)
            raise
        await asyncio.to_thread(entering.__exit__, None, None, None)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return await entered(self.start, lambda started: started.close())

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)


class _Elsewhere(NamedTuple):
    """One that runs already."""

    url: str
    token: str | None
    ca: str | None

    def reach(self) -> Client:
        """Raises UserError when it can not be used."""
        client = Client(self.url, token=self.token, ca=self.ca)
        client.control.check_ready()
        try:
            client.read("version")
        except Refused as refused:
            if refused.status == _UNAUTHORIZED:
                raise UserError(f"{refused}; in Python token=..., with pytest --emulator-token") from None
            raise
        return client


def async_twin(client: Client) -> AsyncClient:
    """A client for code with an event loop that speaks to the same world."""
    return AsyncClient.of(client.control)


def _drop(world: Client) -> None:
    try:
        world.worlds.drop(world.name)
    except Refused as refused:
        if refused.status != _NOT_FOUND:  # the block dropped it
            raise


def _as_reference(scenario: Scenario, files: ExitStack) -> str | Path:
    """A name or a file, made now if what is given is the scenario itself."""
    if not isinstance(scenario, Mapping):
        return scenario
    number, name = tempfile.mkstemp(suffix=".json", prefix="emulator-")
    files.callback(os.unlink, name)
    with os.fdopen(number, "wb") as file:
        file.write(encoded(scenario))
    return name
