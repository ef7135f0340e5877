"""The emulator as a container of testcontainers: `pip install 'audience-emulator[testcontainers]'`.

    with EmulatorContainer().with_scenario("newsletter") as emulator:
        send_newsletter(base_url=emulator.get_base_url("emma"))

The image is built from a checkout (docs/container.md); none is published.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from emulator.client import DEFAULT_WORLD, Client, ControlClient
from emulator.core.errors import UserError
from emulator.core.scenarios.bundle import files_of
from emulator.core.scenarios.scenario_file import names_file, scenario_text

try:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import HttpWaitStrategy
except ImportError as error:
    raise ImportError(
        f"emulator.testing needs testcontainers ({error}); pip install 'audience-emulator[testcontainers]'"
    ) from None

IMAGE = "audience-emulator"
PORT = 8025  # inside of the container
SCENARIOS = "/scenarios"
DATA = "/data"
_POLL = 0.1  # seconds


class EmulatorContainer(DockerContainer):
    """A container of the image, ready when `start()` or `with` is past."""

    def __init__(self, image: str = IMAGE, port: int = PORT, **kwargs: Any) -> None:
        super().__init__(image, **kwargs)
        self.port = port
        self._scenarios: list[str] = []
        self._token: str | None = None
        self._tls = False
        self.with_exposed_ports(port)
        self.with_env("EMULATOR_PORT", str(port))
        self.waiting_for(_until_ready(port))

    def with_scenario(self, scenario: str | Path) -> Self:
        """Start worlds with this, a name or a file; several are loaded in this order.

        A file is copied into the container with all that it names, because the engine may run on another machine.
        Raises UserError when that can not be read.
        """
        reference = str(scenario)
        if isinstance(scenario, Path) or names_file(reference):
            name, text, folder, path = scenario_text(reference)
            for place, content in files_of(name, text, folder, path).items():
                self.with_copy_into_container(content, f"{SCENARIOS}/{place}")
            reference = f"{SCENARIOS}/{path}"
        self._scenarios.append(reference)
        return self

    def with_control_token(self, token: str) -> Self:
        """Let only those use the control plane who bring this, such as `get_client()`."""
        self._token = token
        return self.with_env("EMULATOR_CONTROL_TOKEN", token)

    def with_tls(self) -> Self:
        """Speak HTTPS, also under the vendors' names; `get_ca()` has the certificate that clients need to trust it."""
        self._tls = True
        self.waiting_for(_until_ready(self.port).using_tls(insecure=True))
        return self.with_env("EMULATOR_TLS", "true")

    def with_store(self, volume: str | Path | None = None) -> Self:
        """Keep worlds on disk, as long as the container is there, or in a named volume, or in a folder that the user
        10001 can write.
        """
        if volume is not None:
            self.with_volume_mapping(str(volume), DATA, "rw")
        return self.with_env("EMULATOR_STORE", f"tinydb:{DATA}")

    def get_url(self) -> str:
        """Where it can be reached from here, once it is started."""
        return f"{'https' if self._tls else 'http'}://{self.get_container_host_ip()}:{self.get_exposed_port(self.port)}"

    def get_base_url(self, vendor: str, world: str = DEFAULT_WORLD) -> str:
        """What to tell a client of this vendor instead of the vendor's address."""
        return self.get_client(world).credentials(vendor).base_url

    def get_credentials(self, vendor: str, world: str = DEFAULT_WORLD) -> tuple[str, str]:
        """User and key that open the account of `get_base_url()`. Raises UserError when nobody knows a key."""
        found = self.get_client(world).credentials(vendor)
        if found.user is None or found.key is None:
            raise UserError(f"no account of {found.title} can be opened; declare one with keys in the scenario")
        return found.user, found.key

    def get_client(self, world: str = DEFAULT_WORLD) -> Client:
        """Steers a world, with a method for each thing that a tester does."""
        return Client.of(self.get_control_client(world))

    def get_control_client(self, world: str = DEFAULT_WORLD) -> ControlClient:
        """The same by requests and JSON."""
        # The certificate is not for the name of an engine elsewhere, and nobody else knows the container yet.
        return ControlClient(self.get_url(), world, self._token, insecure=self._tls)

    def get_ca(self) -> str:
        """The certificate of the authority behind `with_tls()`, as PEM."""
        return self.get_control_client().read("ca.pem").decode()

    def _configure(self) -> None:
        if self._scenarios:
            self.with_env("EMULATOR_SCENARIO", ",".join(self._scenarios))


def _until_ready(port: int) -> HttpWaitStrategy:
    return HttpWaitStrategy(port, "/_emulator/readyz").with_poll_interval(_POLL)
