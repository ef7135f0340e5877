"""A search of everything that a world holds or shows."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from msgspec import Raw, Struct
from starlette.testclient import TestClient

from tests.emma.importing import IMPORTS
from tests.emma.support import FIELDS, GROUPS, MEMBERS, ok
from tests.support import world_of

_CODE = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)


def traces(client: TestClient, *spellings: str) -> list[str]:
    """Where the default world mentions one of these: texts that its objects hold, and answers that show it."""
    texts = [*texts_in(world_of(client)), *shown(client)]
    return [text[:200] for text in texts if any(spelling.lower() in text.lower() for spelling in spellings)]


def texts_in(thing: object) -> Iterator[str]:
    """All texts and bytes that can be reached from an object."""
    seen: dict[int, object] = {}
    waiting: list[Any] = [thing]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, _CODE):
            continue
        seen[id(each)] = each
        if isinstance(each, str):
            yield each
        elif isinstance(each, bytes | bytearray | Raw):
            yield bytes(each).decode("latin-1")
        elif isinstance(each, dict):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple | set | frozenset | deque):
            waiting += each
        else:
            waiting += _attributes(each)


def _attributes(thing: object) -> list[object]:
    names = list(getattr(thing, "__dict__", ()))
    if isinstance(thing, Struct):
        names += thing.__struct_fields__
    for kind in type(thing).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        names += [slots] if isinstance(slots, str) else slots
    return [getattr(thing, name) for name in names if hasattr(thing, name)]


def shown(client: TestClient) -> Iterator[str]:
    """What the API and the control plane print of account 100, all of it; the journal last."""
    for path in (f"{MEMBERS}?deleted=true", f"{GROUPS}?group_types=all", f"{FIELDS}?deleted=true", IMPORTS):
        yield from _pages(client, path)
    for member_id in [each["member_id"] for each in ok(client.get(f"{MEMBERS}?deleted=true"))]:
        for path in ("?deleted=true", "/mailings", "/optout", "/groups"):
            yield client.get(f"{MEMBERS}/{member_id}{path}").text
    for group_id in [each["member_group_id"] for each in ok(client.get(f"{GROUPS}?group_types=all"))]:
        yield from _pages(client, f"{GROUPS}/{group_id}/members?deleted=true")
    for import_id in [each["import_id"] for each in ok(client.get(IMPORTS))]:
        yield client.get(f"{IMPORTS}/{import_id}").text
        yield from _pages(client, f"{IMPORTS}/{import_id}/members?all=true")
    for path in ("jobs", "mail", "worlds", "behaviours", "clock", "journal?limit=99999999"):
        yield client.get(f"/_emulator/{path}").text


def _pages(client: TestClient, path: str) -> Iterator[str]:
    start = 0
    while (answer := client.get(f"{path}{'&' if '?' in path else '?'}start={start}")).text != "[]":
        assert answer.status_code == 200, answer.text
        yield answer.text
        start += 500
