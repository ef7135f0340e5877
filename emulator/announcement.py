"""What a start says when it is ready: where to point clients, and how they get in."""

from __future__ import annotations

import json
from pathlib import Path

from emulator import __version__
from emulator.core.access import Access, access, base_url, describe
from emulator.core.worlds import Worlds


def announcement(url: str, worlds: Worlds, ca_file: Path | None) -> str:
    """The line that tells people where to point their clients, and with which credentials; with TLS, lines that make
    clients trust it.
    """
    parts = [f"Audience Emulator {__version__} at {url}"]
    for vendor in worlds.vendors:
        found = access(vendor, worlds.start.accounts[vendor.id])
        parts.append(f"{vendor.title}: base URL {base_url(vendor, found, url)}, {_credentials(found)}")
    line = " | ".join(parts)
    if ca_file is None:
        return line
    # Imported here because a start without TLS does not need it.
    from emulator.trust import trust_lines

    return "\n".join([line, *trust_lines(ca_file)])


def announcement_in_json(url: str, worlds: Worlds, ca_file: Path | None) -> str:
    """The same for programs, as one line."""
    vendors = [describe(vendor, worlds.start, url) for vendor in worlds.vendors]
    return json.dumps({"url": url, "ca": None if ca_file is None else str(ca_file), "vendors": vendors})


def _credentials(found: Access | None) -> str:
    if found is None:
        return "no account declared"
    user, key, _ = found.credentials
    return f"credentials {user}:{key}" if found.declared else f"any credentials, for example {user}:{key}"
