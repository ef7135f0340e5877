"""`emulator env`: what a client must be told, as environment variables."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from emulator.client import Refused
from emulator.verbs.options import Verbs, call
from emulator.verbs.result import Result

ALL = "all"
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
        variables |= vendor["variables"]
    if given.url.lower().startswith("https:") and given.ca is not None:
        from emulator.serving.trust import trust_environment  # here, because most emulators speak plain HTTP

        variables |= trust_environment(Path(given.ca).absolute())
    return Result(variables, _lines(variables, given.format))


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
