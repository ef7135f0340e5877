"""Settings as code gives them, and as the command takes them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from emulator.core.errors import UserError
from emulator.settings import DEFAULTS, TABLE, Setting, Settings, flag, read_settings


def settings_of(values: Mapping[str, Any]) -> Settings:
    """Settings from code: texts as flags take them, numbers, switches, and lists or objects where many may be given.

    Raises UserError.
    """
    unknown = next((name for name in values if name not in TABLE), None)
    if unknown is not None:
        close = get_close_matches(unknown, TABLE, n=1)
        raise UserError(f"{unknown}: is no setting{f'; did you mean {close[0]}?' if close else ''}")
    return read_settings({name: _as_flag(TABLE[name], value) for name, value in values.items()}, {})


def arguments_of(settings: Settings) -> list[str]:
    """The flags of `emulator start` that give these settings; secrets are left out, because others can read them."""
    flags: list[str] = []
    for name, setting in TABLE.items():
        value = getattr(settings, name)
        if value == DEFAULTS[name] or setting.secret:
            continue
        if setting.switch:
            flags.append(flag(name))
        else:
            flags += [f"{flag(name)}={setting.written(each)}" for each in (value if setting.many else [value])]
    return flags


def _as_flag(setting: Setting, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value or None
    if not setting.many:
        return str(value)
    if isinstance(value, Mapping):
        return [f"{key}={_plain(each)}" for key, each in value.items()]
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
