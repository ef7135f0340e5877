"""The settings of a start, as one table: flag, environment variable, default, meaning."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from emulator.core.behaviours import read_choice
from emulator.core.clock import parse_instant
from emulator.core.errors import UserError

if TYPE_CHECKING:
    from emulator.core.webhooks.reach import Allowed

LEAST_TOKEN = 16  # characters
_HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?")


def _host(text: str) -> str:
    """As it is listened on: a URL has brackets around an IPv6 address."""
    return text[1:-1] if text.startswith("[") and text.endswith("]") else text


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65535:
        raise ValueError
    return value


def _clock(text: str) -> dict[str, str]:
    mode, _, at = text.partition(":")
    if mode not in ("real", "frozen", "shifted") or (mode == "real" and at):
        raise ValueError
    if at:
        parse_instant(at)
    return {"mode": mode, "at": at} if at else {"mode": mode}


def _store(text: str) -> str | None:
    kind, _, directory = text.partition(":")
    if text == "memory":
        return None
    if kind != "tinydb" or not directory:
        raise ValueError
    return directory


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError
        return text

    return read


def _token(text: str) -> str:
    if len(text) < LEAST_TOKEN or not all("!" <= character <= "~" for character in text):
        raise ValueError
    return text


def _host_name(text: str) -> str:
    if _HOST_NAME.fullmatch(text) is None:
        raise ValueError
    return text.lower()


def _target(text: str) -> Allowed:
    # Imported here because nothing else that reads settings needs it.
    from emulator.core.webhooks.reach import read_allowed

    return read_allowed(text)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens on this address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _yes_or_no(text: str) -> bool:
    return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]


@dataclass(frozen=True, slots=True)
class Setting:
    """How one setting is read and explained. `many` may be repeated, or separated by commas in the environment."""

    about: str
    read: Callable[[str], Any]
    wanted: str
    many: bool = False
    switch: bool = False
    secret: bool = False
    written: Callable[[Any], str] = str
    """The opposite of `read`."""


def _setting(default: Any, about: str, read: Callable[[str], Any], wanted: str, **more: Any) -> Any:
    metadata = {"setting": Setting(about, read, wanted, **more)}
    if isinstance(default, dict | tuple):
        return field(default_factory=lambda: default, metadata=metadata)
    return field(default=default, metadata=metadata, repr=not more.get("secret"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `emulator start` and `create_app` can be told."""

    host: str = _setting("127.0.0.1", "Address to listen on.", _host, "an address")
    port: int = _setting(8025, "Port to listen on; 0 takes a free one.", _port, "a number from 0 to 65535")
    scenario: tuple[str, ...] = _setting(
        (),
        "Built-in scenario or file that worlds start with; may be repeated. Without it, the emulator.yaml of the "
        "working directory, if there is one.",
        str,
        "a name or file",
        many=True,
    )
    scenario_folder: str | None = _setting(
        None,
        "Folder whose .yaml, .yml and .json files can be loaded by name, like the scenarios that come along.",
        str,
        "a folder",
    )
    store: str | None = _setting(
        None,
        "memory (the default), or tinydb:DIRECTORY to keep worlds there for the next start.",
        _store,
        "memory or tinydb:DIRECTORY",
        written="tinydb:{}".format,
    )
    accounts: str = _setting(
        "open",
        "open: any account exists on first use, for any credentials; closed: only those that a scenario declares.",
        _one_of("open", "closed"),
        "open or closed",
    )
    behaviour: tuple[tuple[str, str], ...] = _setting(
        (), "ID=CHOICE of a behaviour; may be repeated.", read_choice, "ID=CHOICE", many=True, written="=".join
    )
    clock: dict[str, str] | None = _setting(
        None,
        "real, frozen, frozen:INSTANT or shifted:INSTANT, for every world.",
        _clock,
        "real, frozen or shifted, the latter two with an instant if wanted (frozen:2024-05-01T12:00:00Z)",
        written=lambda clock: ":".join(clock.values()),
    )
    max_worlds: int = _setting(1000, "Most worlds at a time.", _count, "a number from 1")
    max_body: int = _setting(10 * 1024 * 1024, "Largest request body, in bytes.", _count, "a number from 1")
    journal_entries: int = _setting(10_000, "Most journal entries of a world.", _count, "a number from 1")
    journal_bytes: int = _setting(16 * 1024 * 1024, "Most bytes of a world's journal.", _count, "a number from 1")
    webhooks_anywhere: bool = _setting(
        False,
        "Send webhooks to other machines, too; without it they reach receivers on this machine only, and none at all "
        "with a --host that others can reach.",
        _yes_or_no,
        "true or false",
        switch=True,
    )
    webhook_target: tuple[Allowed, ...] = _setting(
        (),
        "HOST or HOST:PORT that webhooks may reach in any case, by the name that the webhook has; may be repeated.",
        _target,
        "HOST or HOST:PORT, a name or an address (IPv6 in brackets)",
        many=True,
    )
    ready_file: str | None = _setting(
        None, "File that appears, with the base URL in it, when the emulator is ready.", str, "a path"
    )
    access_log: bool = _setting(
        False, "Write a line to the log for each request.", _yes_or_no, "true or false", switch=True
    )
    control_token: str | None = _setting(
        None,
        "Secret that control requests must bring, so that --host may be one that others can reach.",
        _token,
        f"{LEAST_TOKEN} or more visible ASCII characters",
        secret=True,
    )
    allowed_host: tuple[str, ...] = _setting(
        (),
        "Further name by which control requests without a token, and pages of browsers, may call it; may be repeated.",
        _host_name,
        "a host name without port",
        many=True,
    )
    insecure_control: bool = _setting(
        False,
        "Allow a --host that others can reach without a token, although anyone there can then use the control plane.",
        _yes_or_no,
        "true or false",
        switch=True,
    )
    tls: bool = _setting(
        False,
        "Speak HTTPS, with a certificate for the vendors' host names from a CA that is made for this start.",
        _yes_or_no,
        "true or false",
        switch=True,
    )
    tls_directory: str | None = _setting(
        None, "Keep the CA there and use it again at the next start; implies --tls.", str, "a path"
    )

    @property
    def speaks_tls(self) -> bool:
        return self.tls or self.tls_directory is not None

    def url(self, port: int | None = None) -> str:
        """The address that clients on this machine use; `port` is the one that a start has got."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104 - not bound
        shown = f"[{host}]" if ":" in host else host
        return f"{'https' if self.speaks_tls else 'http'}://{shown}:{self.port if port is None else port}"


TABLE: Mapping[str, Setting] = {each.name: each.metadata["setting"] for each in fields(Settings)}
DEFAULTS: Mapping[str, Any] = {each.name: getattr(Settings(), each.name) for each in fields(Settings)}


def flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def variable(name: str) -> str:
    return "EMULATOR_" + name.upper()


def read_settings(flags: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """Settings from flags (texts, lists of texts or True) and, where a flag is not given, the environment, in which
    an empty variable is as good as none.

    Raises UserError.
    """
    values: dict[str, Any] = {}
    for name, setting in TABLE.items():
        given = flags.get(name)
        if given is not None and given != []:
            values[name] = _read(setting, given, flag(name))
        elif text := environment.get(variable(name)):
            parts = [part.strip() for part in text.split(",") if part.strip()] if setting.many else text
            values[name] = _read(setting, parts, variable(name))
    return Settings(**values)


def _read(setting: Setting, given: Any, where: str) -> Any:
    if setting.many:
        return tuple(_read_one(setting, each, where) for each in given)
    return given if isinstance(given, bool) else _read_one(setting, given, where)


def _read_one(setting: Setting, text: str, where: str) -> Any:
    try:
        return setting.read(text)
    except UserError as error:
        raise UserError(f"{where}: {error}") from None
    except (ValueError, KeyError):
        given = "what is given" if setting.secret else repr(text)
        raise UserError(f"{where}: {given} is not valid; give {setting.wanted}") from None
