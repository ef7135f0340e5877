"""An account of a vendor in one world, as a test uses it: where it is, how to get in, and what is in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from base64 import b64encode
from typing import Any

from emulator.client import Client
from emulator.client.results import Credentials
from emulator.core.errors import UserError


class AccountHandle(ABC):
    """`base_url` is what a client of the vendor's API is given, `auth` and `headers` are its credentials."""

    vendor: str
    names: str
    """The key of a scenario that names an account."""
    opens: tuple[str, ...]
    """Those that say who gets in."""

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

        It takes the place of all that was in it but its credentials; other accounts stay as they are. Keys are those
        of the vendor's accounts in a scenario. Raises UserError.
        """
        if self.names in block:
            raise UserError(f"{self.names}: leave it out; this is {self!r}, and it seeds no other account")
        self.world.add({self.vendor: {"accounts": [{**self._declaration(), **block}]}})

    def _declaration(self) -> dict[str, Any]:
        """The account itself, as a scenario declares it: with all keys that open it, or those of this handle."""
        declared = self._declared()
        opening = {key: declared[key] for key in self.opens if declared.get(key)}
        return {self.names: declared.get(self.names, self._id()), **(opening or self._opening())}

    def _declared(self) -> dict[str, Any]:
        """What is known of the account so far; nothing if it is not there yet."""
        known = {world.name: world.accounts for world in self.world.worlds.all()}
        if self.account not in known.get(self.world.name, {}).get(self.vendor, []):
            return {}
        exported = self.world.export(credentials=True, fail_unfinished=True)
        accounts: list[dict[str, Any]] = exported.get(self.vendor, {}).get("accounts", [])
        return next((each for each in accounts if str(each[self.names]) == self.account), {})

    def _id(self) -> str | int:
        """Of the account, as a scenario has it."""
        return self.account

    @abstractmethod
    def _opening(self) -> dict[str, Any]:
        """The keys of this handle, as a scenario has them."""


class EmmaHandle(AccountHandle):
    vendor = "emma"
    names = "account_id"
    opens = ("keys", "tokens")

    @property
    def account_id(self) -> int:
        return int(self.account)

    @property
    def public_key(self) -> str:
        return self.auth[0]

    @property
    def private_key(self) -> str:
        return self.auth[1]

    def _id(self) -> int:
        return self.account_id

    def _opening(self) -> dict[str, Any]:
        return {"keys": {self.public_key: self.private_key}}


class EngageLabHandle(AccountHandle):
    vendor = "engagelab"
    names = "api_user"
    opens = ("api_key",)

    @property
    def api_user(self) -> str:
        return self.auth[0]

    @property
    def api_key(self) -> str:
        return self.auth[1]

    def _opening(self) -> dict[str, Any]:
        return {"api_key": self.api_key}
