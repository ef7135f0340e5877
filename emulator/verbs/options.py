"""What verbs have in common: flags that may stand before or after the verb, and the emulator that they speak to."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from emulator.client.address import DEFAULT_URL, DEFAULT_WORLD
from emulator.core.errors import UserError
from emulator.settings import DEFAULTS, TABLE, flag, read_settings, variable
from emulator.verbs.result import Result

if TYPE_CHECKING:
    from emulator.client import ControlClient

Run = Callable[[argparse.Namespace], Result]

_PREFIX = "EMULATOR_"
CLIENT_VARIABLES = ("EMULATOR_URL", "EMULATOR_CA")
_FOR_CLIENTS = ("url", "world", "token", "ca")
# A service called `emulator` brings these along in Kubernetes and with Docker's links.
_INJECTED = re.compile(r"SERVICE_(HOST|PORT).*|PORT_\d+_.*|NAME|ENV_.*")


class Misused(UserError):
    """Arguments that the parser does not understand."""

    def __init__(self, command: str, text: str) -> None:
        super().__init__(text)
        self.command = command


class Parser(argparse.ArgumentParser):
    """Raises Misused, where argparse prints and exits; and it can be looked at."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.verbs: dict[str, Parser] = {}

    @property
    def arguments(self) -> list[argparse.Action]:
        """Those of a verb, or of the command before it."""
        return list(self._actions)

    def error(self, message: str) -> NoReturn:
        raise Misused(self.prog, f"{message}; see {self.prog} --help")


class Verbs:
    """The verbs of a command, in the order in which they were added."""

    def __init__(self, command: Parser) -> None:
        add_common_flags(command, talks=True)
        self._by_name = command.verbs
        self._parsers = command.add_subparsers(required=True, metavar="VERB", dest="verb_name", parser_class=Parser)

    def add(self, name: str, about: str, verb: Run, *, talks: bool = True) -> Parser:
        """A verb that talks to a running emulator, or does not; the parser is for its own arguments."""
        parser = self._parsers.add_parser(name, help=about, description=f"{about[:1].upper()}{about[1:]}.")
        add_common_flags(parser, talks=talks)
        parser.set_defaults(verb=verb, talks=talks)
        self._by_name[name] = parser
        return parser


def add_common_flags(parser: Parser, *, talks: bool) -> None:
    """`complete` knows the defaults: one here would win over what stands before the verb."""

    def add(name: str, about: str, **more: Any) -> None:
        parser.add_argument(name, default=argparse.SUPPRESS, help=about, **more)

    add("--json", "print JSON; errors, too", action="store_true")
    if talks:
        add("--url", f"where the emulator runs [EMULATOR_URL, default {DEFAULT_URL}]", metavar="URL")
        add("--world", f"which world [default {DEFAULT_WORLD}]", metavar="NAME")
        add("--token", "of the control plane, if it has one [EMULATOR_CONTROL_TOKEN]", metavar="TOKEN")
        add("--ca", "certificate of the authority to trust for https [EMULATOR_CA]", metavar="FILE")


def add_start_flags(parser: Parser) -> None:
    """The settings of a start, one flag each."""
    for name, setting in TABLE.items():
        default = DEFAULTS[name]
        text = f"{setting.about} [{variable(name)}" + (f", default {default}]" if default not in (None, ()) else "]")
        text = text.replace("%", "%%")
        if setting.switch:
            parser.add_argument(flag(name), action="store_true", default=None, help=text)
        else:
            action = "append" if setting.many else "store"
            parser.add_argument(flag(name), action=action, metavar=name.upper(), help=text)


def complete(given: argparse.Namespace, environment: Mapping[str, str]) -> None:
    """Fill in what was not given. Raises UserError."""
    named = [name for name in _FOR_CLIENTS if hasattr(given, name)]
    if not given.talks:
        if named:
            raise UserError(f"{given.verb_name}: leave --{named[0]} out; it asks no running emulator")
        return
    given.url = getattr(given, "url", None) or environment.get("EMULATOR_URL") or address(environment)
    given.world = getattr(given, "world", DEFAULT_WORLD)
    given.token = getattr(given, "token", None) or environment.get("EMULATOR_CONTROL_TOKEN")
    given.ca = getattr(given, "ca", None) or environment.get("EMULATOR_CA") or _own_ca(environment)


def client(given: argparse.Namespace, *, insecure: bool = False) -> ControlClient:
    """Of the emulator that is spoken to; `insecure` trusts anybody. Raises UserError."""
    # Imported here because a start does not need it.
    from emulator.client import ControlClient

    return ControlClient(given.url, given.world, given.token, ca=given.ca, insecure=insecure)


def call(given: argparse.Namespace, method: str, path: str, body: object = None) -> Any:
    """The JSON answer of the emulator that is spoken to. Raises UserError, Refused and Unreachable."""
    return client(given).call(method, path, body)


def address(environment: Mapping[str, str]) -> str:
    """Where `emulator start` listens with the same environment, seen from this machine. Raises UserError."""
    names = ("host", "port", "tls", "tls_directory")
    settings = read_settings({}, {variable(name): environment.get(variable(name), "") for name in names})
    if settings.port == 0:
        raise UserError("EMULATOR_PORT is 0, which names no port; say with --url where the emulator runs")
    return settings.url()


def _own_ca(environment: Mapping[str, str]) -> str | None:
    """The certificate of the authority that an emulator with the same environment has made."""
    directory = environment.get("EMULATOR_TLS_DIRECTORY")
    path = Path(directory, "ca.pem") if directory else None
    return str(path) if path is not None and path.is_file() else None


def unknown_variables(environment: Mapping[str, str]) -> Iterator[str]:
    """What to say of variables that look like ours and are not."""
    known = [each.removeprefix(_PREFIX) for each in (*map(variable, TABLE), *CLIENT_VARIABLES)]
    for name in sorted(environment):
        rest = name.removeprefix(_PREFIX)
        if name != rest and rest not in known and _INJECTED.fullmatch(rest) is None:
            close = get_close_matches(rest, known, n=1)
            yield f"{name} is no variable of the emulator" + (f"; did you mean {_PREFIX}{close[0]}?" if close else "")
