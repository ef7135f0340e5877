"""An account of a vendor in one world, as a test uses it: where it is, how to get in, and what is in it."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from emulator.client import Client
from emulator.client.results import Credentials
from emulator.core.errors import UserError


class AccountHandle:
    """`base_url` is what a client of the vendor's API is given, `auth` and `headers` are its credentials."""

    vendor: str

    def __init__(self, world: Client) -> None:
        """Raises UserError when nobody can get into an account of this vendor."""
        self.world = world
        found = world.credentials(self.vendor)
        if found.account is None or found.user is None or found.key is None:
            raise UserError(
                f"no account of {found.title} can be opened in this world; declare one with keys in the scenario"
            )
        self.credentials: Credentials = found
        self.base_url = found.base_url
        self.account = found.account
        self.auth = (found.user, found.key)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r})"

    @property
    def headers(self) -> dict[str, str]:
        """The credentials as the header Authorization."""
        return {"Authorization": f"Basic {b64encode(':'.join(self.auth).encode()).decode()}"}

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a program that reads where to go and how to get in from there, as `emulator env`."""
        return self.credentials.variables

    def seed(self, **block: Any) -> None:
        """Put this account into the state of a scenario: `seed(members=[{"email": "ann@shop.test"}])`.

        It takes the place of all that was in it; other accounts stay as they are. Keys are those of the vendor's
        accounts in a scenario. Raises Refused.
        """
        self.world.add({self.vendor: {"accounts": [{**self._declaration(), **self._completed(block)}]}})

    def _completed(self, block: dict[str, Any]) -> dict[str, Any]:
        """With what a scenario must say and a test need not."""
        return block

    def _declaration(self) -> dict[str, Any]:
        """The account itself, as a scenario declares it."""
        raise NotImplementedError


class EmmaHandle(AccountHandle):
    vendor = "emma"

    @property
    def account_id(self) -> int:
        return int(self.account)

    @property
    def public_key(self) -> str:
        return self.auth[0]

    @property
    def private_key(self) -> str:
        return self.auth[1]

    def _declaration(self) -> dict[str, Any]:
        return {"account_id": self.account_id, "keys": {self.public_key: self.private_key}}


class EngageLabHandle(AccountHandle):
    vendor = "engagelab"

    @property
    def api_user(self) -> str:
        return self.auth[0]

    @property
    def api_key(self) -> str:
        return self.auth[1]

    def _completed(self, block: dict[str, Any]) -> dict[str, Any]:
        now = self.world.clock.get().now.strftime("%Y-%m-%dT%H:%M:%S+0000")
        members = [
            each if "member_id" in each or "create_time" in each else {**each, "create_time": now}
            for each in block.get("members", ())
        ]
        return {**block, "members": members}

    def _declaration(self) -> dict[str, Any]:
        return {"api_user": self.api_user, "api_key": self.api_key}
