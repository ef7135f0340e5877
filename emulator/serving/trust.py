"""How programs are told to trust the CA of an emulator that speaks TLS."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

# curl; OpenSSL, and with it Python, Ruby, Go and others; requests; Node.
VARIABLES = ("CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


def trust_environment(ca_file: str | Path) -> dict[str, str]:
    """The variables that make curl, Python, Node and others trust this CA certificate."""
    return dict.fromkeys(VARIABLES, str(ca_file))


def export_lines(variables: Mapping[str, str]) -> list[str]:
    """Variables for a shell."""
    return [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
