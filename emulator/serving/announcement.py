"""What `emulator start` prints when it is ready: where to point clients, with which credentials, and whom to trust."""

from __future__ import annotations

import json

from emulator import __version__
from emulator.core.access import Access, access, base_url, describe
from emulator.core.printable import printable
from emulator.core.worlds import Worlds


def announcement(url: str, worlds: Worlds, ca: str | None) -> str:
    """A line for people; `ca` is the file with the certificate of the authority, and brings more lines along."""
    parts = [f"Audience Emulator {__version__} at {url}"]
    for vendor in worlds.vendors:
        found = access(vendor, worlds.start.accounts[vendor.id])
        parts.append(f"{vendor.title}: base URL {base_url(vendor, found, url)}, {_credentials(found)}")
    lines = [printable(" | ".join(parts))]
    if ca is not None:
        # Imported here because a start without TLS does not need it.
        from emulator.serving.trust import export_lines, trust_environment

        # Clients of the vendors need those of trust, the emulator's own command the other two.
        lines += export_lines({**trust_environment(ca), "EMULATOR_URL": url, "EMULATOR_CA": ca})
    return "\n".join(lines)


def announcement_in_json(url: str, worlds: Worlds, ca: str | None) -> str:
    """The same for programs, as one line."""
    told = {"url": url, "vendors": [describe(vendor, worlds.start, url) for vendor in worlds.vendors]}
    return json.dumps(told if ca is None else {**told, "ca": ca})


def _credentials(found: Access | None) -> str:
    if found is None:
        return "no account declared"
    user, key, _ = found.credentials
    return f"credentials {user}:{key}" if found.declared else f"any credentials, for example {user}:{key}"
