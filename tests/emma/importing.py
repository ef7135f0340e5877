"""What tests say of imports and other jobs."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.emma.support import GROUPS, MEMBERS, advance, ok

IMPORTS = f"{MEMBERS}/imports"
LONG_ENOUGH = 60  # seconds, for any import of these tests


def begin(client: TestClient, *rows: Any, **more: Any) -> int:
    """The id of an import that has not begun."""
    import_id: int = ok(client.post(MEMBERS, json={"members": rows, **more}))["import_id"]
    return import_id


def detail(client: TestClient, import_id: int) -> dict[str, Any]:
    result: dict[str, Any] = ok(client.get(f"{IMPORTS}/{import_id}"))
    return result


def imported(client: TestClient, *rows: Any, **more: Any) -> dict[str, Any]:
    """The detail of an import that is done."""
    import_id = begin(client, *rows, **more)
    advance(client, LONG_ENOUGH)
    return detail(client, import_id)


def numbers(answer: dict[str, Any]) -> dict[str, int]:
    """The counters of an import that are not zero."""
    return {
        key.removeprefix("num_"): value
        for key, value in answer.items()
        if key.startswith("num_") and isinstance(value, int) and value
    }


def changes(client: TestClient, import_id: int, **query: Any) -> list[tuple[str, str]]:
    """Addresses and change types of the members that an import affected."""
    rows = ok(client.get(f"{IMPORTS}/{import_id}/members", params=query))
    return [(row["email"], row["change_type"]) for row in rows]


def in_group(client: TestClient, group_id: int, **query: Any) -> list[str]:
    """The addresses of a group's members."""
    return [each["email"] for each in ok(client.get(f"{GROUPS}/{group_id}/members", params=query))]


def jobs(client: TestClient) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = ok(client.get("/_emulator/jobs"))["jobs"]
    return result


def people(count: int, start: int = 0) -> list[dict[str, str]]:
    """Rows of an import."""
    return [{"email": f"m{number}@shop.test"} for number in range(start, start + count)]


def choices(*pairs: tuple[str, Any]) -> pytest.MarkDecorator:
    """A test for each choice, with what it leads to."""
    return pytest.mark.parametrize(("choice", "wanted"), pairs)
