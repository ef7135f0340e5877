"""What a client of a vendor needs to be told: base URL, account, credentials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from emulator.core.credentials import Credentials
from emulator.core.vendor import Vendor
from emulator.core.world import Accounts, World


class Access(NamedTuple):
    """One way into a vendor's API; `declared` is whether a scenario says so, or just any credentials do."""

    account: str
    credentials: Credentials
    declared: bool


def access(vendor: Vendor, accounts: Accounts) -> Access | None:
    """The first declared account that has keys, else an example of what open accounts take; None if nothing does."""
    for account in accounts:
        for user, key in account.keys.items():
            return Access(account.id, Credentials(user, key), declared=True)
    if accounts.open:
        return Access(vendor.sample_account, vendor.sample_credentials, declared=False)
    return None


def base_url(vendor: Vendor, found: Access | None, root: str) -> str:
    """Where clients of the vendor are pointed at; `root` is the address of the world."""
    return root + vendor.base_path.format(account=vendor.sample_account if found is None else found.account)


def describe(vendor: Vendor, world: World, root: str) -> dict[str, Any]:
    """All of it as data, with the environment variables that clients of this vendor are configured by."""
    found = access(vendor, world.accounts[vendor.id])
    facts = {
        "base_url": base_url(vendor, found, root),
        "account": None if found is None else found.account,
        "user": None if found is None else found.credentials.user,
        "key": None if found is None else found.credentials.key,
    }
    return {
        "vendor": vendor.id,
        "title": vendor.title,
        **facts,
        "hosts": sorted(vendor.hosts),
        "variables": dict(_variables(vendor, facts)),
    }


def _variables(vendor: Vendor, facts: dict[str, str | None]) -> Iterator[tuple[str, str]]:
    for name, fact in vendor.variables.items():
        value = facts[fact]
        if value is not None:
            yield name, value
