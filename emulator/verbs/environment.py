"""`emulator env`: what a client must be told, as environment variables."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from emulator.client import Refused
from emulator.verbs.options import Verbs, call
from emulator.verbs.result import Result

ALL = "all"
_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_PLAIN = re.compile(r"[\w@%+=:,./-]+", re.ASCII)
_SPECIAL = re.compile(r'[\\"$`]')


def add_verbs(verbs: Verbs) -> None:
    env = verbs.add("env", "print the variables that clients of a vendor are configured by", _env)
    env.add_argument("vendor", metavar="VENDOR|all", help="for example emma")
    about = 'shell [default] for eval "$(emulator env VENDOR)", dotenv for a file'
    env.add_argument("--format", choices=("shell", "dotenv", "json"), default="shell", help=about)


def _env(given: argparse.Namespace) -> Result:
    query = "" if given.vendor == ALL else f"?vendor={quote(given.vendor, safe='')}"
    variables: dict[str, str] = {}
    for vendor in call(given, "GET", f"credentials{query}")["vendors"]:
        if vendor["account"] is None:
            raise Refused(f"{vendor['title']} has no account with keys; declare one in a scenario, or open accounts")
        variables |= _checked(vendor["variables"], _vendor_of(vendor) if given.vendor == ALL else given.vendor)
    if given.url.lower().startswith("https:") and given.ca is not None:
        from emulator.serving.trust import trust_environment  # here, because most emulators speak plain HTTP

        variables |= trust_environment(Path(given.ca).absolute())
    return Result(variables, script="\n".join(_lines(variables, given.format)))


def _vendor_of(told: Mapping[str, Any]) -> str:
    """The vendor of an answer, if it is one that this emulator knows. Raises Refused."""
    # Imported here because only those pay for it who ask for all.
    from emulator.app import make_vendors

    vendor: str = told["vendor"]
    if vendor not in [each.id for each in make_vendors()]:
        raise Refused(f"{vendor!r} is no vendor of this version; ask for one by name")
    return vendor


def _checked(variables: Mapping[str, object], vendor: str) -> dict[str, str]:
    """The variables, which a shell is going to run, if they are ones that this vendor may have. Raises Refused.

    Whoever has taken the port says what they are called.
    """
    prefix = f"{vendor.upper()}_"
    checked: dict[str, str] = {}
    for name, value in variables.items():
        if _NAME.fullmatch(name) is None or not name.startswith(prefix) or not isinstance(value, str):
            raise Refused(f"{name!r} is no variable of {vendor}, so this is no emulator that should be trusted")
        checked[name] = value
    return checked


def _lines(variables: Mapping[str, str], form: str) -> list[str]:
    if form == "json":
        return [json.dumps(variables)]
    if form == "shell":
        return [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    return [f"{name}={_quoted(value)}" for name, value in variables.items()]


def _quoted(value: str) -> str:
    """As the readers of .env files agree on: bare, else in single quotes, which most take literally."""
    if _PLAIN.fullmatch(value):
        return value
    if "'" not in value and "\\" not in value and "\n" not in value:
        return f"'{value}'"
    return '"' + _SPECIAL.sub(r"\\\g<0>", value).replace("\n", "\\n") + '"'
